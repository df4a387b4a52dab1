package outbound

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Problem is why nothing was fetched.
type Problem struct {
	// Class is one of the constants below; it may be stored and shown.
	Class string
	// Status is what the server answered, or 0.
	Status int
}

// The classes of problems.
const (
	Unreachable = "unreachable" // nothing answered, or we would not ask
	Refused     = "refused"     // 401, 403, 404, 410: the address is wrong or was revoked
	Troubled    = "troubled"    // any other answer that is none
	TooLarge    = "too large"
	CutShort    = "cut short" // the answer broke off, took too long or could not be unpacked
)

// Error is for the log. It never holds the address.
func (p *Problem) Error() string {
	if p.Status != 0 {
		return fmt.Sprintf("outside calendar: %s (status %d)", p.Class, p.Status)
	}
	return "outside calendar: " + p.Class
}

// ClassOf gives the class of an error of Get.
func ClassOf(err error) string {
	var p *Problem
	if errors.As(err, &p) {
		return p.Class
	}
	return Unreachable
}

func unreachable() error { return &Problem{Class: Unreachable} }

// answered is the problem with an answer that is not 200.
func answered(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return &Problem{Refused, status}
	}
	return &Problem{Troubled, status}
}

// read takes the body in and unpacks it, never more than MaxBody of either.
func read(response *http.Response) ([]byte, error) {
	body, err := bounded(response.Body)
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(response.Header.Get("Content-Encoding")) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, &Problem{Class: CutShort}
		}
		return bounded(unpacked)
	}
	return nil, &Problem{Class: CutShort}
}

func bounded(from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, MaxBody+1))
	switch {
	case len(body) > MaxBody:
		return nil, &Problem{Class: TooLarge}
	case err != nil:
		return nil, &Problem{Class: CutShort}
	}
	return body, nil
}
