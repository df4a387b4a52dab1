package availability_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

func clock() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

// counted counts what is asked of a database.
type counted struct {
	pg.Conn
	asked int
}

func (c *counted) Get(ctx context.Context, dest any, query string, args ...any) error {
	c.asked++
	return c.Conn.Get(ctx, dest, query, args...)
}

func (c *counted) Select(ctx context.Context, dest any, query string, args ...any) error {
	c.asked++
	return c.Conn.Select(ctx, dest, query, args...)
}

func maras() availability.Stored {
	return availability.Stored{
		Weekly:        practice.Week{time.Monday: {{From: 540, To: 720}}},
		Overrides:     []availability.Override{{Date: "2026-12-24", Hours: practice.Windows{}}},
		Travel:        []availability.Trip{{From: "2026-05-11", To: "2026-05-15", Timezone: "America/New_York"}},
		BusyCalendars: []string{"https://calendar.example.org/mara.ics"},
	}
}

// set puts a practice with a call, held by mara, by ben who has no hours, by an
// assistant and by somebody who has left.
func set(t *testing.T, db *pg.DB) (mara people.ID) {
	t.Helper()
	ctx := context.Background()
	err := db.InTx(ctx, func(tx *pg.Tx) error {
		err := practice.Save(ctx, tx, practice.Practice{Basics: practice.Basics{Name: "Common", DiscreetName: "C", Timezone: "Europe/Paris", Currency: "EUR", Email: "a@example.org", CancelMinutes: 60, Reminders: practice.Reminders{90}}, KeptDays: 1}, clock())
		if err != nil {
			return err
		}
		var holders []people.ID
		for i, c := range []people.Coach{
			{Slug: "mara", Role: people.Owner, Active: true, Bio: "b", MeetingURL: "https://meet.example.org"},
			{Slug: "ben", Role: people.Member, Active: true}, {Slug: "assistant", Role: people.Assistant, Active: true}, {Slug: "left", Role: people.Member},
		} {
			c.Name, c.Email, c.Timezone, c.Position = c.Slug, c.Slug+"@example.org", "Europe/London", i
			id, err := people.SaveCoach(ctx, tx, c, clock())
			if err != nil {
				return err
			}
			holders = append([]people.ID{id}, holders...)
		}
		mara = holders[3]
		stored := maras()
		stored.CoachID = mara
		if err := availability.Save(ctx, tx, stored); err != nil {
			return err
		}
		for _, withdrawn := range []bool{false, true} {
			slug := map[bool]string{false: "call", true: "gone"}[withdrawn]
			id, err := practice.SaveType(ctx, tx, practice.Type{Slug: slug, Name: "Call", DurationMinutes: 30, Place: "video", Lane: "joint", HorizonDays: 60, Public: true, Withdrawn: withdrawn})
			if err != nil {
				return err
			}
			if err := practice.SaveHolders(ctx, tx, id, holders); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return mara
}

// Every view of a booking page asks for the offer, so it must stay one question.
func TestTheOfferOfATypeIsOneStatement(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	set(t, db)
	q := &counted{Conn: db}
	offer, err := availability.ForType(ctx, q, "call")
	if err != nil || q.asked != 1 {
		t.Fatalf("%d statements, %v", q.asked, err)
	}
	basics, err := practice.LoadBasics(ctx, db)
	if err != nil || !reflect.DeepEqual(offer.Practice, basics) {
		t.Errorf("%+v, want %+v, %v", offer.Practice, basics, err)
	}
	same, err := practice.FindType(ctx, db, "call")
	if err != nil || !reflect.DeepEqual(offer.Type, same) {
		t.Errorf("%+v, %v; want %+v", offer.Type, err, same)
	}
	if len(offer.Coaches) != 2 || offer.Coaches[0].Slug != "ben" || offer.Coaches[1].Slug != "mara" {
		t.Fatalf("%+v", offer.Coaches)
	}
	for _, c := range offer.Coaches {
		profile, err := people.FindCoach(ctx, db, c.Slug)
		hours, err2 := availability.Hours(ctx, db, c.ID)
		if err != nil || err2 != nil || !reflect.DeepEqual(c.Coach, profile) || !reflect.DeepEqual(c.Hours, hours) {
			t.Errorf("%+v\nwant %+v, %+v, %v, %v", c, profile, hours, err, err2)
		}
	}
	london, _ := time.LoadLocation("Europe/London")
	york, _ := time.LoadLocation("America/New_York")
	mara, ok := offer.Coach("mara")
	want := slot.Hours{
		Weekly:    map[time.Weekday][]slot.Window{time.Monday: {{From: 540, To: 720}}},
		Overrides: map[slot.Date][]slot.Window{{Year: 2026, Month: 12, Day: 24}: {}},
		Travel:    []slot.Travel{{From: slot.Date{Year: 2026, Month: 5, Day: 11}, To: slot.Date{Year: 2026, Month: 5, Day: 15}, Zone: york}},
		Home:      london,
	}
	if !ok || !reflect.DeepEqual(mara.Hours, want) {
		t.Errorf("%+v\nwant %+v", mara.Hours, want)
	}
	if _, ok := offer.Coach("assistant"); ok {
		t.Error("an assistant is offered")
	}
}

func TestATypeThatIsUnknownOrWithdrawnIsNotOffered(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	if _, err := availability.ForType(ctx, db, "call"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before anything is set up: %v", err)
	}
	set(t, db)
	for _, slug := range []string{"gone", "nothing", "CALL", "", "call' or true --"} {
		if _, err := availability.ForType(ctx, db, slug); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", slug, err)
		}
	}
	if offer, err := availability.ForBooked(ctx, db, "gone"); err != nil || len(offer.Coaches) != 2 {
		t.Errorf("%+v, %v", offer, err)
	}
}

func TestHoursAreReplacedWholeAndReadBackTheSame(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	mara := set(t, db)
	want := maras()
	want.CoachID = mara
	all, err := availability.All(ctx, db)
	if err != nil || !reflect.DeepEqual(all, []availability.Stored{want}) {
		t.Fatalf("%+v, %v", all, err)
	}
	err = db.InTx(ctx, func(tx *pg.Tx) error { return availability.Save(ctx, tx, availability.Stored{CoachID: mara}) })
	if err != nil {
		t.Fatal(err)
	}
	hours, err := availability.Hours(ctx, db, mara)
	if err != nil || len(hours.Weekly) != 0 || len(hours.Overrides) != 0 || len(hours.Travel) != 0 {
		t.Errorf("%+v, %v", hours, err)
	}
}

func TestHoursThatCannotBeReadSayEverythingThatIsWrong(t *testing.T) {
	_, err := availability.ParseHours(nil, []availability.Override{{Date: "x"}}, []availability.Trip{{From: "y", To: "2026-01-01", Timezone: "Nowhere"}}, "Else/Where")
	if err == nil {
		t.Fatal("read")
	}
	for _, part := range []string{`"x"`, `"y"`, "Nowhere", "Else/Where"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not in %v", part, err)
		}
	}
}
