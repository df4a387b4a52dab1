package calendar

import (
	"net/url"
	"strings"
	"time"
)

// maxDetails bounds the description in a link: in other scripts than Latin
// every character becomes up to twelve in an address.
const maxDetails = 500

// GoogleLink gives an address that opens Google's calendar with the event
// filled in. It holds the event's own words and times and nothing else: no
// UID, so what is added there is a copy that later changes do not reach.
func GoogleLink(e Event) string {
	const layout = "20060102T150405Z"
	return link("https://calendar.google.com/calendar/render", url.Values{
		"action":   {"TEMPLATE"},
		"text":     {cleanLine(e.Summary, maxSummary)},
		"dates":    {e.Start.UTC().Format(layout) + "/" + e.End.UTC().Format(layout)},
		"details":  {details(e)},
		"location": {cleanPlace(e.Location)},
	})
}

// OutlookLink is GoogleLink for Outlook on the web. It leaves out the "path"
// that is often seen in such addresses: with it Outlook shows every space as
// a plus.
func OutlookLink(e Event) string {
	return link("https://outlook.live.com/calendar/0/action/compose", url.Values{
		"rru":      {"addevent"},
		"allday":   {"false"},
		"subject":  {cleanLine(e.Summary, maxSummary)},
		"startdt":  {e.Start.UTC().Format(time.RFC3339)},
		"enddt":    {e.End.UTC().Format(time.RFC3339)},
		"body":     {details(e)},
		"location": {cleanPlace(e.Location)},
	})
}

// details is the description, with the event's address below it where it does
// not already stand somewhere: neither calendar has a field for one.
func details(e Event) string {
	text, address := cleanText(e.Description, maxDetails), cleanURL(e.URL)
	if address == "" || strings.Contains(e.Description, e.URL) || strings.Contains(e.Location, e.URL) {
		return text
	}
	return strings.TrimSpace(text + "\n\n" + address)
}

// link writes a space as %20, which everybody reads, and leaves out what is
// empty.
func link(base string, fields url.Values) string {
	for name, values := range fields {
		if values[0] == "" {
			fields.Del(name)
		}
	}
	return base + "?" + strings.ReplaceAll(fields.Encode(), "+", "%20")
}
