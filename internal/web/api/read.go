package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
)

// unread is a request that cannot be read as what the interface takes, as
// opposed to a value that was read and cannot be used.
type unread struct {
	error
	status int
}

func badRequest(say string) error {
	return unread{fault.New(fault.Invalid, say), http.StatusBadRequest}
}

// fields are what a body may hold: texts, each under exactly this name.
type fields map[string]*string

// read takes the JSON body into its fields: one object, of known names only,
// each once. It is stricter than encoding/json, which takes "STATUS" for
// "status" and the last of two fields of one name: two programs that read the
// same body differently are how a check is passed with one value and the act
// done with another. A null is a field left out.
func read(c *gin.Context, in fields) error {
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return badRequest("The body broke off on its way.")
	}
	return in.take(c.GetHeader("Content-Type"), body)
}

// readOptional is read for an act that needs no body at all.
func readOptional(c *gin.Context, in fields) error {
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return badRequest("The body broke off on its way.")
	}
	if len(body) == 0 {
		return nil
	}
	return in.take(c.GetHeader("Content-Type"), body)
}

func (in fields) take(contentType string, body []byte) error {
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind != "application/json" {
		return unread{fault.New(fault.Invalid, "Send a JSON object with Content-Type: application/json."), http.StatusUnsupportedMediaType}
	}
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return badRequest("The body is empty; send a JSON object.")
	case !utf8.Valid(body):
		return badRequest("The body is not UTF-8.")
	case !json.Valid(body):
		return badRequest("The body is not one valid JSON object.")
	}
	// The whole is valid, so from here on only its meaning can be wrong.
	from := json.NewDecoder(bytes.NewReader(body))
	if first, err := from.Token(); err != nil || first != json.Delim('{') {
		return badRequest("Send a JSON object.")
	}
	seen := make(map[string]bool, len(in))
	for from.More() {
		if err := in.takeOne(from, seen); err != nil {
			return err
		}
	}
	return nil
}

// takeOne reads one name and its value.
func (in fields) takeOne(from *json.Decoder, seen map[string]bool) error {
	token, err := from.Token()
	name, isName := token.(string)
	if err != nil || !isName {
		return badRequest("The body is not one valid JSON object.")
	}
	field, known := in[name]
	switch {
	case !known:
		return badRequest(unknownField(name))
	case seen[name]:
		return badRequest(fmt.Sprintf("The field %q comes twice.", name))
	}
	seen[name] = true
	err = from.Decode(&field) // null leaves what field points to as it is
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return badRequest(fmt.Sprintf("The field %q is of the wrong type; it takes a text.", name))
	}
	if err != nil {
		return badRequest("The body is not one valid JSON object.")
	}
	return nil
}

// unknownField repeats a name that is short enough to be one.
func unknownField(name string) string {
	if utf8.RuneCountInString(name) > 40 {
		return "There is a field in the body that is not known here."
	}
	return fmt.Sprintf("There is no field named %q.", name)
}
