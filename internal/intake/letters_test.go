package intake_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/intake"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// letters are what would go to somebody: the kind and when, on their clock.
func (c *couple) letters(to people.ID, zone string) (list []string) {
	c.t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		c.t.Fatal(err)
	}
	var rows []struct {
		Kind      string    `db:"kind"`
		NotBefore time.Time `db:"not_before"`
	}
	if err := pgtest.Owner(c.t).Select(c.ctx, &rows, `
		select kind, not_before from letter where recipient = $1 and kind like 'form-%' order by not_before, kind`, to); err != nil {
		c.t.Fatal(err)
	}
	for _, row := range rows {
		list = append(list, row.Kind+" "+row.NotBefore.In(loc).Format("2 Jan 15:04"))
	}
	return list
}

// compose writes a letter as the postman does at an instant.
func (c *couple) compose(kind string, to people.ID, about intake.ID, now time.Time) (*mail.Composed, error) {
	var letter *mail.Composed
	err := c.try(to, func(tx *pg.Tx) (err error) {
		letter, err = c.s.Composers()[kind](context.Background(), tx, mail.Queued{Kind: kind, About: string(about), Recipient: string(to), Now: now})
		return err
	})
	return letter, err
}

func TestAClientIsRemindedThreeTimesAtGrowingGapsAndNeverAtNight(t *testing.T) {
	c := newCouple(t)
	c.now = time.Date(2026, 12, 7, 22, 30, 0, 0, time.UTC)
	c.send("before", c.a)
	if got := strings.Join(c.letters(c.a, "Europe/London"), ", "); got !=
		"form-sent 8 Dec 09:00, form-reminder 11 Dec 09:00, form-reminder 18 Dec 09:00, form-reminder 1 Jan 09:00" {
		t.Errorf("%s", got)
	}
	c.in("", func(tx *pg.Tx) error {
		_, err := tx.Exec(c.ctx, `update person set timezone = 'Asia/Tokyo' where id = $1`, c.b)
		return err
	})
	c.send("before", c.b) // half past seven in the morning, there
	if got := strings.Join(c.letters(c.b, "Asia/Tokyo"), ", "); got !=
		"form-sent 8 Dec 09:00, form-reminder 11 Dec 09:00, form-reminder 18 Dec 09:00, form-reminder 1 Jan 09:00" {
		t.Errorf("%s", got)
	}
}

func TestALetterSaysOnlyThatThereIsSomething(t *testing.T) {
	c := newCouple(t)
	id := c.send("safety", c.a)[c.a]
	for _, kind := range []string{"form-sent", "form-reminder"} {
		l, err := c.compose(kind, c.a, id, c.now.Add(3*24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ToLower(l.Letter.Subject + strings.Join(l.Letter.Paragraphs, " ") + l.Letter.Preheader + l.Letter.Actions[0].URL)
		for _, word := range []string{"form", "safe", "question", "answer", "sam", "mara", "coach", string(id)} {
			if strings.Contains(text, word) {
				t.Errorf("%s says %q: %s", kind, word, text)
			}
		}
	}
}

func TestRemindersStop(t *testing.T) {
	later := func(c *couple) time.Time { return c.now.Add(3 * 24 * time.Hour) }
	for about, stop := range map[string]func(c *couple, id intake.ID){
		"once it was answered": func(c *couple, id intake.ID) { c.mustHandIn(c.a, id, "goal", "Peace") },
		"once it was taken back": func(c *couple, id intake.ID) {
			c.in(c.mara.ID, func(tx *pg.Tx) error { return c.s.Withdraw(c.ctx, tx, c.mara.ID, c.work, id, c.now) })
		},
		"once it has ended": func(c *couple, _ intake.ID) {
			c.in("", func(tx *pg.Tx) error { return c.s.Engagement.End(c.ctx, tx, c.mara.ID, c.work, c.now) })
		},
		"while there is a pause": func(c *couple, _ intake.ID) {
			c.in("", func(tx *pg.Tx) error { return c.s.Engagement.Pause(c.ctx, tx, c.mara.ID, c.work, c.now) })
		},
		"once they have left": func(c *couple, _ intake.ID) {
			c.in("", func(tx *pg.Tx) error { return c.s.Engagement.Leave(c.ctx, tx, c.a, c.work, c.now) })
		},
		"while no mail is safe": func(c *couple, _ intake.ID) {
			c.in("", func(tx *pg.Tx) error {
				return people.SetContact(c.ctx, tx, c.a, 0, people.Contact{MayEmail: people.No, MayCall: people.Unknown, MayLeave: people.Unknown}, c.mara.ID, c.now)
			})
		},
	} {
		t.Run(about, func(t *testing.T) {
			c := newCouple(t)
			id := c.send("before", c.a)[c.a]
			if _, err := c.compose("form-reminder", c.a, id, later(c)); err != nil {
				t.Fatalf("before: %v", err)
			}
			stop(c, id)
			if _, err := c.compose("form-reminder", c.a, id, later(c)); err == nil {
				t.Error("it is sent")
			}
		})
	}
}

// A mail server was down over the evening, and what had waited went out at
// midnight.
func TestAReminderThatIsLateIsNotSentAtNight(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	for hour, sent := range map[int]bool{7: false, 8: true, 20: true, 21: false, 23: false, 3: false} {
		_, err := c.compose("form-reminder", c.a, id, time.Date(2026, 12, 10, hour, 0, 0, 0, time.UTC))
		if (err == nil) != sent {
			t.Errorf("at %d o'clock: %v", hour, err)
		}
	}
	if _, err := c.compose("form-reminder", c.b, id, c.now); err == nil {
		t.Error("it would be sent to the partner")
	}
}

func TestALaneThatWaitsForSignaturesRemindsNobody(t *testing.T) {
	c := newPractice(t)
	c.work = c.start(c.a, c.b)
	c.accept(c.work, c.a, c.b)
	id := c.send("before", c.a)[c.a]
	if _, err := c.compose("form-reminder", c.a, id, c.now.Add(3*24*time.Hour)); err == nil {
		t.Error("it is sent")
	}
}
