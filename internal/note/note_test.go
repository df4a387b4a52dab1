package note_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

func sorted(list []string) string {
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestEachReadsWhatIsSharedInTheirLanesAndNothingElse(t *testing.T) {
	h := open(t)
	h.shared(h.mara, h.lane(h.mara, engagement.CoachLane, ""), "coach", "x")
	forA := h.shared(h.mara, h.lane(h.mara, engagement.IndividualLane, h.a), "forA", "x")
	h.shared(h.mara, h.lane(h.mara, engagement.IndividualLane, h.b), "forB", "x")
	h.shared(h.mara, h.lane(h.mara, engagement.JointLane, ""), "both", "x")
	for viewer, want := range map[people.ID]string{h.mara: "both coach forA forB", h.a: "both forA", h.b: "both forB", h.c: "", h.noor: ""} {
		if got := h.titles(viewer); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, other := range []people.ID{h.b, h.c, h.noor} {
		if _, err := h.notes.Read(h.ctx, other, forA); err != engagement.ErrNothing {
			t.Errorf("read by another: %v", err)
		}
		if _, err := h.notes.Save(h.ctx, other, forA, 1, note.Words{Body: "mine now"}); !errors.Is(err, engagement.ErrNothing) {
			t.Errorf("written by another: %v", err)
		}
		if _, err := h.notes.Copy(h.ctx, other, forA, h.lane(h.b, engagement.JointLane, "").ID, once.Key{}); !errors.Is(err, engagement.ErrNothing) {
			t.Errorf("copied by another: %v", err)
		}
	}
}

// The list of the coach showed when a client had begun to write, days before they
// shared it, and sorted by it.
func TestWhenADraftWasBegunIsItsAuthorsAlone(t *testing.T) {
	h := open(t)
	lane, now := h.lane(h.mara, engagement.IndividualLane, h.a), at
	h.notes.Now = func() time.Time { return now }
	early := h.begin(h.a, lane, "early", "x")
	now = at.Add(time.Hour)
	h.shared(h.a, lane, "between", "x")
	now = at.Add(2 * time.Hour)
	h.must(h.notes.Share(h.ctx, h.a, early, 1))
	for viewer, want := range map[people.ID]time.Time{h.a: at, h.mara: now} {
		found, err := h.notes.List(h.ctx, viewer, note.Where{})
		h.must(err)
		place := slices.IndexFunc(found, func(n note.Note) bool { return n.ID == early })
		if !found[place].MadeAt.Equal(want) || (place == 0) != want.Equal(now) {
			t.Errorf("of %v, in place %d", found[place].MadeAt, place)
		}
		p, err := h.notes.Read(h.ctx, viewer, early)
		h.must(err)
		if !p.MadeAt.Equal(want) {
			t.Errorf("opened: of %v", p.MadeAt)
		}
	}
}

// Row-level security stands behind the join: a forgotten clause returns no row.
func TestWithoutTheClauseTheDatabaseStillGivesNothing(t *testing.T) {
	h := open(t)
	h.shared(h.mara, h.lane(h.mara, engagement.IndividualLane, h.a), "forA", "x")
	h.begin(h.mara, h.lane(h.mara, engagement.JointLane, ""), "draft", "x")
	locked := h.shared(h.mara, h.lane(h.mara, engagement.JointLane, ""), "joint", "x")
	h.must(h.notes.Lock(h.ctx, h.mara, locked, 1, "Mara"))
	h.must(h.notes.AddTo(h.ctx, h.mara, locked, "more", once.Key{}))
	if _, err := h.notes.Read(h.ctx, h.a, locked); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		viewer people.ID
		want   string
	}{{"", "0 0 0 0"}, {h.c, "0 0 0 0"}, {h.noor, "0 0 0 0"}, {h.b, "1 1 1 0"}, {h.a, "2 2 1 1"}, {h.mara, "3 3 1 0"}} {
		var got string
		h.must(h.db.InTxAs(h.ctx, string(row.viewer), func(tx *pg.Tx) error {
			return tx.Get(h.ctx, &got, `select (select count(*) from note) || ' ' || (select count(*) from note_version)
				|| ' ' || (select count(*) from note_addendum) || ' ' || (select count(*) from note_read)`)
		}))
		if got != row.want {
			t.Errorf("as %q the tables hold %s, want %s", row.viewer, got, row.want)
		}
	}
	var bare int
	h.must(h.db.Get(h.ctx, &bare, `select count(*) from note`))
	if bare != 0 {
		t.Errorf("outside a transaction that says who reads there are %d notes", bare)
	}
}

func TestADraftIsItsAuthorsAloneWhereverItLies(t *testing.T) {
	h := open(t)
	for _, lane := range []engagement.LaneInfo{h.lane(h.mara, engagement.JointLane, ""), h.lane(h.mara, engagement.IndividualLane, h.a)} {
		id := h.begin(h.mara, lane, "draft", "x")
		if _, err := h.notes.Read(h.ctx, h.a, id); err != engagement.ErrNothing {
			t.Errorf("a reader of the %s lane finds a draft: %v", lane.Kind, err)
		}
	}
	mine := h.begin(h.a, h.lane(h.a, engagement.IndividualLane, h.a), "to my coach", "x")
	if _, err := h.notes.Read(h.ctx, h.mara, mine); err != engagement.ErrNothing {
		t.Errorf("the coach finds a client's draft: %v", err)
	}
}

// A reader was shown the sentence that the coach had taken out before sharing.
func TestReadersSeeWhatWasSharedAndNeverWhatWasTypedInBetween(t *testing.T) {
	h := open(t)
	id := h.begin(h.mara, h.lane(h.mara, engagement.JointLane, ""), "", "CANARY-typed first")
	_, err := h.notes.Save(h.ctx, h.mara, id, 1, note.Words{Body: "shared first"})
	h.must(err)
	h.must(h.notes.Share(h.ctx, h.mara, id, 2))
	_, err = h.notes.Save(h.ctx, h.mara, id, 2, note.Words{Body: "CANARY-typed later"})
	h.must(err)
	p, versions, err := h.notes.Versions(h.ctx, h.a, id)
	h.must(err)
	if p.Words.Body != "shared first" || len(versions) != 1 || p.Unshared() {
		t.Errorf("the reader sees %q and %d versions", p.Words.Body, len(versions))
	}
	h.must(h.notes.Share(h.ctx, h.mara, id, 3))
	p, versions, err = h.notes.Versions(h.ctx, h.a, id)
	h.must(err)
	if p.Words.Body != "CANARY-typed later" || len(versions) != 2 {
		t.Errorf("after it was shared again: %q and %d versions", p.Words.Body, len(versions))
	}
}

func TestTwoTabsLoseNoWord(t *testing.T) {
	h := open(t)
	other := h.another(pgtest.New(t))
	id := h.begin(h.mara, h.lane(h.mara, engagement.CoachLane, ""), "", "begun")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			service := []*note.Service{h.notes, other}[i%2]
			if _, err := service.Save(h.ctx, h.mara, id, 1, note.Words{Body: fmt.Sprintf("tab %02d", i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p, versions, err := h.notes.Versions(h.ctx, h.mara, id)
	h.must(err)
	kept := map[string]bool{}
	for _, v := range versions {
		kept[v.Words.Body] = true
	}
	for i := range 20 {
		if !kept[fmt.Sprintf("tab %02d", i)] {
			t.Errorf("tab %d is lost", i)
		}
	}
	if len(p.Asides) != 19 {
		t.Errorf("%d were saved beside", len(p.Asides))
	}
	h.must(h.notes.Merged(h.ctx, h.mara, id))
	if p, err = h.notes.Read(h.ctx, h.mara, id); err != nil || len(p.Asides) != 0 || !strings.HasPrefix(p.Words.Body, "tab") {
		t.Errorf("after putting together %d are beside, %v", len(p.Asides), err)
	}
}

func TestSavingBesideGivesBothBack(t *testing.T) {
	h := open(t)
	id := h.begin(h.mara, h.lane(h.mara, engagement.CoachLane, ""), "", "one")
	_, err := h.notes.Save(h.ctx, h.mara, id, 1, note.Words{Body: "two"})
	h.must(err)
	saved, err := h.notes.Save(h.ctx, h.mara, id, 1, note.Words{Body: "three"})
	h.must(err)
	if saved.Theirs == nil || saved.Theirs.Body != "two" || saved.Version != 1 {
		t.Fatalf("%+v", saved)
	}
	p, err := h.notes.Read(h.ctx, h.mara, id)
	h.must(err)
	if p.Words.Body != "two" || len(p.Asides) != 1 || p.Asides[0].Words.Body != "three" {
		t.Errorf("%q beside %+v", p.Words.Body, p.Asides)
	}
	// The same words again are no new state.
	again, err := h.notes.Save(h.ctx, h.mara, id, 1, note.Words{Body: "two"})
	if err != nil || again.Version != p.Version || again.Theirs != nil {
		t.Errorf("%+v, %v", again, err)
	}
}

// After the first words saved beside, each of the two tabs found that the other
// had moved on, and every word of both was set aside: the note itself stood still.
func TestWhoGoesOnWritingIsNotDisturbedByAnotherTabThatFellBehind(t *testing.T) {
	h := open(t)
	id := h.begin(h.mara, h.lane(h.mara, engagement.CoachLane, ""), "", "begun")
	one, two := 1, 1
	first, second := "first", "second"
	for range 5 {
		first, second = first+" and on", second+" and on"
		saved, err := h.notes.Save(h.ctx, h.mara, id, one, note.Words{Body: first})
		h.must(err)
		if one = saved.Version; saved.Theirs != nil {
			t.Fatal("the tab that was there first is told that it fell behind")
		}
		saved, err = h.notes.Save(h.ctx, h.mara, id, two, note.Words{Body: second})
		h.must(err)
		if two = saved.Version; saved.Theirs == nil || saved.Theirs.Body != first {
			t.Fatalf("%+v", saved)
		}
	}
	p, err := h.notes.Read(h.ctx, h.mara, id)
	h.must(err)
	if p.Words.Body != first || len(p.Asides) != 1 || p.Asides[0].Words.Body != second {
		t.Errorf("%q beside %+v", p.Words.Body, p.Asides)
	}
}

func TestAPageOnWhichNothingWasTypedSavesNothingBeside(t *testing.T) {
	h := open(t)
	id := h.begin(h.mara, h.lane(h.mara, engagement.CoachLane, ""), "", "one")
	_, err := h.notes.Save(h.ctx, h.mara, id, 1, note.Words{Body: "two"})
	h.must(err)
	saved, err := h.notes.Save(h.ctx, h.mara, id, 1, note.Words{Body: "one"})
	h.must(err)
	p, err := h.notes.Read(h.ctx, h.mara, id)
	h.must(err)
	// It stays behind, so that what is typed there next does not take the place of "two".
	if saved.Theirs != nil || saved.Version != 1 || p.Words.Body != "two" || len(p.Asides) != 0 {
		t.Errorf("%+v, %q beside %+v", saved, p.Words.Body, p.Asides)
	}
}

// States beyond the sixtieth, and those put together, were thrown away although
// their writer had been told that they were saved.
func TestEveryStateThatWasSavedIsReadBackAsItWasSaved(t *testing.T) {
	h := open(t)
	id := h.begin(h.mara, h.lane(h.mara, engagement.CoachLane, ""), "t", "state 1")
	for i := 2; i <= 90; i++ {
		_, err := h.notes.Save(h.ctx, h.mara, id, i-1, note.Words{Title: "t", Body: fmt.Sprintf("state %d", i)})
		h.must(err)
	}
	_, err := h.notes.Save(h.ctx, h.mara, id, 5, note.Words{Title: "t", Body: "beside"})
	h.must(err)
	h.must(h.notes.Merged(h.ctx, h.mara, id))
	kept, before := map[string]bool{}, 0
	for {
		_, versions, err := h.notes.VersionsBefore(h.ctx, h.mara, id, before)
		h.must(err)
		if len(versions) == 0 {
			break
		}
		for _, v := range versions {
			kept[v.Words.Body], before = true, v.Number
		}
	}
	for i := 1; i <= 90; i++ {
		if !kept[fmt.Sprintf("state %d", i)] {
			t.Errorf("state %d is lost", i)
		}
	}
	if !kept["beside"] {
		t.Error("what was put together is lost")
	}
	if err := h.db.InTxAs(h.ctx, string(h.mara), func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `delete from note_version where note_id = $1`, string(id))
		return err
	}); err == nil {
		t.Error("the program can throw a saved state away")
	}
}

func TestALockedNoteStaysAsItWasSignedByWhateverWay(t *testing.T) {
	h := open(t)
	id := h.shared(h.mara, h.lane(h.mara, engagement.JointLane, ""), "t", "signed words")
	h.must(h.notes.Lock(h.ctx, h.mara, id, 1, "Mara Lind"))
	if _, err := h.notes.Save(h.ctx, h.mara, id, 1, note.Words{Body: "other"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("saved from a second tab: %v", err)
	}
	if err := h.notes.Discard(h.ctx, h.mara, id); fault.KindOf(err) != fault.Conflict {
		t.Errorf("discarded: %v", err)
	}
	for _, change := range []string{
		`update note set locked_at = null, locked_as = null, locked_hash = null where id = $1`,
		`update note set version = 1 where id = $1`,
		`delete from note where id = $1`,
		`update note_version set shared_at = null where note_id = $1`,
		`insert into note_version (id, note_id, lane_id, version, words, saved_at) select gen_random_uuid(), n.id, n.lane_id, 9, '', now() from note n where n.id = $1`,
	} {
		err := h.db.InTxAs(h.ctx, string(h.mara), func(tx *pg.Tx) error {
			_, err := tx.Exec(h.ctx, change, string(id))
			return err
		})
		if !pg.Violates(err, "note_stays_locked") {
			t.Errorf("%s: %v", change, err)
		}
	}
	for _, change := range []string{`delete from note_version where note_id = $1`, `update note_version set words = '' where note_id = $1`, `update note_addendum set words = '' where note_id = $1`} {
		if err := h.db.InTxAs(h.ctx, string(h.mara), func(tx *pg.Tx) error {
			_, err := tx.Exec(h.ctx, change, string(id))
			return err
		}); err == nil {
			t.Errorf("%s went through", change)
		}
	}
	h.must(h.notes.AddTo(h.ctx, h.mara, id, "an addendum", once.Key{}))
	p, err := h.notes.Read(h.ctx, h.a, id)
	h.must(err)
	if p.Words.Body != "signed words" || !p.Verified() || len(p.Added) != 1 || p.Added[0].Text != "an addendum" {
		t.Errorf("%+v", p)
	}
	p.Words.Body += "."
	if p.Verified() {
		t.Error("a text changed by a byte still verifies")
	}
}

// Two words and a name are soon guessed: with the bare sum of them a copy of the
// database said which guess was right.
func TestASignatureTellsNobodyWhatWasSigned(t *testing.T) {
	h := open(t)
	id := h.shared(h.mara, h.lane(h.mara, engagement.CoachLane, ""), "", "he drinks")
	h.must(h.notes.Lock(h.ctx, h.mara, id, 1, "Mara"))
	p, err := h.notes.Read(h.ctx, h.mara, id)
	h.must(err)
	var kept []byte
	h.must(h.db.InTxAs(h.ctx, string(h.mara), func(tx *pg.Tx) error {
		return tx.Get(h.ctx, &kept, `select locked_hash from note where id = $1`, string(id))
	}))
	if !p.Verified() || len(kept) == 0 || bytes.Contains(kept, p.LockedHash) {
		t.Error("what was signed is kept in the clear")
	}
	listed, err := h.notes.List(h.ctx, h.mara, note.Where{})
	if err != nil || len(listed) != 1 || !listed[0].Verified() {
		t.Errorf("in a list it does not verify: %v", err)
	}
}

func TestLockingRacesSavingAndOneOfThemWins(t *testing.T) {
	h := open(t)
	other := h.another(pgtest.New(t))
	for range 5 {
		id := h.shared(h.mara, h.lane(h.mara, engagement.JointLane, ""), "t", "first")
		var all sync.WaitGroup
		var locking, saving error
		all.Go(func() { locking = h.notes.Lock(h.ctx, h.mara, id, 1, "Mara") })
		all.Go(func() { _, saving = other.Save(h.ctx, h.mara, id, 1, note.Words{Body: "second"}) })
		all.Wait()
		if (locking == nil) == (saving == nil) {
			t.Errorf("locking %v, saving %v", locking, saving)
		}
	}
}

func TestOnlyItsAuthorSharesANoteWiderAndOnlyAsACopy(t *testing.T) {
	h := open(t)
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := h.work.Personal(h.ctx, tx, h.a, at)
		return err
	}))
	all, err := engagement.Lanes(h.ctx, h.db, h.a, "")
	h.must(err)
	i := slices.IndexFunc(all, func(l engagement.LaneInfo) bool { return l.Kind == engagement.PersonalLane })
	id := h.begin(h.a, all[i], "mine", "what I thought")
	if h.titles(h.mara) != "" || h.titles(h.b) != "" {
		t.Error("somebody else sees what is for its writer alone")
	}
	if err := h.notes.Share(h.ctx, h.a, id, 1); fault.KindOf(err) != fault.Conflict {
		t.Errorf("shared where it lies: %v", err)
	}
	copied, err := h.notes.Copy(h.ctx, h.a, id, h.lane(h.a, engagement.JointLane, "").ID, once.Key{})
	h.must(err)
	if h.titles(h.b) != "mine" || h.titles(h.mara) != "mine" {
		t.Errorf("after the copy: %q and %q", h.titles(h.b), h.titles(h.mara))
	}
	_, err = h.notes.Save(h.ctx, h.a, id, 1, note.Words{Title: "mine", Body: "CANARY-what I think now"})
	h.must(err)
	p, versions, err := h.notes.Versions(h.ctx, h.b, copied)
	h.must(err)
	if p.Words.Body != "what I thought" || len(versions) != 1 {
		t.Errorf("the copy follows its original: %q", p.Words.Body)
	}
	h.must(h.notes.Discard(h.ctx, h.a, id))
	if h.titles(h.b) != "mine" {
		t.Error("the copy went with its original")
	}
}

