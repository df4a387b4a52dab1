package booking_test

import (
	"strings"
	"testing"

	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
)

func TestASampleOfEachLetterIsWordedAsThePracticeIs(t *testing.T) {
	h := newHouse(t)
	basics := practice.Basics{Name: "Infidelity Recovery", DiscreetName: "Room 4", Timezone: "Europe/London", Email: "hello@example.org"}
	coach := people.Coach{ID: "00000000-0000-4000-8000-00000000000a", Name: "Mara Lind", Email: "mara@example.org", Timezone: "Europe/Paris", MeetingURL: "https://meet.example.org/mara"}
	samples, err := h.Samples(basics, coach, h.now)
	h.must(err)
	kinds := map[string]bool{}
	for _, s := range samples {
		kinds[s.Kind] = true
		text, html, err := mail.Render(s.Composed.Letter)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(s.Composed.Letter.Subject, "Room 4: ") || strings.Contains(text+html, "Infidelity") {
			t.Errorf("%s: %s", s.Kind, s.Composed.Letter.Subject)
		}
		if !s.ToCoach && strings.Contains(text, "Mara") || s.ToCoach != (s.Composed.To.Email == coach.Email) {
			t.Errorf("%s goes to %v", s.Kind, s.Composed.To)
		}
	}
	for kind := range h.Composers() {
		if !kinds[kind] && !strings.HasPrefix(kind, "call-reminder-") {
			t.Errorf("there is no sample of %s", kind)
		}
	}
}
