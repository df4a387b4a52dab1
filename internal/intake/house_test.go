package intake_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/mail"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"
)

var at = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

// couple is a practice with two coaches, a couple who work with one of them, and
// somebody who is a client of nobody's.
type couple struct {
	t          *testing.T
	ctx        context.Context
	db         *pg.DB
	keys       *seal.Keyset
	s          *intake.Service
	mara, noor people.Coach
	a, b, c    people.ID
	work       engagement.ID
	now        time.Time
}

// newCouple has both accepted and signed.
func newCouple(t *testing.T) *couple {
	t.Helper()
	c := newPractice(t)
	c.work = c.start(c.a, c.b)
	c.accept(c.work, c.a, c.b)
	c.sign(c.a, c.b)
	return c
}

func newPractice(t *testing.T) *couple {
	t.Helper()
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	c := &couple{t: t, ctx: context.Background(), db: pgtest.New(t), keys: keys, now: at}
	c.s = &intake.Service{Engagement: c.rooms()}
	c.in("", func(tx *pg.Tx) error {
		if err := practice.Save(c.ctx, tx, practice.Practice{KeptDays: 180, Basics: practice.Basics{Name: "Common Ground Coaching", DiscreetName: "Common Ground", Timezone: "Europe/London", Currency: "GBP", Email: "hello@example.org"}}, at); err != nil {
			return err
		}
		for i, slug := range []string{"mara", "noor"} {
			if _, err := people.SaveCoach(c.ctx, tx, people.Coach{Slug: slug, Name: strings.ToUpper(slug[:1]) + slug[1:], Email: slug + "@example.org",
				Role: people.Member, Timezone: "Europe/London", Position: i, Active: true}, at); err != nil {
				return err
			}
		}
		for name, id := range map[string]*people.ID{"Alex": &c.a, "Sam": &c.b, "Cleo": &c.c} {
			if *id, _, err = people.FindOrCreate(c.ctx, tx, strings.ToLower(name)+"@example.com", name, "Europe/London", true, at); err != nil {
				return err
			}
		}
		for _, f := range []practice.Form{
			{Slug: "before", SendOn: practice.FirstBooking, FormVersion: practice.FormVersion{Name: "Before we start", Lane: practice.Individual, Definition: before()}},
			{Slug: "together", SendOn: practice.FirstBooking, FormVersion: practice.FormVersion{Name: "What we both want", Lane: practice.Joint, Definition: before()}},
			{Slug: "safety", SendOn: practice.FirstBooking, FormVersion: practice.FormVersion{Name: "How safe you are", Lane: practice.Safety, Definition: before()}},
			{Slug: "later", SendOn: practice.Manual, FormVersion: practice.FormVersion{Name: "Later on", Lane: practice.Individual, Definition: before()}},
		} {
			if err := practice.SaveForm(c.ctx, tx, f, "", at); err != nil {
				return err
			}
		}
		return nil
	})
	for slug, coach := range map[string]*people.Coach{"mara": &c.mara, "noor": &c.noor} {
		if *coach, err = people.FindCoach(c.ctx, c.db, slug); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// before asks for a goal; who has children for how many; and for a consent and
// a signature.
func before() questions.Definition {
	return questions.Definition{
		Questions: []questions.Question{
			{Key: "goal", Label: "What would you like to be different?", Kind: questions.LongText, Required: true},
			{Key: "close", Label: "How close do you feel?", Kind: questions.ScaleOf},
			{Key: "children", Label: "Do you have children?", Kind: questions.YesNo},
			{Key: "many", Label: "How many?", Kind: questions.Number, Required: true, OnlyIf: &questions.Condition{Question: "children", OneOf: []string{"yes"}}},
			{Key: "agree", Label: "How we work", Kind: questions.Consent, Text: "Either of us may stop at any time."},
			{Key: "sign", Label: "Your name", Kind: questions.Signature, Text: "What I wrote is true."},
		},
		Scores: []questions.Scale{{Key: "ease", Name: "Ease", How: questions.Sum, Items: []questions.Item{{Question: "close"}}}},
	}
}

func (c *couple) rooms() *engagement.Service {
	return &engagement.Service{Keys: c.keys, Links: token.Key(strings.Repeat("k", 32)), Site: "http://localhost",
		Letterhead: func(context.Context, pg.Conn) (mail.Address, error) {
			return mail.Address{Name: "Common Ground", Email: "hello@example.org"}, nil
		}}
}

// in acts as somebody, who may be nobody.
func (c *couple) in(who people.ID, act func(tx *pg.Tx) error) {
	c.t.Helper()
	if err := c.try(who, act); err != nil {
		c.t.Fatal(err)
	}
}

func (c *couple) try(who people.ID, act func(tx *pg.Tx) error) error {
	return c.db.InTxAs(c.ctx, string(who), act)
}

func (c *couple) start(clients ...people.ID) (id engagement.ID) {
	c.t.Helper()
	var invited []engagement.Invitee
	for _, one := range clients {
		invited = append(invited, engagement.Invitee{Person: one, Word: "harbour " + string(one)})
	}
	c.in("", func(tx *pg.Tx) (err error) {
		id, err = c.s.Engagement.Start(c.ctx, tx, c.mara.ID, invited, engagement.ReadyPolicy(engagement.Confidential, "Mara"), c.now)
		return err
	})
	return id
}

func (c *couple) accept(id engagement.ID, who ...people.ID) {
	c.t.Helper()
	for _, person := range who {
		c.in("", func(tx *pg.Tx) error {
			refused, err := c.s.Engagement.Accept(c.ctx, tx, person, id, "harbour "+string(person), c.now)
			if refused != nil {
				return refused
			}
			return err
		})
	}
}

func (c *couple) sign(who ...people.ID) {
	c.t.Helper()
	for _, person := range who {
		c.in("", func(tx *pg.Tx) error {
			versions, err := engagement.Policies(c.ctx, tx, c.work)
			if err != nil {
				return err
			}
			return c.s.Engagement.Sign(c.ctx, tx, person, c.work, versions[0].ID, "A Name", c.now)
		})
	}
}

// send has the coach send a form and gives the sheets by who answers them.
func (c *couple) send(form string, to ...people.ID) map[people.ID]intake.ID {
	c.t.Helper()
	sheets := map[people.ID]intake.ID{}
	c.in(c.mara.ID, func(tx *pg.Tx) error {
		ids, err := c.s.Send(c.ctx, tx, c.mara.ID, c.work, intake.Sending{Form: form, To: to}, c.now)
		if err != nil {
			return err
		}
		for _, id := range ids {
			s, err := intake.Find(c.ctx, tx, c.mara.ID, id)
			if err != nil {
				return err
			}
			sheets[s.Person] = id
		}
		return nil
	})
	return sheets
}

// says are answers, one after the other: key, answer.
func says(pairs ...string) questions.Answers {
	a := questions.Answers{}
	for i := 0; i+1 < len(pairs); i += 2 {
		a[pairs[i]] = append(a[pairs[i]], pairs[i+1])
	}
	return a
}

func (c *couple) save(who people.ID, id intake.ID, seen intake.Seen, answers questions.Answers) (d intake.Draft, err error) {
	err = c.try(who, func(tx *pg.Tx) (err error) {
		d, err = c.s.Save(c.ctx, tx, who, id, intake.Typing{Seen: seen, Answers: answers}, c.now)
		return err
	})
	return d, err
}

// handIn types and sends.
func (c *couple) handIn(who people.ID, id intake.ID, pairs ...string) (version int, err error) {
	var sent int
	if err := c.try(who, func(tx *pg.Tx) error {
		s, err := intake.Find(c.ctx, tx, who, id)
		sent = s.Sent
		return err
	}); err != nil {
		return 0, err
	}
	w := c.write(who, id)
	d, err := c.save(who, id, intake.Seen{Draft: w.Draft.Version, Sent: sent}, says(pairs...))
	if err != nil {
		return 0, err
	}
	err = c.try(who, func(tx *pg.Tx) (err error) {
		version, err = c.s.HandIn(c.ctx, tx, who, id, intake.Seen{Draft: d.Version, Sent: sent}, once.Key{}, c.now)
		return err
	})
	return version, err
}

func (c *couple) mustHandIn(who people.ID, id intake.ID, pairs ...string) {
	c.t.Helper()
	if _, err := c.handIn(who, id, pairs...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *couple) write(who people.ID, id intake.ID) (w intake.Writing) {
	c.t.Helper()
	c.in(who, func(tx *pg.Tx) (err error) {
		w, err = c.s.Write(c.ctx, tx, who, id)
		return err
	})
	return w
}

func (c *couple) read(who people.ID, id intake.ID) (f intake.Filled, err error) {
	err = c.try(who, func(tx *pg.Tx) (err error) {
		f, err = c.s.Read(c.ctx, tx, who, id, c.now)
		return err
	})
	return f, err
}

// sees are the names of the forms that somebody finds in the engagement, with
// whose they are and how they stand.
func (c *couple) sees(who people.ID) (list []string) {
	c.t.Helper()
	c.in(who, func(tx *pg.Tx) error {
		found, err := intake.List(c.ctx, tx, who, "")
		for _, s := range found {
			list = append(list, s.Name+": "+s.FormName+", "+string(s.State))
		}
		return err
	})
	return list
}

// count reads a number as the owner of the tables, whom no policy holds back.
func (c *couple) count(query string, args ...any) (n int) {
	c.t.Helper()
	if err := pgtest.Owner(c.t).Get(c.ctx, &n, query, args...); err != nil {
		c.t.Fatal(err)
	}
	return n
}

func want(t *testing.T, about string, err error, wanted error) {
	t.Helper()
	if err != wanted {
		t.Errorf("%s: %v, want %v", about, err, wanted)
	}
}

func isConflict(err error) bool { return fault.KindOf(err) == fault.Conflict }