func TestEveryLookAtWhatAnotherWroteIsOnRecordAndOnesOwnIsNot(t *testing.T) {
	h := open(t)
	lane := h.lane(h.mara, engagement.IndividualLane, h.a)
	id := h.shared(h.mara, lane, "t", "x")
	looks := func() (n int) {
		h.must(h.db.Get(h.ctx, &n, `select count(*) from audit where about = $1 and act in ('note read', 'notes listed', 'notes searched')`, lane.ID))
		return n
	}
	_, err := h.notes.Read(h.ctx, h.mara, id)
	h.must(err)
	if looks() != 0 {
		t.Error("an author's look is recorded")
	}
	for i := range 3 {
		_, err := h.notes.Read(h.ctx, h.a, id)
		h.must(err)
		if looks() != i+1 {
			t.Errorf("%d looks, %d lines", i+1, looks())
		}
	}
}

func TestWhatIsNewIsNewUntilItsReaderHasReadItAndNobodyElseSeesThat(t *testing.T) {
	h := open(t)
	id := h.shared(h.mara, h.lane(h.mara, engagement.JointLane, ""), "t", "x")
	count := func(who people.ID) int {
		n, err := h.notes.Waiting(h.ctx, who, engagement.JointLane)
		h.must(err)
		return n
	}
	_, err := h.notes.Read(h.ctx, h.a, id)
	h.must(err)
	if count(h.a) != 0 || count(h.b) != 1 || count(h.mara) != 0 {
		t.Errorf("a %d, b %d, coach %d", count(h.a), count(h.b), count(h.mara))
	}
	_, err = h.notes.Save(h.ctx, h.mara, id, 1, note.Words{Title: "t", Body: "y"})
	h.must(err)
	if count(h.a) != 0 {
		t.Error("what is not shared yet is new")
	}
	h.must(h.notes.Share(h.ctx, h.mara, id, 2))
	if count(h.a) != 1 {
		t.Error("a correction is not new")
	}
}

