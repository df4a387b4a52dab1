// Package fault says what went wrong in two sentences: one for the log, one
// that is safe to show to a person. It knows nothing of HTTP; only web turns a
// Kind into a number.
package fault

import (
	"errors"
	"fmt"
)

// Kind is the way in which something went wrong.
type Kind int

// The kinds of going wrong. Internal is the zero value, so that an error that
// nobody classified is never mistaken for a harmless one.
const (
	Internal        Kind = iota // our own mistake; the person can only try again
	Invalid                     // what was sent cannot be used; Fields say where
	Unauthenticated             // we do not know who asks
	Forbidden                   // we know who asks, and they may know that it exists
	NotFound                    // it is not there, or not theirs: the same answer
	Conflict                    // it was true when the page was made and is no longer
	Gone                        // it was here and is over
	TooMany                     // asked too often; RetryAfter says how long to wait
	Unavailable                 // something we need does not answer right now
)

// Field names one input that cannot be used and says how to mend it.
type Field struct {
	Name string
	Say  string
}

// Error is an error with a sentence that is safe to show.
type Error struct {
	Kind       Kind
	Say        string  // for people: whole sentences, no private words
	Slug       string  // a stable name for programs, such as "slot-taken"; may be empty
	Fields     []Field // the inputs to mend, in the order of the form
	RetryAfter int     // seconds; only with TooMany and Unavailable
	Err        error   // for the log; may be nil
}

// Error is the sentence for the log.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Say, e.Err)
	}
	return e.Say
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of a kind with a sentence for people.
func New(kind Kind, say string) *Error { return &Error{Kind: kind, Say: say} }

// Named is New with a stable slug for programs.
func Named(kind Kind, slug, say string) *Error { return &Error{Kind: kind, Slug: slug, Say: say} }

// Wrap gives a cause a kind and a sentence for people.
func Wrap(kind Kind, say string, err error) *Error { return &Error{Kind: kind, Say: say, Err: err} }

// InvalidField is an Invalid error about a single input.
func InvalidField(name, say string) *Error {
	return &Error{Kind: Invalid, Say: say, Fields: []Field{{Name: name, Say: say}}}
}

// KindOf gives the kind of an error; Internal when nobody gave it one.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// As finds the Error in a chain of errors, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// SayOf gives the sentence that is safe to show for any error.
func SayOf(err error) string {
	if e := As(err); e != nil && e.Say != "" {
		return e.Say
	}
	return "Something went wrong on our side. Nothing you did is lost; please try again in a moment."
}

// Is reports whether err is a fault with this slug.
func Is(err error, slug string) bool {
	e := As(err)
	return e != nil && e.Slug == slug
}
