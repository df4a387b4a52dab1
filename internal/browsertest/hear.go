package browsertest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Request is one request that the tab has made.
type Request struct {
	Method string
	URL    string
	Kind   string // Document, Stylesheet, Script, Image, Font, Fetch…
	Status int    // 0 while there is no answer
	Bytes  int64  // what came over the wire, headers and compressed body

	id network.RequestID
}

// Origin gives scheme, host and port of the request.
func (r Request) Origin() string {
	parsed, err := url.Parse(r.URL)
	if err != nil {
		return r.URL
	}
	return parsed.Scheme + "://" + parsed.Host
}

// heard is what the browser has told about a tab since it was opened or since
// the last Forget.
type heard struct {
	requests []Request
	troubles []string

	loading bool      // the page is being loaded
	moved   time.Time // when the browser last spoke of loading
	status  int       // of the page itself
}

// hear notes an event. It runs on the browser's goroutine and must be quick.
func (tab *Tab) hear(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	h := &tab.heard
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.RedirectResponse != nil {
			h.answered(e.RequestID, e.RedirectResponse.Status, e.RedirectResponse.EncodedDataLength)
		}
		h.requests = append(h.requests, Request{
			id: e.RequestID, Method: e.Request.Method, URL: e.Request.URL, Kind: string(e.Type)})
	case *network.EventResponseReceived:
		h.answered(e.RequestID, e.Response.Status, 0)
		if e.Type == network.ResourceTypeDocument {
			h.status = int(e.Response.Status)
		}
	case *network.EventLoadingFinished:
		h.answered(e.RequestID, 0, e.EncodedDataLength)

	case *page.EventFrameRequestedNavigation, *page.EventFrameStartedNavigating:
		h.moved = time.Now()
	case *page.EventFrameStartedLoading:
		h.loading, h.moved = true, time.Now()
	case *page.EventFrameStoppedLoading:
		h.loading, h.moved = false, time.Now()

	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			h.trouble("console: %s", spoken(e.Args))
		}
	case *runtime.EventExceptionThrown:
		h.trouble("script: %s", thrown(e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			h.trouble("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

// answered adds what is known of the latest request with this id.
func (h *heard) answered(id network.RequestID, status int64, bytes float64) {
	for i := len(h.requests) - 1; i >= 0; i-- {
		if h.requests[i].id != id {
			continue
		}
		if status != 0 {
			h.requests[i].Status = int(status)
		}
		h.requests[i].Bytes += int64(bytes)
		return
	}
}

func (h *heard) trouble(format string, args ...any) {
	h.troubles = append(h.troubles, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

// spoken joins what a script said to the console.
func spoken(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		var text string
		switch {
		case arg.Description != "":
			text = arg.Description
		case json.Unmarshal(arg.Value, &text) != nil: // not a string: as it is written
			text = string(arg.Value)
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// thrown says what a script threw.
func thrown(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return details.Text
}