func TestAJointNoteThatRepeatsWhatSomebodyWroteAloneIsSaid(t *testing.T) {
	h := open(t)
	h.shared(h.a, h.lane(h.a, engagement.IndividualLane, h.a), "", "I have not told him about the flat in Leeds that I still pay for.")
	found, err := h.notes.Repeats(h.ctx, h.mara, h.lane(h.mara, engagement.JointLane, ""), note.Words{Body: "We talked about money: “the flat in Leeds that I still pay” for, and more."})
	h.must(err)
	if len(found) != 1 || found[0].Of != "Ana" || found[0].Kind != engagement.IndividualLane || !strings.Contains(found[0].Run, "flat in Leeds") {
		t.Errorf("%+v", found)
	}
	if found, _ = h.notes.Repeats(h.ctx, h.mara, h.lane(h.mara, engagement.IndividualLane, h.b), note.Words{Body: "x"}); len(found) != 0 {
		t.Error("warned in a lane that is no wider")
	}
}

// Only notes for both were compared: what one had written alone went into the
// other's own space unremarked.
func TestWhatOneWroteAloneIsPointedOutWhereverSomebodyElseWouldReadIt(t *testing.T) {
	h := open(t)
	sentence := "the flat in Leeds that I still pay for"
	coach, joint := h.lane(h.mara, engagement.CoachLane, ""), h.lane(h.mara, engagement.JointLane, "")
	ofA, ofB := h.lane(h.mara, engagement.IndividualLane, h.a), h.lane(h.mara, engagement.IndividualLane, h.b)
	id := h.shared(h.a, h.lane(h.a, engagement.IndividualLane, h.a), "", sentence)
	_, err := h.notes.Save(h.ctx, h.a, id, 1, note.Words{Body: "something else, corrected since"})
	h.must(err)
	h.must(h.notes.Share(h.ctx, h.a, id, 2)) // it was said all the same
	locked := h.shared(h.mara, coach, "", "signed")
	h.must(h.notes.Lock(h.ctx, h.mara, locked, 1, "Mara"))
	h.must(h.notes.AddTo(h.ctx, h.mara, locked, "he drinks more than he says to anybody", once.Key{}))
	h.shared(h.mara, joint, "", "we agreed to talk every Sunday evening at six")
	for _, row := range []struct {
		into engagement.LaneInfo
		text string
		want int
	}{
		{joint, sentence, 1}, {ofB, sentence, 1}, {coach, sentence, 0}, {ofA, sentence, 0},
		{joint, "he drinks more than he says to anybody", 1}, {ofA, "he drinks more than he says to anybody", 1}, {coach, "he drinks more than he says to anybody", 0},
		{ofA, "we agreed to talk every Sunday evening at six", 0},
	} {
		found, err := h.notes.Repeats(h.ctx, h.mara, row.into, note.Words{Body: row.text})
		h.must(err)
		if len(found) != row.want {
			t.Errorf("%q into the %s lane: %+v, want %d", row.text, row.into.Kind, found, row.want)
		}
	}
	// A client who says again what they wrote to their coach hears of it as theirs,
	// and finds nothing of what the coach or the partner keeps.
	own, err := h.notes.Repeats(h.ctx, h.a, h.lane(h.a, engagement.JointLane, ""), note.Words{Body: sentence + ". he drinks more than he says to anybody"})
	h.must(err)
	if len(own) != 1 || !own[0].Mine {
		t.Errorf("%+v", own)
	}
	if found, err := h.notes.Repeats(h.ctx, h.b, h.lane(h.b, engagement.JointLane, ""), note.Words{Body: sentence}); err != nil || len(found) != 0 {
		t.Errorf("the partner is told by a warning what stands elsewhere: %+v, %v", found, err)
	}
	if found, err := h.notes.Repeats(h.ctx, h.a, h.lane(h.a, engagement.JointLane, ""), note.Words{Body: sentence}, id); err != nil || len(found) != 0 {
		t.Errorf("a note is compared with itself: %+v, %v", found, err)
	}
}

