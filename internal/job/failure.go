package job

import (
	"context"
	"errors"
	"fmt"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// failure is an error with a class: the only part of it that is stored.
type failure struct {
	class     string
	permanent bool
	err       error
}

// Error is the sentence for the log.
func (f *failure) Error() string { return f.err.Error() }

// Unwrap gives the cause.
func (f *failure) Unwrap() error { return f.err }

// Permanent says that trying again cannot help: the job is dead at once and
// waits for a person to look.
func Permanent(err error) error {
	return &failure{class: Class(err), permanent: true, err: err}
}

// Classed names the class of a failure, such as "smtp 451". The class is kept
// in the database and shown to the coach, so it holds no private word.
func Classed(class string, err error) error {
	var f *failure
	return &failure{class: class, permanent: errors.As(err, &f) && f.permanent, err: err}
}

// IsPermanent reports whether err says that trying again cannot help.
func IsPermanent(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.permanent
}

// Class gives the class of an error: its own, or what can be said of it
// without repeating its text.
func Class(err error) string {
	var f *failure
	if errors.As(err, &f) {
		return f.class
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "took too long"
	case errors.Is(err, context.Canceled):
		return "stopped"
	case pg.IsDown(err):
		return "database does not answer"
	}
	if e := fault.As(err); e != nil && e.Slug != "" {
		return e.Slug
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("error %T", err)
		}
		err = inner
	}
}
