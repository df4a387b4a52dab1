package page

import (
	"net/http"
	"sync"

	"kintsugi/internal/fault"
)

// refusal is the model of error.html: what is wrong, how to mend it.
type refusal struct {
	Heading string
	Say     string        // what went wrong
	Fields  []fault.Field // what to mend, where fields are known
	Mend    string        // what to do next
}

var refusalView = sync.OnceValue(func() View[refusal] { return Define[refusal]("error.html") })

// refusalOf words an error for the person who met it.
func refusalOf(status int, err error) refusal {
	heading, mend := wordsFor(status)
	model := refusal{Heading: heading, Say: fault.SayOf(err), Mend: mend}
	if said := fault.As(err); said != nil && !(len(said.Fields) == 1 && said.Fields[0].Say == said.Say) {
		model.Fields = said.Fields
	}
	return model
}

// wordsFor gives the heading of an error page and what to do next.
func wordsFor(status int) (heading, mend string) {
	switch status {
	case http.StatusNotFound:
		return "This page is not here", "The address may have a letter missing, or what was here is over. If it came in a mail, open it from there once more."
	case http.StatusUnauthorized:
		return "We need to know who you are", "Please sign in, then open this page again."
	case http.StatusForbidden:
		return "This is not open to you", "If you think it should be, write to your coach. Nothing has been changed."
	case http.StatusMethodNotAllowed:
		return "This page cannot do that", "Open it again from the beginning. Nothing has been changed."
	case http.StatusRequestEntityTooLarge:
		return "That was too long to take in", "Go back, shorten what you wrote and send it again. Nothing has been changed."
	case http.StatusConflict:
		return "Something changed in the meantime", "Go back and load the page again to see how things stand now."
	case http.StatusGone:
		return "This is over", "The link worked once and has ended. You can start again from the first page."
	case http.StatusTooManyRequests:
		return "Please wait a little", "This was asked for many times in a short while. It will work again soon; you need not do anything."
	case http.StatusServiceUnavailable:
		return "Not just now", "Wait a moment and load this page again. If you had sent a form, sending it once more is safe: nothing is done twice."
	}
	if status < http.StatusInternalServerError {
		return "We could not use that", "Go back: what you typed should still be there. Change what is named here and send it again."
	}
	return "Something went wrong on our side", "Wait a moment and load this page again. If you had sent a form, sending it once more is safe: nothing is done twice."
}
