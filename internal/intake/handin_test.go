package intake_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
)

func TestAChangeIsAVersionAndTheOldOneStays(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	c.mustHandIn(c.a, id, "goal", "Peace", "close", "3")
	c.now = c.now.Add(time.Hour)
	c.mustHandIn(c.a, id, "goal", "Peace", "close", "5")
	version, err := c.handIn(c.a, id, "goal", "Peace", "close", "5")
	if err != nil || version != 2 {
		t.Errorf("the same again is version %d, %v", version, err)
	}
	f, err := c.read(c.mara.ID, id)
	if err != nil || len(f.Versions) != 2 || f.Versions[0].Version != 2 {
		t.Fatalf("%v, %+v", err, f.Versions)
	}
	changes := intake.Changes(f.Asks.Definition, f.Versions[1].Answers, f.Versions[0].Answers)
	if len(changes) != 1 || changes[0].Before != "3 of 10" || changes[0].Now != "5 of 10" {
		t.Errorf("%+v", changes)
	}
	if results := questions.Score(f.Asks.Definition, f.Versions[0].Answers); results[0].Value.String() != "5" {
		t.Errorf("%+v", results)
	}
	if n := c.count(`select count(*) from sheet_draft`); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
}

func TestTheCoachsLookIsOnRecordAndOnesOwnIsNot(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	c.mustHandIn(c.a, id, "goal", "Peace")
	if _, err := c.read(c.a, id); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.read(c.mara.ID, id); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.count(`select count(*) from audit a join sheet s on s.lane_id = a.about where a.act = 'form answers read' and a.actor = $1`, c.mara.ID); n != 2 {
		t.Errorf("%d looks of the coach", n)
	}
	if n := c.count(`select count(*) from audit where act = 'form answers read'`); n != 2 {
		t.Errorf("%d looks in all", n)
	}
}

