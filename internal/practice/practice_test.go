package practice_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

func clock() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

func inTx(t *testing.T, db *pg.DB, act func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := db.InTx(ctx, func(tx *pg.Tx) error { return act(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

func common() practice.Practice {
	return practice.Practice{
		Basics: practice.Basics{
			Name: "Common *Ground* [x](http://evil.example)", DiscreetName: "Common Ground", Timezone: "Europe/London",
			Currency: "GBP", Email: "hello@example.org", CancelMinutes: 48 * 60,
		},
		KeptDays: 90,
	}
}

func TestAPracticeThatIsNotSetUpSaysSo(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	_, whole := practice.Load(ctx, db)
	_, basics := practice.LoadBasics(ctx, db)
	for _, err := range []error{whole, basics} {
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.SayOf(err), "kintsugi apply") {
			t.Error(err)
		}
	}
}

func TestWhatThePracticeSaysIsKeptAndTheRestIsFilledIn(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	said := common()
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error { return practice.Save(ctx, tx, said, clock()) })
	own, err := practice.Own(ctx, db)
	said.ChangedAt = clock()
	if err != nil || !reflect.DeepEqual(own, said) {
		t.Fatalf("%+v, %v", own, err)
	}
	full, err := practice.Load(ctx, db)
	if err != nil || len(full.Help) == 0 || len(full.Reminders) != 2 || full.Name != own.Name {
		t.Fatalf("%+v, %v", full, err)
	}
	for name, text := range map[string]string{"intro": full.Intro, "privacy": full.Privacy, "terms": full.Terms} {
		if text == "" || strings.ContainsAny(text, "{}") || strings.Contains(text, "[x](http") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if !strings.Contains(full.Privacy, "90 days after") || !strings.Contains(full.Terms, "2 days before a paid session") || !strings.Contains(full.Privacy, "hello@example.org") {
		t.Error("the texts do not say the practice's own times and address")
	}
}

func TestTheBasicsAreThoseOfThePractice(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	said := common()
	said.Reminders, said.AskReason = practice.Reminders{90}, true
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error { return practice.Save(ctx, tx, said, clock()) })
	basics, err := practice.LoadBasics(ctx, db)
	if err != nil || !reflect.DeepEqual(basics, said.Basics) {
		t.Errorf("%+v, %v", basics, err)
	}
}

func TestAPracticeCanHaveNoReminderAndItsOwnHelp(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	said := common()
	said.Reminders, said.Help = practice.Reminders{}, practice.HelpLines{{Country: "GB", Name: "A friend", Phone: "1"}}
	said.Intro, said.Privacy, said.Terms = "Own", "Own", "{name}"
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error { return practice.Save(ctx, tx, said, clock()) })
	full, err := practice.Load(ctx, db)
	if err != nil || len(full.Reminders.Spans()) != 0 || len(full.Help) != 1 || full.Intro != "Own" || full.Terms != "{name}" {
		t.Fatalf("%+v, %v", full, err)
	}
}

func TestTheHelpLinesCanBeReached(t *testing.T) {
	for _, line := range practice.DefaultHelp() {
		if len(line.Country) != 2 || line.Name == "" || line.Phone == "" && line.URL == "" || line.URL != "" && !strings.HasPrefix(line.URL, "https://") {
			t.Errorf("%+v", line)
		}
	}
	if countries := practice.DefaultHelp().Countries(); len(countries) < 10 || countries[0] != "GB" {
		t.Error(countries)
	}
}

func TestATypeIsStoredWhole(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	types := []practice.Type{
		{Slug: "full", Name: "Full", Description: "d", DurationMinutes: 90, Place: "12 High Street", StepMinutes: 15, BeforeMinutes: 5,
			AfterMinutes: 10, NoticeMinutes: 720, HorizonDays: 30, MaxPerDay: 4, Public: true, OncePerPerson: true, ApprovalMinutes: 2880,
			Credits: 1, Lane: practice.Joint, Hours: practice.Week{time.Monday: {{From: 540, To: 720}}}, Position: 1},
		{Slug: "bare", Name: "Bare", DurationMinutes: 30, Place: practice.Video, Lane: practice.Individual, Withdrawn: true, Position: 0},
		{Slug: "never", Name: "Never", DurationMinutes: 30, Place: practice.Phone, Lane: practice.Individual, Hours: practice.Week{}, Position: 2},
	}
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error {
		for i := range types {
			if _, err := practice.SaveType(ctx, tx, types[i]); err != nil {
				return err
			}
			id, err := practice.SaveType(ctx, tx, types[i])
			if err != nil {
				return err
			}
			types[i].ID = id
		}
		return nil
	})
	for _, want := range types {
		got, err := practice.FindType(ctx, db, want.Slug)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		if byID, err := practice.FindTypeByID(ctx, db, want.ID); err != nil || byID.Slug != want.Slug {
			t.Errorf("%+v, %v", byID, err)
		}
	}
	offered, err := practice.Types(ctx, db)
	if err != nil || len(offered) != 2 || offered[0].Slug != "full" {
		t.Errorf("%+v, %v", offered, err)
	}
	if all, err := practice.AllTypes(ctx, db); err != nil || len(all) != 3 || all[0].Slug != "bare" {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := practice.FindType(ctx, db, "nothing"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	rules := types[0].Rules()
	want := slot.Type{Slug: "full", Duration: 90 * time.Minute, Step: 15 * time.Minute, BufferBefore: 5 * time.Minute, BufferAfter: 10 * time.Minute,
		MinNotice: 12 * time.Hour, HorizonDays: 30, MaxPerDay: 4, Weekly: map[time.Weekday][]slot.Window{time.Monday: {{From: 540, To: 720}}}}
	if !reflect.DeepEqual(rules, want) {
		t.Errorf("%+v", rules)
	}
	if types[1].Rules().Weekly != nil || types[2].Rules().Weekly == nil {
		t.Error("no hours of its own and none at all were mixed up")
	}
}

func TestHoldersAreKeptInTheirOrder(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	var id practice.TypeID
	var coaches []people.ID
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) (err error) {
		if id, err = practice.SaveType(ctx, tx, practice.Type{Slug: "call", Name: "Call", DurationMinutes: 30, Place: "video", Lane: "joint"}); err != nil {
			return err
		}
		for _, slug := range []string{"b", "a"} {
			coach, err := people.SaveCoach(ctx, tx, people.Coach{Slug: slug, Name: slug, Email: slug + "@example.org", Role: people.Member, Timezone: "UTC", Active: true}, clock())
			if err != nil {
				return err
			}
			coaches = append(coaches, coach)
		}
		return practice.SaveHolders(ctx, tx, id, coaches)
	})
	holders, err := practice.Holders(ctx, db)
	want := []practice.Holder{{TypeID: id, CoachID: coaches[0]}, {TypeID: id, CoachID: coaches[1]}}
	if err != nil || !reflect.DeepEqual(holders, want) {
		t.Errorf("%+v, %v", holders, err)
	}
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error { return practice.SaveHolders(ctx, tx, id, coaches[1:]) })
	if holders, err := practice.Holders(ctx, db); err != nil || !reflect.DeepEqual(holders, want[1:]) {
		t.Errorf("%+v, %v", holders, err)
	}
}

