package people_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

func clock() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

func inTx(t *testing.T, db *pg.DB, act func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := db.InTx(ctx, func(tx *pg.Tx) error { return act(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

// Whoever knows an address could otherwise rename its owner, or switch their
// letters on and off, without being anybody.
func TestAStrangerChangesNothingThatIsKnownOfAnAddress(t *testing.T) {
	db := pgtest.New(t)
	var first, second people.ID
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error {
		var created, again bool
		var err, err2 error
		first, created, err = people.FindOrCreate(ctx, tx, "ana@example.org", "Ana", "Europe/London", false, clock())
		second, again, err2 = people.FindOrCreate(ctx, tx, "ana@example.org", "Eve", "Asia/Tokyo", true, clock().Add(time.Hour))
		if !created || again {
			t.Errorf("created %v, then %v", created, again)
		}
		return errors.Join(err, err2)
	})
	p, err := people.Find(context.Background(), db, first)
	if err != nil || first != second {
		t.Fatal(first, second, err)
	}
	want := people.Person{ID: first, Email: "ana@example.org", Name: "Ana", Timezone: "Europe/London", MadeAt: clock(), SeenAt: clock().Add(time.Hour)}
	if p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
	byEmail, err := people.FindByEmail(context.Background(), db, "ana@example.org")
	if err != nil || byEmail != p {
		t.Errorf("%+v, %v", byEmail, err)
	}
}

func TestManyAtOnceUnderOneAddressAreOnePerson(t *testing.T) {
	db := pgtest.New(t)
	var mu sync.Mutex
	ids, made := map[people.ID]bool{}, 0
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			ctx := context.Background()
			err := db.InTx(ctx, func(tx *pg.Tx) error {
				id, created, err := people.FindOrCreate(ctx, tx, "ana@example.org", "Ana", "", true, clock())
				mu.Lock()
				defer mu.Unlock()
				if ids[id] = true; created {
					made++
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 || made != 1 {
		t.Errorf("%d persons, made %d times", len(ids), made)
	}
}

func TestSomebodyUnknownIsNotFound(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	_, err := people.Find(ctx, db, "00000000-0000-4000-8000-000000000000")
	_, byEmail := people.FindByEmail(ctx, db, "nobody@example.org")
	_, coach := people.FindCoach(ctx, db, "nobody' or '1'='1")
	for _, err := range []error{err, byEmail, coach} {
		if fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	}
}

func coachMara() people.Coach {
	return people.Coach{Slug: "mara", Name: "Mara Lind", Email: "mara@example.org", Role: people.Owner, Timezone: "Europe/London", Active: true}
}

func TestOldProspectsAreForgottenAndCoachesAreNot(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	var old, recent, mara people.ID
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) (err error) {
		if old, _, err = people.FindOrCreate(ctx, tx, "old@example.org", "Old", "", true, clock().AddDate(0, 0, -200)); err != nil {
			return err
		}
		if recent, _, err = people.FindOrCreate(ctx, tx, "recent@example.org", "Recent", "", true, clock().AddDate(0, 0, -200)); err != nil {
			return err
		}
		if mara, err = people.SaveCoach(ctx, tx, coachMara(), clock().AddDate(0, 0, -200)); err != nil {
			return err
		}
		return people.Seen(ctx, tx, recent, clock())
	})
	ids, err := people.OldProspects(ctx, db, clock().AddDate(0, 0, -180))
	if err != nil || !slices.Equal(ids, []people.ID{old}) {
		t.Fatalf("%v, %v; want %v", ids, err, old)
	}
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error {
		gone, err := people.EraseProspect(ctx, tx, old)
		kept, err2 := people.EraseProspect(ctx, tx, mara)
		if !gone || kept {
			t.Errorf("the prospect went: %v; the coach went: %v", gone, kept)
		}
		return errors.Join(err, err2)
	})
	if _, err := people.Find(ctx, db, old); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

func TestACoachIsKnownBySlugAndAnAssistantSeesNobody(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error {
		id, err := people.SaveCoach(ctx, tx, coachMara(), clock())
		if err != nil {
			return err
		}
		married := coachMara()
		married.Name, married.Email, married.Position = "Mara Berg", "berg@example.org", 2
		same, err := people.SaveCoach(ctx, tx, married, clock())
		if same != id {
			t.Errorf("another person: %s, %s", id, same)
		}
		if err != nil {
			return err
		}
		_, err = people.SaveCoach(ctx, tx, people.Coach{Slug: "ben", Name: "Ben", Email: "ben@example.org", Role: people.Assistant, Timezone: "UTC", Position: 1, Active: true}, clock())
		if err != nil {
			return err
		}
		_, err = people.SaveCoach(ctx, tx, people.Coach{Slug: "left", Name: "Left", Email: "left@example.org", Role: people.Member, Timezone: "UTC"}, clock())
		if err != nil {
			return err
		}
		generation, err := people.RenewFeed(ctx, tx, id)
		if generation != 2 {
			t.Errorf("generation %d", generation)
		}
		return err
	})
	found, err := people.Coaches(ctx, db)
	if err != nil || len(found) != 2 || found[0].Slug != "ben" || found[1].Name != "Mara Berg" || found[1].FeedGeneration != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	if found[0].Bookable() || !found[1].Bookable() {
		t.Error("the wrong one can be booked")
	}
	if _, err := people.FindCoach(ctx, db, "left"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if all, err := people.AllCoaches(ctx, db); err != nil || len(all) != 3 {
		t.Errorf("%+v, %v", all, err)
	}
	for email, slug := range map[string]string{"berg@example.org": "ben", "ben@example.org": "new"} {
		err := db.InTx(ctx, func(tx *pg.Tx) error {
			_, err := people.SaveCoach(ctx, tx, people.Coach{Slug: slug, Name: "X", Email: email, Role: people.Member, Timezone: "UTC"}, clock())
			return err
		})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s as %s: %v", email, slug, err)
		}
	}
}