// A double click, two tabs and a second server: one of them sends.
func TestHoweverOftenItIsSentAtOnceItIsSentOnce(t *testing.T) {
	c := newCouple(t)
	sheets := c.send("together")
	pools := []*pg.DB{c.db, pgtest.New(t)}
	for who, id := range sheets {
		if _, err := c.save(who, id, intake.Seen{}, says("goal", "Peace")); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	for i := range 6 {
		for who, id := range sheets {
			wait.Go(func() {
				err := pools[i%2].InTxAs(c.ctx, string(who), func(tx *pg.Tx) error {
					_, err := c.s.HandIn(c.ctx, tx, who, id, intake.Seen{Draft: 1}, once.Key{Scope: "sheet", Text: string(id), Fingerprint: []byte("x")}, c.now)
					return err
				})
				if err != nil && err != intake.ErrSent && !once.IsRepeat(err) {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	if n := c.count(`select count(*) from sheet_answer`); n != 2 {
		t.Errorf("sent %d times", n)
	}
	if n := c.count(`select count(*) from sheet where shared_at is not null`); n != 2 {
		t.Errorf("%d of two are shared", n)
	}
	if n := c.count(`select count(*) from letter where kind = 'form-answered-coach'`); n != 2 {
		t.Errorf("the coach is told %d times", n)
	}
}

func TestWhatIsNotAskedIsNotMissedAndNotKept(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	if _, err := c.handIn(c.a, id, "goal", "Peace", "children", "yes"); fault.KindOf(err) != fault.Invalid || fault.As(err).Fields[0].Name != "q-many" {
		t.Errorf("a question that is asked is missed: %v", err)
	}
	if _, err := c.save(c.a, id, intake.Seen{Draft: 1}, says("goal", "Peace", "children", "yes", "many", "3")); err != nil {
		t.Fatal(err)
	}
	c.mustHandIn(c.a, id, "goal", "Peace", "children", "no", "many", "3")
	f, err := c.read(c.mara.ID, id)
	if err != nil || f.Versions[0].Answers.Has("many") {
		t.Errorf("%v, %v", err, f.Versions[0].Answers)
	}
}

func TestAPageThatIsBehindSendsNothingThatItDidNotShow(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	d, _ := c.save(c.a, id, intake.Seen{}, says("goal", "Peace"))
	send := func(seen intake.Seen) error {
		return c.try(c.a, func(tx *pg.Tx) error {
			_, err := c.s.HandIn(c.ctx, tx, c.a, id, seen, once.Key{}, c.now)
			return err
		})
	}
	if _, err := c.save(c.a, id, intake.Seen{Draft: d.Version}, says("goal", "Peace and quiet")); err != nil {
		t.Fatal(err)
	}
	want(t, "an older draft", send(intake.Seen{Draft: d.Version}), intake.ErrElsewhere)
	want(t, "the newest", send(intake.Seen{Draft: d.Version + 1}), nil)
	want(t, "after it was sent", send(intake.Seen{Draft: d.Version + 1}), intake.ErrSent)
	_, err := c.save(c.a, id, intake.Seen{Draft: d.Version + 1}, says("goal", "x"))
	want(t, "saved after it was sent", err, intake.ErrSent)
}

// The coach changed the form while it was being filled in.
func TestWhoWasSentAFormAnswersThatOneWhateverBecomesOfIt(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	if _, err := c.save(c.a, id, intake.Seen{}, says("goal", "Peace")); err != nil {
		t.Fatal(err)
	}
	c.in("", func(tx *pg.Tx) error {
		f, err := practice.FindForm(c.ctx, tx, "before")
		if err != nil {
			return err
		}
		f.Questions = []questions.Question{{Key: "goal", Label: "What shall we do first?", Kind: questions.YesNo}}
		f.Name, f.Withdrawn = "Something else", true
		f.Scores = nil
		return practice.SaveForm(c.ctx, tx, f, c.mara.ID, c.now)
	})
	w := c.write(c.a, id)
	if !w.Newer || w.FormName != "Before we start" || w.Asks.Questions[0].Label != "What would you like to be different?" {
		t.Errorf("%+v", w.Sheet)
	}
	c.mustHandIn(c.a, id, "goal", "Peace and quiet")
	f, err := c.read(c.mara.ID, id)
	if err != nil || f.Asks.Questions[0].Label != "What would you like to be different?" || f.Versions[0].Answers.Text("goal") != "Peace and quiet" {
		t.Errorf("%v, %+v", err, f)
	}
}

func TestAnAnswerKeepsThePolicyUnderWhichItWasSent(t *testing.T) {
	c := newCouple(t)
	first, second := c.send("before", c.a)[c.a], c.send("later", c.a)[c.a]
	c.mustHandIn(c.a, first, "goal", "Peace")
	c.in("", func(tx *pg.Tx) error {
		return c.s.Engagement.Propose(c.ctx, tx, c.mara.ID, c.work, engagement.ReadyPolicy(engagement.NoSecrets, "Mara"), c.now)
	})
	c.mustHandIn(c.a, second, "goal", "Before it is signed")
	c.sign(c.a, c.b)
	c.mustHandIn(c.a, second, "goal", "Once it is signed")
	versions, err := engagement.Policies(c.ctx, c.db, c.work)
	if err != nil {
		t.Fatal(err)
	}
	old, new := versions[1].ID, versions[0].ID
	for id, want := range map[intake.ID][]engagement.PolicyID{first: {old}, second: {new, old}} {
		f, err := c.read(c.mara.ID, id)
		var got []engagement.PolicyID
		for _, a := range f.Versions {
			got = append(got, a.Policy)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v, want %v", err, got, want)
		}
	}
}

func TestASignatureKeepsTheWordsAndWhoGaveIt(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	c.mustHandIn(c.a, id, "goal", "Peace", "agree", "yes", "sign", "Alexandra Stone")
	f, err := c.read(c.mara.ID, id)
	if err != nil || len(f.Versions[0].Signatures) != 2 {
		t.Fatalf("%v, %+v", err, f.Versions)
	}
	var consent, name intake.Signature
	for _, g := range f.Versions[0].Signatures {
		if g.Typed {
			name = g
		} else {
			consent = g
		}
	}
	if consent.Text != "Either of us may stop at any time." || consent.Name != "Alex" || !consent.Whole || !consent.Holds() ||
		consent.Hash != questions.TextHash(consent.Text) || consent.Form != f.Asks.Hash {
		t.Errorf("%+v", consent)
	}
	if name.Text != "What I wrote is true." || name.Name != "Alexandra Stone" || name.Email != "alex@example.com" || name.Person != c.a || !name.SignedAt.Equal(c.now) || !name.Whole {
		t.Errorf("%+v", name)
	}
	// Another hash, as of a text that was changed by a byte.
	if err := pgtest.Owner(t).InTx(c.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(c.ctx, `update sheet_signature set text_hash = $1 where id = $2`, questions.TextHash(name.Text+" "), name.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	f, err = c.read(c.mara.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.Versions[0].Signatures {
		if g.Whole != (g.ID != name.ID) {
			t.Errorf("%+v", g)
		}
	}
}

func TestAConsentIsTakenBackFromNowOnAndThatItWasGivenStays(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	c.mustHandIn(c.a, id, "goal", "Peace", "agree", "yes", "sign", "Alex")
	f, _ := c.read(c.a, id)
	of := func(typed bool) (g intake.Signature) {
		for _, one := range f.Versions[0].Signatures {
			if one.Typed == typed {
				g = one
			}
		}
		return g
	}
	back := func(who people.ID, g intake.SignatureID) error {
		return c.try(who, func(tx *pg.Tx) error { return c.s.TakeBack(c.ctx, tx, who, id, g, c.now) })
	}
	want(t, "by the coach", back(c.mara.ID, of(false).ID), engagement.ErrNothing)
	want(t, "by the partner", back(c.b, of(false).ID), engagement.ErrNothing)
	want(t, "what there is not", back(c.a, "c0ffee00-0000-4000-8000-000000000000"), engagement.ErrNothing)
	want(t, "a signature", back(c.a, of(true).ID), intake.ErrSigned)
	c.now = c.now.Add(48 * time.Hour)
	// Also where nothing more can be written.
	c.in("", func(tx *pg.Tx) error { return c.s.Engagement.Pause(c.ctx, tx, c.mara.ID, c.work, c.now) })
	want(t, "by who gave it", back(c.a, of(false).ID), nil)
	f, _ = c.read(c.mara.ID, id)
	if g := of(false); g.Holds() || !g.TakenBackAt.Equal(c.now) || g.Text == "" || !g.SignedAt.Equal(at) {
		t.Errorf("%+v", g)
	}
	// A change asks for it again and does not give it by itself, and a name is
	// signed anew.
	w := c.write(c.a, id)
	if w.Draft.Answers.Has("agree") || w.Draft.Answers.Has("sign") || w.Draft.Answers.Text("goal") != "Peace" {
		t.Errorf("%+v", w.Draft.Answers)
	}
	c.mustHandIn(c.a, id, "goal", "Peace", "agree", "yes", "sign", "Alex")
	f, _ = c.read(c.mara.ID, id)
	if len(f.Versions) != 2 || !of(false).Holds() {
		t.Errorf("given again: %+v", f.Versions)
	}
	// Leaving it out in a change takes it back too.
	c.mustHandIn(c.a, id, "goal", "Peace", "sign", "Alex")
	f, _ = c.read(c.mara.ID, id)
	for _, v := range f.Versions {
		for _, g := range v.Signatures {
			if !g.Typed && g.Holds() {
				t.Errorf("version %d still holds", v.Version)
			}
		}
	}
}

func TestWhoJoinsLaterOrTakesOverReadsNoAnswerFromBefore(t *testing.T) {
	c := newCouple(t)
	joint := c.send("together")
	c.mustHandIn(c.a, joint[c.a], "goal", "A house.")
	c.mustHandIn(c.b, joint[c.b], "goal", "A garden.")
	var next engagement.ID
	c.in("", func(tx *pg.Tx) (err error) {
		next, err = c.s.Engagement.HandOver(c.ctx, tx, c.mara, c.work, c.noor, c.now)
		return err
	})
	c.accept(next, c.a, c.b)
	for _, coach := range []people.ID{c.mara.ID, c.noor.ID} {
		if got := c.sees(coach); len(got) != 0 {
			t.Errorf("a coach sees %q", got)
		}
	}
	if got := c.sees(c.a); len(got) != 2 {
		t.Errorf("who could read it still sees %q", got)
	}
}

func TestWhereTheKeyIsGoneNothingIsReadAndNothingFails(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	c.mustHandIn(c.a, id, "goal", "Peace")
	if err := pgtest.Owner(t).InTx(c.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(c.ctx, `delete from lane_key where lane_id = (select lane_id from sheet where id = $1)`, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	f, err := c.read(c.mara.ID, id)
	if err != nil || !f.Erased || len(f.Versions) != 0 {
		t.Errorf("%v, %+v", err, f)
	}
	if w := c.write(c.a, id); !w.Erased || len(w.Draft.Answers) != 0 {
		t.Errorf("%+v", w)
	}
	_, err = c.save(c.a, id, intake.Seen{Sent: 1}, says("goal", "x"))
	want(t, "saved", err, engagement.ErrNothing)
}

func TestNoWordOfAnAnswerStandsInTheDatabase(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	c.mustHandIn(c.a, id, "goal", "WRENCANARY", "agree", "yes", "sign", "WRENCANARY Stone")
	if _, err := c.save(c.a, id, intake.Seen{Sent: 1}, says("goal", "WRENCANARY again")); err != nil {
		t.Fatal(err)
	}
	var tables []string
	owner := pgtest.Owner(t)
	if err := owner.Select(c.ctx, &tables, `select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var all string
		if err := owner.Get(c.ctx, &all, `select coalesce(string_agg(x::text, ' '), '') from "`+table+`" x`); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(all, "WRENCANARY") || strings.Contains(all, "5752454e43414e415259") {
			t.Errorf("in %s", table)
		}
	}
}

// What one version said was given to another in the database. The page with all
// of them was an error; now it says which does not open and shows the other.
func TestAnAnswerThatDoesNotOpenIsSaidToBeSoBesideTheOthers(t *testing.T) {
	c := newCouple(t)
	id := c.send("before", c.a)[c.a]
	c.mustHandIn(c.a, id, "goal", "Peace")
	c.mustHandIn(c.a, id, "goal", "Quiet")
	if err := pgtest.Owner(t).InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := tx.Exec(t.Context(), `update sheet_answer set answers = (select answers from sheet_answer where sheet_id = $1 and version = 1) where sheet_id = $1 and version = 2`, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, viewer := range []people.ID{c.a, c.mara.ID} {
		f, err := c.read(viewer, id)
		if err != nil || len(f.Versions) != 2 {
			t.Fatal(f.Versions, err)
		}
		if f.Versions[1].Broken || f.Versions[1].Answers["goal"][0] != "Peace" || !f.Versions[0].Broken || len(f.Versions[0].Answers) != 0 {
			t.Errorf("%+v", f.Versions)
		}
	}
	// The same of what was typed and not sent: it can be typed again.
	if _, err := c.save(c.a, id, intake.Seen{Sent: 2}, says("goal", "Rest")); err != nil {
		t.Fatal(err)
	}
	if err := pgtest.Owner(t).InTx(t.Context(), func(tx *pg.Tx) error {
		_, err := tx.Exec(t.Context(), `update sheet_draft set answers = (select answers from sheet_answer where sheet_id = $1 and version = 1) where sheet_id = $1`, id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w := c.write(c.a, id)
	if !w.Draft.Broken || len(w.Draft.Answers) != 0 || w.Draft.Version != 1 {
		t.Errorf("%+v", w.Draft)
	}
	again, err := c.save(c.a, id, intake.Seen{Draft: 1, Sent: 2}, says("goal", "Rest, once more"))
	if err != nil || again.Broken || again.Answers["goal"][0] != "Rest, once more" {
		t.Errorf("%+v, %v", again, err)
	}
}
