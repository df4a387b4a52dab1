package stripefake

import "fmt"

// refusal is an error in Stripe's shape.
type refusal struct {
	status  int
	Type    string `json:"type"`
	Code    string `json:"code,omitempty"`
	Decline string `json:"decline_code,omitempty"`
	Param   string `json:"param,omitempty"`
	Message string `json:"message"`
	// begun is set where the work had begun: such an answer is kept under its
	// idempotency key, one about the parameters is not.
	begun bool
}

// invalid refuses a parameter.
func invalid(param, code, format string, args ...any) *refusal {
	return &refusal{status: 400, Type: "invalid_request_error", Code: code, Param: param, Message: fmt.Sprintf(format, args...)}
}

// cannot refuses an act that the state of things doesn't allow.
func cannot(code, format string, args ...any) *refusal {
	return &refusal{status: 400, Type: "invalid_request_error", Code: code, Message: fmt.Sprintf(format, args...), begun: true}
}

func unknown(param string) *refusal {
	return invalid(param, "parameter_unknown", "Received unknown parameter: %s", param)
}

func missing(param string) *refusal {
	return invalid(param, "parameter_missing", "Missing required param: %s.", param)
}

func tooLong(param, word string, letters int) *refusal {
	return invalid(param, "", "Invalid string: %.12s...; must be at most %d characters", word, letters)
}

// noSuch says that an object isn't there; the path's own is a 404, one that a
// parameter names a 400.
func noSuch(noun, id string) *refusal {
	return &refusal{status: 404, Type: "invalid_request_error", Code: "resource_missing", Param: "id", Message: fmt.Sprintf("No such %s: '%s'", noun, id)}
}

func noSuchParam(param, noun, id string) *refusal {
	return invalid(param, "resource_missing", "No such %s: '%s'", noun, id)
}
