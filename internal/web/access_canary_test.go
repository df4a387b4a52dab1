package web_test

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/mail"
)

// entitled says who may see a canary on which routes; a route of "" is any.
// What is not here is seen by nobody.
var entitled = map[string]map[string][]string{
	// Only the coach they wrote to, where it is asked for by an act on record.
	wordsCanary: {"coach": {"POST /desk/bookings/:id/words", "POST /bookings/:token/words", "POST /desk/people/:id/export"}},
	phoneCanary: {"coach": {""}, "owner": {""}, "stale": {""}, "prospect": {"/bookings/:token"}},
	mailCanary:  {"coach": {""}, "owner": {""}, "stale": {""}, "assistant": {"/desk/people"}},
	nameCanary:  {"coach": {""}, "owner": {""}, "stale": {""}, "assistant": {""}},
	// Hours and money: all of the practice who look after the person.
	officeCanary: {"coach": {"/desk/people"}, "owner": {"/desk/people"}, "stale": {"/desk/people"}, "assistant": {"/desk/people"}},
	labelCanary:  {"coach": {"/desk/blocks/", "/desk/schedule", "/desk/hours/:coach/why"}},
}

// holds reports whether a text holds a canary, however it is written.
func holds(text, canary string) bool {
	if canary == phoneCanary {
		text = strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(text)
	}
	return strings.Contains(strings.ToLower(text), strings.ToLower(canary))
}

// hides fails when an answer shows somebody what is not for them.
func (w *watcher) hides(t *testing.T, row accessRow, who string, got answer) {
	t.Helper()
	text := got.body + fmt.Sprint(got.header)
	for canary, seen := range entitled {
		if !holds(text, canary) {
			continue
		}
		w.shown[canary+" to "+who] = true
		if slices.ContainsFunc(seen[who], func(route string) bool {
			return strings.HasPrefix(row.route, route) || row.method+" "+row.route == route
		}) {
			continue
		}
		at := strings.Index(strings.ToLower(text), strings.ToLower(canary))
		t.Errorf("%s shows %s to %s: …%.160s…", row, canary, who, text[max(0, at-80):])
	}
}

// afterwards looks for the canaries where nobody asked: in letters, in the log,
// and, of what is sealed, in every table.
func (w *watcher) afterwards(t *testing.T) {
	t.Helper()
	w.t = t
	// A test that looks for what is never there proves nothing.
	for canary, seen := range entitled {
		for who := range seen {
			if !w.shown[canary+" to "+who] {
				t.Errorf("%s was never shown to %s, who may see it", canary, who)
			}
		}
	}
	secret := []string{wordsCanary, officeCanary, labelCanary}
	// The person finds their own address in the invitation; the coach the name,
	// and the number where they are to call.
	toPerson, toCoach := w.everyLetter()
	for _, look := range []struct {
		letters []string
		never   []string
	}{{toPerson, append(secret, phoneCanary, nameCanary)}, {toCoach, append(secret, mailCanary)}} {
		if len(look.letters) < 30 {
			t.Errorf("only %d letters were looked at", len(look.letters))
		}
		for _, letter := range look.letters {
			for _, canary := range look.never {
				if holds(letter, canary) {
					t.Errorf("a letter holds %s:\n%.400s", canary, letter)
				}
			}
		}
	}
	book := w.whole.log.String()
	if len(book) < 1000 {
		t.Error("the log is empty")
	}
	for _, canary := range append(secret, phoneCanary, mailCanary, nameCanary, w.booking.LinkFor(w.sams["meet"], "coach")) {
		if holds(book, canary) {
			at := strings.Index(strings.ToLower(book), strings.ToLower(canary))
			t.Errorf("the log holds %s: %.300s", canary, book[max(0, at-150):])
		}
	}
	for _, table := range w.tables {
		for _, canary := range []string{wordsCanary, officeCanary} {
			for _, way := range []string{canary, strings.ToLower(canary), hex.EncodeToString([]byte(canary)), hex.EncodeToString([]byte(strings.ToLower(canary)))} {
				if n := w.count(`select count(*) from `+table+` t where strpos(t::text, $1) > 0`, way); n > 0 {
					t.Errorf("%d rows of %s hold %s in plain", n, table, way)
				}
			}
		}
		// Whom it is about is in an audit line as an id, and in a job as nothing.
		if table == "audit" || table == "job" || table == "letter" || table == "operation" {
			for _, canary := range []string{nameCanary, mailCanary, phoneCanary} {
				if n := w.count(`select count(*) from `+table+` t where strpos(replace(t::text, ' ', ''), $1) > 0`, canary); n > 0 {
					t.Errorf("%d rows of %s hold %s", n, table, canary)
				}
			}
		}
	}
}

// everyLetter writes all letters that were ever queued, as they would leave
// now, with what hangs on them, to people and to coaches.
func (w *watcher) everyLetter() (toPerson, toCoach []string) {
	w.t.Helper()
	var queued []mail.Queued
	w.must(w.db.Select(w.ctx, &queued, `select id, kind, about, change, recipient, stranger, not_before, made_at from letter order by kind, id`))
	composers := w.booking.Composers()
	maps.Copy(composers, w.first.login.Composers())
	maps.Copy(composers, w.first.engagement.Composers())
	maps.Copy(composers, w.first.intake.Composers())
	maps.Copy(composers, w.first.payment.Composers())
	maps.Copy(composers, w.first.intake.Composers())
	maps.Copy(composers, w.first.payment.Composers())
	w.turnTo(monday)
	coach := w.coach("noor").ID
	for _, q := range queued {
		q.Now = w.now()
		composed, err := composers[q.Kind](w.ctx, w.db, q)
		if err != nil {
			continue // no longer true
		}
		text, html, err := mail.Render(composed.Letter)
		w.must(err)
		whole := composed.Letter.Subject + "\n" + text + html
		if composed.Letter.Calendar != nil {
			whole += strings.ReplaceAll(string(composed.Letter.Calendar.Body), "\r\n ", "")
		}
		if q.Recipient == string(coach) {
			toCoach = append(toCoach, whole)
		} else {
			toPerson = append(toPerson, whole)
		}
	}
	return toPerson, toCoach
}