// Ten thousand times the same word took more than a second.
func TestRunsAreFoundAtACostThatGrowsWithTheLengthAlone(t *testing.T) {
	long := strings.Repeat("a ", note.LongestBody/2)
	began := time.Now()
	for range 20 {
		note.Runs(strings.Repeat(strings.Repeat("a ", 300)+"b ", 33), long, 6)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("twenty comparisons took %s", took)
	}
}

func TestSearchOpensOneEngagementForWhoMayReadIt(t *testing.T) {
	h := open(t)
	h.shared(h.mara, h.lane(h.mara, engagement.IndividualLane, h.a), "Session", "She spoke of the Heron for the first time.")
	for viewer, want := range map[people.ID]int{h.mara: 1, h.a: 1, h.b: 0, h.noor: 0} {
		hits, err := h.notes.Search(h.ctx, viewer, h.id, "heron")
		h.must(err)
		if len(hits) != want || want == 1 && !strings.Contains(hits[0].Around, "Heron") {
			t.Errorf("%d hits, want %d", len(hits), want)
		}
	}
}

func TestWhatCannotBeKeptIsSaidAndNothingIsWritten(t *testing.T) {
	h := open(t)
	lane := h.lane(h.mara, engagement.CoachLane, "")
	for name, w := range map[string]note.Words{
		"NUL": {Body: "a\x00b"}, "no text": {Body: "\xff\xfe"}, "too long": {Body: strings.Repeat("x", note.LongestBody+1)}, "long title": {Title: strings.Repeat("x", note.LongestTitle+1)},
	} {
		if _, err := h.notes.Begin(h.ctx, h.mara, lane.ID, "", w, once.Key{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, good := range []string{"emoji 🕊️👩‍👩‍👧", "עברית مرحبا", "a\r\nb", strings.Repeat("ж", note.LongestBody)} {
		id := h.begin(h.mara, lane, "t", good)
		p, err := h.notes.Read(h.ctx, h.mara, id)
		h.must(err)
		if strings.ReplaceAll(good, "\r", "") != p.Words.Body {
			t.Errorf("%.20q came back as %.20q", good, p.Words.Body)
		}
	}
	if _, err := h.notes.Read(h.ctx, h.mara, "not-an-id"); err != engagement.ErrNothing {
		t.Error(err)
	}
}

func TestRunsAreFoundWhateverTheirCaseAndSigns(t *testing.T) {
	for _, row := range []struct {
		text, other string
		want        []string
	}{
		{"one two three four five six", "ONE, two; three… four five six seven", []string{"one two three four five six"}},
		{"one two three four five", "one two three four five", nil},
		{"a b c d e f g. x. a b c d e f", "a b c d e f g", []string{"a b c d e f g", "a b c d e f"}},
		{"", "x", nil},
		{"le café où tu étais hier soir", "le cafe\u0301 ou\u0300 tu e\u0301tais hier soir", []string{"le café où tu étais hier soir"}},
		{"don’t tell him I said this", "Dont tell him I said this", []string{"don’t tell him I said this"}},
	} {
		if got := note.Runs(row.text, row.other, 6); !slices.Equal(got, row.want) {
			t.Errorf("%q in %q: %q", row.text, row.other, got)
		}
	}
}

func FuzzRuns(f *testing.F) {
	f.Add("a b c d e f g", "x a b c d e f y")
	f.Fuzz(func(t *testing.T, text, other string) {
		for _, run := range note.Runs(text, other, 6) {
			if len(strings.Fields(run)) == 0 {
				t.Errorf("an empty run in %q", text)
			}
			if len(note.Runs(run, other, 6)) == 0 {
				t.Errorf("the run %q is not found again in %q", run, other)
			}
		}
		if got := note.Runs(text, text, 6); len(got) > 1 {
			t.Errorf("a text repeats itself in %d runs", len(got))
		}
	})
}

// The words of one note were given to another in the database. Neither is shown
// as the other's, the rest of the page is, and nothing is done with words that
// nobody can read.
func TestANoteThatDoesNotOpenIsSaidToBeSoBesideTheOthers(t *testing.T) {
	h := open(t)
	joint := h.lane(h.mara, engagement.JointLane, "")
	one, two := h.shared(h.mara, joint, "first", "words of the first"), h.shared(h.mara, joint, "second", "words of the second")
	whole := h.shared(h.mara, joint, "whole", "words of the whole one")
	h.must(pgtest.Owner(t).InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `
			with moved as (select note_id, words from note_version where note_id in ($1, $2))
			update note_version v set words = m.words from moved m where v.note_id in ($1, $2) and m.note_id <> v.note_id`, one, two)
		return err
	}))
	for _, viewer := range []people.ID{h.a, h.mara} {
		if got := h.titles(viewer); got != "This does not open This does not open whole" {
			t.Errorf("%s", got)
		}
		page, err := h.notes.Read(h.ctx, viewer, one)
		if err != nil || !page.Broken || page.Words.Body != engagement.BrokenSay {
			t.Errorf("%+v, %v", page.Words, err)
		}
		if page, err := h.notes.Read(h.ctx, viewer, whole); err != nil || page.Broken || page.Words.Body != "words of the whole one" {
			t.Errorf("%+v, %v", page.Words, err)
		}
	}
	if hits, err := h.notes.Search(h.ctx, h.mara, h.id, "not open words"); err != nil || len(hits) != 0 {
		t.Errorf("found %d, %v", len(hits), err)
	}
	_, saved := h.notes.Save(h.ctx, h.mara, one, 1, note.Words{Body: "over it"})
	_, copied := h.notes.Copy(h.ctx, h.mara, one, h.lane(h.mara, engagement.CoachLane, "").ID, once.Key{})
	for act, err := range map[string]error{"save": saved, "lock": h.notes.Lock(h.ctx, h.mara, one, 1, "Mara"), "copy": copied} {
		if fault.KindOf(err) != fault.Conflict || fault.SayOf(err) != engagement.BrokenSay {
			t.Errorf("%s: %v", act, err)
		}
	}
}

