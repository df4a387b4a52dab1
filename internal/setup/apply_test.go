package setup_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/setup"
)

func clock() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

// apply puts a text onto a database.
func apply(db *pg.DB, text string) ([]string, error) {
	f, err := setup.Parse("practice.yaml", []byte(text))
	if f == nil {
		return nil, err
	}
	return setup.Apply(context.Background(), db, f, audit.Actor{Kind: audit.Operator}, clock())
}

func mustApply(t *testing.T, db *pg.DB, text string) []string {
	t.Helper()
	changes, err := apply(db, text)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func export(t *testing.T, db *pg.DB) string {
	t.Helper()
	text, err := setup.Export(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func refused(t *testing.T, db *pg.DB, text, want string) {
	t.Helper()
	before := export(t, db)
	changes, err := apply(db, text)
	var found setup.Mistakes
	if !errors.As(err, &found) || !strings.Contains(err.Error(), want) {
		t.Fatalf("applied with %v, %v; want a mistake with %s", changes, err, want)
	}
	if after := export(t, db); after != before {
		t.Fatalf("a refused file changed something:\n%s\nbefore:\n%s", after, before)
	}
}

func TestApplyingTwiceChangesNothingTheSecondTime(t *testing.T) {
	db := pgtest.New(t)
	changes := mustApply(t, db, whole(t))
	want := []string{
		"practice Common Ground Coaching: new", "coach mara: new", "appointment type meet-and-greet: new",
		"appointment type couple-session: new", "package rebuild-six: new", "form intake: new",
	}
	if !slices.Equal(changes, want) {
		t.Fatalf("first time %q", changes)
	}
	if changes := mustApply(t, db, whole(t)); changes != nil {
		t.Fatalf("second time %q", changes)
	}
	if changes := mustApply(t, db, export(t, db)); changes != nil {
		t.Fatalf("its own export %q", changes)
	}
}

func TestChangesAreToldWithBeforeAndAfter(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	text := strings.NewReplacer("duration: 30m", "duration: 45m", "max_per_day: 4", "max_per_day: null",
		"price: 720.00", "price: 750.00", `mon: ["09:00-12:00", "13:00-17:00"]`, `tue: ["09:00-12:00"]`,
		"bio: Markdown", "bio: |\n      Two\n      lines").Replace(whole(t))
	want := []string{
		"coach mara: bio changed",
		"coach mara: weekly_hours {mon: [09:00-12:00, 13:00-17:00]} → {tue: [09:00-12:00]}",
		"appointment type meet-and-greet: duration 30m → 45m",
		"appointment type meet-and-greet: max_per_day 4 → none",
		"package rebuild-six: price 720.00 → 750.00",
	}
	if changes := mustApply(t, db, text); !slices.Equal(changes, want) {
		t.Fatalf("%q", changes)
	}
}

func TestWhatTheFileDoesNotNameStays(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	changes := mustApply(t, db, `
coaches:
  - slug: ada
    name: Ada Obi
    email: ada@example.org
    timezone: Africa/Lagos
appointment_types:
  - slug: couple-session
    coaches: [ada, mara]
practice:
  cancel_notice: 48h
`)
	want := []string{
		"practice: cancel_notice 24h → 2d", "coach ada: new",
		"appointment type couple-session: coaches [mara] → [ada, mara]",
	}
	if !slices.Equal(changes, want) {
		t.Fatalf("%q", changes)
	}
	for _, kept := range []string{"name: Mara Lind", "duration: 90m", "rebuild-six", "key: goal", "2026-12-24", "currency: GBP"} {
		if !strings.Contains(export(t, db), kept) {
			t.Errorf("%s is gone", kept)
		}
	}
}

func TestAFieldThatIsNamedAndGivenNothingGoesBack(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	changes := mustApply(t, db, "coaches: [{slug: mara, weekly_hours: , travel: ~, overrides: []}]\nappointment_types: [{slug: meet-and-greet, min_notice: null, public: null}]")
	if len(changes) != 5 {
		t.Fatalf("%q", changes)
	}
	text := export(t, db)
	for _, gone := range []string{"weekly_hours", "travel", "overrides", "min_notice", "public"} {
		if strings.Contains(text, gone) {
			t.Errorf("%s is still there", gone)
		}
	}
	refused(t, db, "coaches: [{slug: mara, name: null}]", "practice.yaml:1: coaches[0].name: is missing")
}

func TestTheOrderOfTheFileIsTheOrderOfThePractice(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	order := func() string {
		types, err := practice.Types(context.Background(), db)
		if err != nil {
			t.Fatal(err)
		}
		var slugs []string
		for _, ty := range types {
			slugs = append(slugs, ty.Slug)
		}
		return strings.Join(slugs, " ")
	}
	changes := mustApply(t, db, "appointment_types: [{slug: couple-session}, {slug: walk, name: Walk, duration: 1h30m, coaches: [mara]}, {slug: meet-and-greet}]")
	if order() != "couple-session walk meet-and-greet" {
		t.Fatalf("%s %q", order(), changes)
	}
	if changes := mustApply(t, db, "appointment_types: [{slug: walk, name: A walk}]"); len(changes) != 1 || order() != "couple-session walk meet-and-greet" {
		t.Fatalf("naming one moved it: %s %q", order(), changes)
	}
}

func TestAMistakeTogetherWithWhatIsSetUpChangesNothing(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	refused(t, db, "practice: {cancel_notice: 1h}\nappointment_types: [{slug: couple-session, lane: individual}, {slug: meet-and-greet, duration: 30}]", "practice.yaml:2: appointment_types[1].duration")
	refused(t, db, "packages: [{slug: rebuild-six, appointment_types: [couple-session, meet-and-greet]}]", "practice.yaml:1: packages[0].appointment_types: couple-session is joint")
	refused(t, db, "practice:\n  currency: EUR", "practice.yaml:2: practice.currency: the price of package rebuild-six is in GBP")
	refused(t, db, "coaches: [{slug: mara, role: assistant}]", "appointment type meet-and-greet: mara is an assistant")
	refused(t, db, "coaches: [{slug: ada, name: Ada, email: Mara@Example.org}]", "practice.yaml:1: coaches[0].email: mara@example.org is the address of coach mara already")
	refused(t, db, "appointment_types:\n- slug: meet-and-greet\n  coaches: [nobody]\n- slug: x\n", "practice.yaml:3: appointment_types[0].coaches: there is no coach nobody; there are: mara\npractice.yaml:4: appointment_types[1].name: is missing")
	mustApply(t, db, "practice: {currency: JPY}\npackages: [{slug: rebuild-six, price: 72000}]")
}

func TestAnAddressThatAStrangerUsedBelongsToTheCoachAndOneOfAnotherDoesNot(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	var stranger people.ID
	err := db.InTx(ctx, func(tx *pg.Tx) (err error) {
		stranger, _, err = people.FindOrCreate(ctx, tx, "mara@example.org", "Not Mara", "", true, clock())
		if err != nil {
			return err
		}
		_, _, err = people.FindOrCreate(ctx, tx, "client@example.org", "A Client", "", true, clock())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, db, whole(t))
	mara, err := people.FindCoach(ctx, db, "mara")
	if err != nil || mara.ID != stranger || mara.Name != "Mara Lind" {
		t.Fatalf("%+v, %v", mara, err)
	}
	refused(t, db, "practice: {cancel_notice: 1h}\ncoaches:\n- slug: mara\n  email: client@example.org", "practice.yaml:4: coaches[0].email: client@example.org is already the address of somebody else here")
}

func TestACoachWhoseAddressChangesStaysTheSamePersonEvenWhenTwoChangePlaces(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	mustApply(t, db, whole(t)+"\n")
	mustApply(t, db, "coaches: [{slug: ada, name: Ada Obi, email: ada@example.org}]")
	before, err := people.Coaches(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, db, "coaches: [{slug: ada, email: mara@example.org}, {slug: mara, email: ada@example.org}]")
	for _, was := range before {
		now, err := people.FindCoach(ctx, db, was.Slug)
		if err != nil || now.ID != was.ID || now.Email == was.Email {
			t.Errorf("%+v became %+v, %v", was, now, err)
		}
	}
}

func TestFilesAppliedAtOnceAreAppliedOneAfterTheOther(t *testing.T) {
	db, replica := pgtest.New(t), pgtest.New(t)
	var wg sync.WaitGroup
	var news, errs [8]int
	for i := range news {
		wg.Go(func() {
			changes, err := apply([]*pg.DB{db, replica}[i%2], whole(t))
			news[i] = len(changes)
			if err != nil {
				errs[i]++
				t.Error(err)
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range news {
		sum += n
	}
	if sum != 6 {
		t.Fatalf("changes told: %v", news)
	}
}

func TestBeforeAFileIsAppliedNothingPretendsToBeSetUp(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	if _, err := practice.Load(ctx, db); err == nil || !strings.Contains(err.Error(), "not set up yet") {
		t.Error(err)
	}
	if _, err := setup.Export(ctx, db); err == nil {
		t.Error("an export of nothing")
	}
	if _, err := apply(db, "appointment_types: []"); err == nil || !strings.Contains(err.Error(), "practice: is missing") {
		t.Error(err)
	}
}

func TestApplyIsInTheAudit(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	mustApply(t, db, whole(t))
	mustApply(t, db, whole(t))
	var lines []string
	if err := db.Select(ctx, &lines, `select actor_kind || ' ' || act from audit order by id`); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(lines, []string{"operator practice file applied"}) {
		t.Fatalf("%q", lines)
	}
}

const inParts = "{sessions: 2, price: 300.00}, {sessions: 4, price: 420.00, after: 45d}"

func TestWhatAPackageSaysBeyondTheNeededIsKeptAndExported(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	text := "packages:\n- slug: rebuild-six\n  tax: inclusive\n  visibility: link\n  instalments: [" + inParts + "]"
	if changes := mustApply(t, db, text); len(changes) != 3 {
		t.Fatalf("%q", changes)
	}
	if changes := mustApply(t, db, text); changes != nil {
		t.Fatalf("again %q", changes)
	}
	out := export(t, db)
	for _, want := range []string{"tax: inclusive", "visibility: link", "- " + inParts[:28], "- " + inParts[30:]} {
		if !strings.Contains(out, want) {
			t.Errorf("the export has no %q:\n%s", want, out)
		}
	}
	fresh := pgtest.New(t)
	mustApply(t, fresh, out)
	if export(t, fresh) != out {
		t.Error("the export makes another practice elsewhere")
	}
	if changes := mustApply(t, db, "packages: [{slug: rebuild-six, instalments: []}]"); len(changes) != 1 {
		t.Errorf("%q", changes)
	}
}

func TestAPackageIsStillWithdrawnTheOldWay(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	mustApply(t, db, "packages: [{slug: rebuild-six, withdrawn: true}]")
	if out := export(t, db); !strings.Contains(out, "visibility: withdrawn") {
		t.Error(out)
	}
	mustApply(t, db, "packages: [{slug: rebuild-six, withdrawn: false}]")
	if out := export(t, db); strings.Contains(out, "visibility") {
		t.Error(out)
	}
	mustApply(t, db, "packages: [{slug: rebuild-six, visibility: link}]")
	if changes := mustApply(t, db, "packages: [{slug: rebuild-six, withdrawn: false}]"); changes != nil {
		t.Errorf("a private package became public: %q", changes)
	}
}

func TestAPackageFollowsItsTypesIntoAnotherLane(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	mustApply(t, db, "appointment_types: [{slug: couple-session, lane: individual}]")
	versions, err := practice.PackageVersions(context.Background(), db, "rebuild-six")
	if err != nil || len(versions) != 2 || versions[0].Lane != practice.Individual || versions[1].Lane != practice.Joint || !versions[0].Current() {
		t.Errorf("%+v, %v", versions, err)
	}
}
