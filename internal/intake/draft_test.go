package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/questions"

	"pgregory.net/rapid"
)

func TestTwoPagesThatChangeTwoQuestionsAreBothKept(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	first, err := c.save(c.a, id, intake.Seen{}, says("goal", "Peace", "close", "3"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.save(c.a, id, intake.Seen{Draft: first.Version}, says("goal", "Peace and quiet", "close", "3")); err != nil {
		t.Fatal(err)
	}
	d, err := c.save(c.a, id, intake.Seen{Draft: first.Version}, says("goal", "Peace", "close", "7"))
	if err != nil || d.Answers.Text("goal") != "Peace and quiet" || d.Answers.Text("close") != "7" || len(d.Asides) != 0 {
		t.Errorf("%v, %+v", err, d)
	}
}

// Two tabs were open on one form, and the one saved last had only the first half
// of what had been written in the other.
func TestTwoPagesThatChangeOneQuestionLoseNoWord(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	first, _ := c.save(c.a, id, intake.Seen{}, says("goal", "I"))
	if _, err := c.save(c.a, id, intake.Seen{Draft: first.Version}, says("goal", "I want to be heard.")); err != nil {
		t.Fatal(err)
	}
	d, err := c.save(c.a, id, intake.Seen{Draft: first.Version}, says("goal", "I want to go."))
	if err != nil || d.Answers.Text("goal") != "I want to go." || len(d.Asides) != 1 || d.Asides[0].Answer[0] != "I want to be heard." {
		t.Fatalf("%v, %+v", err, d)
	}
	// A field that is empty in one page takes no word from the other.
	d, err = c.save(c.a, id, intake.Seen{Draft: first.Version}, says())
	if err != nil || d.Answers.Text("goal") != "I want to go." {
		t.Errorf("%v, %+v", err, d)
	}
	c.in(c.a, func(tx *pg.Tx) error { return c.s.Settle(c.ctx, tx, c.a, id) })
	if w := c.write(c.a, id); len(w.Draft.Asides) != 0 || w.Draft.Answers.Text("goal") != "I want to go." {
		t.Errorf("after it was seen: %+v", w.Draft)
	}
}

func TestSavingTheSameAgainIsNoNewVersionAndOldOnesGo(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	d := intake.Draft{}
	for i := range 60 {
		var err error
		if d, err = c.save(c.a, id, intake.Seen{Draft: d.Version}, says("goal", fmt.Sprintf("Word %d", i/2))); err != nil {
			t.Fatal(err)
		}
	}
	if d.Version != 30 {
		t.Errorf("version %d", d.Version)
	}
	for i := range 60 {
		d, _ = c.save(c.a, id, intake.Seen{Draft: d.Version}, says("goal", fmt.Sprintf("More %d", i)))
	}
	if n := c.count(`select count(*) from sheet_draft`); n != 50 {
		t.Errorf("%d versions are kept", n)
	}
	// A page that was left open since long ago: nothing is known of what it began
	// with, so both are kept.
	d, err := c.save(c.a, id, intake.Seen{Draft: 3}, says("goal", "From the old page"))
	if err != nil || d.Answers.Text("goal") != "From the old page" || len(d.Asides) != 1 {
		t.Errorf("%v, %+v", err, d)
	}
}

// A tab that lay open since yesterday brought back what the other had replaced
// long ago, in a question that nobody had touched in it.
func TestAPageThatSaysWhereItTypedChangesNothingElse(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	d, _ := c.save(c.a, id, intake.Seen{}, says("goal", "Old words"))
	for i := range 55 {
		d, _ = c.save(c.a, id, intake.Seen{Draft: d.Version}, says("goal", fmt.Sprintf("New words %d", i)))
	}
	for _, seen := range []int{1, 57} {
		c.in(c.a, func(tx *pg.Tx) (err error) {
			d, err = c.s.Save(c.ctx, tx, c.a, id, intake.Typing{Seen: intake.Seen{Draft: seen}, Answers: says("goal", "Old words", "close", fmt.Sprint(seen%10)), Touched: []string{"close"}}, c.now)
			return err
		})
		if d.Answers.Text("goal") != "New words 54" || d.Answers.Text("close") != fmt.Sprint(seen%10) || len(d.Asides) != 0 {
			t.Errorf("seen %d: %+v", seen, d)
		}
	}
}

func TestAnInputThatCannotBeUsedLeavesWhatWasThere(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	d, _ := c.save(c.a, id, intake.Seen{}, says("goal", "Peace", "close", "3"))
	var got intake.Draft
	c.in(c.a, func(tx *pg.Tx) (err error) {
		got, err = c.s.Save(c.ctx, tx, c.a, id, intake.Typing{Seen: intake.Seen{Draft: d.Version}, Answers: says("goal", "Peace now"), Unread: []string{"close"}}, c.now)
		return err
	})
	if got.Answers.Text("close") != "3" || got.Answers.Text("goal") != "Peace now" {
		t.Errorf("%+v", got.Answers)
	}
}

func TestWhatIsTypedAndNotSentIsFoundByItsWriterAlone(t *testing.T) {
	c := newCouple(t)
	own, joint := c.send("before", c.a)[c.a], c.send("together")[c.a]
	watch := []people.ID{c.mara.ID, c.b, c.noor.ID, c.c, ""}
	before := map[people.ID]string{}
	for _, who := range watch {
		before[who] = c.everything(who)
	}
	for _, id := range []intake.ID{own, joint} {
		if _, err := c.save(c.a, id, intake.Seen{}, says("goal", "Nobody may know.")); err != nil {
			t.Fatal(err)
		}
		if _, err := c.save(c.a, id, intake.Seen{Draft: 0}, says("goal", "Nobody may know this either.")); err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range watch {
		if after := c.everything(who); after != before[who] {
			t.Errorf("somebody else can see that something was typed:\n%s\nbefore:\n%s", after, before[who])
		}
	}
	f, err := c.read(c.mara.ID, own)
	if err != nil || len(f.Versions) != 0 || f.Sent != 0 {
		t.Errorf("the coach reads a draft: %v", err)
	}
}

// The program's role, whoever it says reads, finds a row of these tables only
// where that person may, though the query asks for all.
func TestWithTheClauseLeftOutTheDatabaseStillFindsNothing(t *testing.T) {
	c := newCouple(t)
	own, joint := c.send("before", c.a)[c.a], c.send("together")[c.a]
	full := []string{"goal", "Peace", "agree", "yes", "sign", "Alex"}
	c.mustHandIn(c.a, own, full...)
	c.mustHandIn(c.a, joint, full...)
	if _, err := c.save(c.a, own, intake.Seen{Sent: 1}, says("goal", "More peace")); err != nil {
		t.Fatal(err)
	}
	rows := func(who people.ID) (list []string) {
		c.in(who, func(tx *pg.Tx) error {
			for _, table := range []string{"sheet", "sheet_answer", "sheet_signature", "sheet_draft"} {
				var n int
				if err := tx.Get(c.ctx, &n, `select count(*) from `+table); err != nil {
					return err
				}
				list = append(list, fmt.Sprint(n))
			}
			return nil
		})
		return list
	}
	for _, one := range []struct {
		about, want string
		who         people.ID
	}{
		{"who answered", "2 2 4 1", c.a},
		{"the partner", "1 0 0 0", c.b}, // the sheet that they are asked to answer themselves
		{"the coach", "3 2 4 0", c.mara.ID},
		{"another coach", "0 0 0 0", c.noor.ID},
		{"a stranger", "0 0 0 0", c.c},
		{"nobody", "0 0 0 0", ""},
	} {
		if got := strings.Join(rows(one.who), " "); got != one.want {
			t.Errorf("%s finds %s, want %s", one.about, got, one.want)
		}
	}
	owner := pgtest.Owner(t)
	var lane, person string
	for into, query := range map[*string]string{&lane: `select lane_id::text from sheet where id = $1`, &person: `select person_id::text from sheet where id = $1`} {
		if err := owner.Get(c.ctx, into, query, own); err != nil {
			t.Fatal(err)
		}
	}
	// Nobody answers for a client, not even by a statement of the program's own.
	for name, who := range map[string]people.ID{"the coach": c.mara.ID, "the partner": c.b, "nobody": ""} {
		for _, write := range []string{
			`insert into sheet_answer (id, sheet_id, lane_id, person_id, version, answers, sent_at) values (gen_random_uuid(), $1, $2, $3, 9, 'x', now())`,
			`insert into sheet_draft (id, sheet_id, lane_id, person_id, version, aside, answers, saved_at) values (gen_random_uuid(), $1, $2, $3, 9, false, 'x', now())`,
			`insert into sheet_signature (id, answer_id, sheet_id, lane_id, person_id, body, text_hash, signed_at)
				select gen_random_uuid(), gen_random_uuid(), cast($1 as uuid), cast($2 as uuid), cast($3 as uuid), 'x', repeat('a', 64), now()`,
		} {
			err := c.try(who, func(tx *pg.Tx) error {
				_, err := tx.Exec(c.ctx, write, own, lane, person)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "row-level security") {
				t.Errorf("%s writes: %v", name, err)
			}
		}
	}
	for _, change := range []string{
		`update sheet_answer set answers = 'x'`, `delete from sheet_answer`, `delete from sheet`,
		`update sheet_signature set body = 'x'`, `update sheet set shared_at = now()`, `update sheet set person_id = person_id`,
	} {
		err := c.try(c.a, func(tx *pg.Tx) error {
			_, err := tx.Exec(c.ctx, change)
			return err
		})
		if err == nil {
			t.Errorf("the program may %s", change)
		}
	}
}

func TestAfterSomebodyHasLeftTheirWordsAreTheirsToReadAndNothingIsAdded(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	if _, err := c.save(c.a, id, intake.Seen{}, says("goal", "Peace")); err != nil {
		t.Fatal(err)
	}
	c.in("", func(tx *pg.Tx) error { return c.s.Engagement.Leave(c.ctx, tx, c.a, c.work, c.now) })
	_, err := c.save(c.a, id, intake.Seen{Draft: 1}, says("goal", "Peace now"))
	want(t, "saved", err, engagement.ErrLaneClosed)
	if w := c.write(c.a, id); w.Draft.Answers.Text("goal") != "Peace" || w.Lane.Writable() {
		t.Errorf("%+v", w.Draft)
	}
}

// However pages interleave, what somebody typed last in a question stands, or
// somebody else's words do where it was left alone, and what gave way is aside.
func TestPuttingTogetherLosesNothing(t *testing.T) {
	answers := rapid.Custom(func(t *rapid.T) questions.Answers {
		a := questions.Answers{}
		for _, key := range []string{"a", "b", "c"} {
			if word := rapid.SampledFrom([]string{"", "x", "y", "z"}).Draw(t, key); word != "" {
				a[key] = []string{word}
			}
		}
		return a
	})
	rapid.Check(t, func(t *rapid.T) {
		base, theirs, mine := answers.Draw(t, "base"), answers.Draw(t, "theirs"), answers.Draw(t, "mine")
		merged, aside := intake.Merge(base, theirs, mine)
		for _, key := range []string{"a", "b", "c"} {
			was, other, now, got := base.Text(key), theirs.Text(key), mine.Text(key), merged.Text(key)
			if now != was && now != "" && got != now {
				t.Errorf("what was typed now is %q and not %q", got, now)
			}
			if other != was && other != "" && got != other && aside.Text(key) != other {
				t.Errorf("%q is lost", other)
			}
			if now == was && got != other {
				t.Errorf("what was left alone is %q and not %q", got, other)
			}
		}
	})
}