// The keys of two lanes were exchanged. What lies in them does not open, and what
// lies beside them does.
func TestWhereTheKeyOfALaneDoesNotOpenTheOtherLanesDo(t *testing.T) {
	h := open(t)
	joint, forA, forB := h.lane(h.mara, engagement.JointLane, ""), h.lane(h.mara, engagement.IndividualLane, h.a), h.lane(h.mara, engagement.IndividualLane, h.b)
	h.shared(h.mara, joint, "both", "x")
	one := h.shared(h.mara, forA, "forA", "x")
	h.shared(h.mara, forB, "forB", "x")
	h.must(pgtest.Owner(t).InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `
			with moved as (select lane_id, wrapped from lane_key where lane_id in ($1, $2))
			update lane_key k set wrapped = m.wrapped from moved m where k.lane_id in ($1, $2) and m.lane_id <> k.lane_id`, forA.ID, forB.ID)
		return err
	}))
	if got := h.titles(h.a); got != "This does not open both" {
		t.Error(got)
	}
	if got := h.titles(h.mara); got != "This does not open This does not open both" {
		t.Error(got)
	}
	if page, err := h.notes.Read(h.ctx, h.a, one); err != nil || !page.Broken {
		t.Errorf("%+v, %v", page.Words, err)
	}
	if _, err := h.notes.Begin(h.ctx, h.mara, forA.ID, "", note.Words{Body: "more"}, once.Key{}); err == nil {
		t.Error("something was written under a key that does not open")
	}
}

