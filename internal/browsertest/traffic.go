package browsertest

import (
	"net/url"
	"slices"
	"strings"
)

// Requests lists what the tab has asked for so far, redirects included.
func (tab *Tab) Requests() []Request {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.heard.requests)
}

// Elsewhere lists what the tab has asked of any other origin than the given
// address. What never leaves the page (data:, blob:) is no request.
func (tab *Tab) Elsewhere(home string) []string {
	parsed, err := url.Parse(home)
	if err != nil {
		tab.t.Fatalf("%q is no address: %v", home, err)
	}
	own := Request{URL: parsed.String()}.Origin()
	var foreign []string
	for _, request := range tab.Requests() {
		if request.Origin() != own && strings.Contains(request.URL, "://") {
			foreign = append(foreign, request.Method+" "+request.URL)
		}
	}
	return foreign
}

// Bytes adds up what came over the wire for the tab.
func (tab *Tab) Bytes() int64 {
	var sum int64
	for _, request := range tab.Requests() {
		sum += request.Bytes
	}
	return sum
}

// Troubles lists errors on the console, exceptions that nobody caught,
// violations of the content security policy, and files that did not load.
func (tab *Tab) Troubles() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.heard.troubles)
}

// Forget empties the lists of requests and troubles.
func (tab *Tab) Forget() {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.heard.requests, tab.heard.troubles = nil, nil
}

// Status gives the status of the page that was loaded last.
func (tab *Tab) Status() int {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return tab.heard.status
}
