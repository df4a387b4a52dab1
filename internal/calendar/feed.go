package calendar

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/emersion/go-ical"
)

// Feed writes a calendar to subscribe to. It has no METHOD and names nobody,
// and is valid when there are no events. Events are put in order of start and
// then UID, so that the order in which they were found changes no byte.
//
// It asks to be fetched once an hour. Apple listens; Google comes every 8 to
// 24 hours and Outlook on the web about every 3, whatever stands here, so a
// page that offers a feed says that changes may take up to a day.
func Feed(name string, events []Event) ([]byte, error) {
	head := []string{"REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"}
	if name = escape(cleanLine(name, maxName)); name != "" {
		head = append(head, "NAME:"+name, "X-WR-CALNAME:"+name)
	}
	ordered := slices.SortedStableFunc(slices.Values(events), func(a, b Event) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.UID, b.UID))
	})
	vevents := make([]*ical.Component, 0, len(ordered))
	for _, e := range ordered {
		if err := e.check(); err != nil {
			return nil, err
		}
		vevents = append(vevents, component(e))
	}
	return write(head, vevents...)
}

// ETag names a body by its content, quoted as the header wants it. It is a
// strong one: equal tags mean equal bytes.
func ETag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}