func TestTheNameUnderANoteIsReadByItsReadersAndStandsNowhereInClear(t *testing.T) {
	h := open(t)
	id := h.shared(h.mara, h.lane(h.mara, engagement.IndividualLane, h.a), "t", "signed words")
	h.must(h.notes.Lock(h.ctx, h.mara, id, 1, "Mara WRENCANARY"))
	p, err := h.notes.Read(h.ctx, h.a, id)
	h.must(err)
	if p.LockedName != "Mara WRENCANARY" || !p.Verified() {
		t.Errorf("%q, %v", p.LockedName, p.Verified())
	}
	owner := pgtest.Owner(t)
	var row string
	h.must(owner.Get(h.ctx, &row, `select n::text from note n where n.id = $1`, string(id)))
	if strings.Contains(row, "WRENCANARY") || strings.Contains(row, hex.EncodeToString([]byte("WRENCANARY"))) {
		t.Errorf("it lies in clear: %s", row)
	}
	// What was signed before names were sealed still says who signed.
	h.must(owner.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `update note set locked_name = 'Mara WRENCANARY', locked_as = null where id = $1`, string(id))
		return err
	}))
	if p, err = h.notes.Read(h.ctx, h.a, id); err != nil || p.LockedName != "Mara WRENCANARY" || !p.Verified() {
		t.Errorf("%v: %q, %v", err, p.LockedName, p.Verified())
	}
}