func TestAWeekIsWrittenAsThePracticeFileHasIt(t *testing.T) {
	week := practice.Week{time.Sunday: {{From: 0, To: 1440}}, time.Monday: {{From: 540, To: 720}, {From: 780, To: 1020}}, time.Tuesday: nil}
	text, err := json.Marshal(week)
	if err != nil || string(text) != `{"mon":["09:00-12:00","13:00-17:00"],"sun":["00:00-24:00"]}` {
		t.Fatalf("%s, %v", text, err)
	}
	for _, bad := range []string{`{"monday":[]}`, `{"mon":["9-12"]}`, `{"mon":"09:00-12:00"}`, `[]`} {
		if err := json.Unmarshal([]byte(bad), &week); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestAZoneMustMeanTheSameOnEveryMachine(t *testing.T) {
	for name, known := range map[string]bool{
		"Europe/London": true, "UTC": true, "America/Argentina/Buenos_Aires": true,
		"": false, "Local": false, "localtime": false, "posixrules": false, "right/Europe/London": false, "posix/Europe/London": false,
		"../../etc/passwd": false, "/etc/localtime": false, "Europe/Londn": false, "Europe\\London": false, strings.Repeat("x", 500): false, "a\x00b": false,
	} {
		if _, is := practice.KnownZone(name); is != known {
			t.Errorf("%q: %v", name, is)
		}
	}
}

func TestSpansAreSaidInTheLargestUnitThatFits(t *testing.T) {
	for n, want := range map[int]string{1: "1 minute", 30: "30 minutes", 60: "1 hour", 90: "90 minutes", 1440: "24 hours", 2880: "2 days", 0: "0 minutes"} {
		if got := practice.Span(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
