package practice_test

import (
	"context"
	"database/sql"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/token"
	"kintsugi/migrations"
)

// withTypes is a database with two joint types and one for one client.
func withTypes(t *testing.T) *pg.DB {
	t.Helper()
	db := pgtest.New(t)
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error {
		for slug, lane := range map[string]string{"couple": practice.Joint, "long": practice.Joint, "alone": practice.Individual} {
			if _, err := practice.SaveType(ctx, tx, practice.Type{Slug: slug, Name: slug, DurationMinutes: 60, Place: practice.Video, Lane: lane}); err != nil {
				return err
			}
		}
		return nil
	})
	return db
}

func six() practice.Package {
	return practice.Package{Slug: "six", Visibility: practice.Visible, Position: 2, Name: "Six", Description: "All *six*.", Sessions: 6,
		PriceMinor: 72000, Currency: "GBP", Tax: practice.TaxInclusive, ValidDays: 180, Types: practice.Slugs{"long", "couple"},
		Instalments: practice.Instalments{{Sessions: 2, PriceMinor: 30000}, {Sessions: 4, PriceMinor: 42000, DaysAfter: 30}}}
}

func savePackage(t *testing.T, db *pg.DB, p practice.Package, by people.ID) practice.Package {
	t.Helper()
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error { return practice.SavePackage(ctx, tx, p, by, clock()) })
	got, err := practice.FindAnyPackage(context.Background(), db, p.Slug)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAPackageIsStoredWhole(t *testing.T) {
	db := withTypes(t)
	want := six()
	got := savePackage(t, db, want, someone)
	want.ID, want.VersionID, want.Version, want.Latest, want.LinkGeneration = got.ID, got.VersionID, 1, 1, 1
	want.Lane, want.MadeAt, want.MadeBy = practice.Joint, clock(), someone
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\n%+v", got, want)
	}
	if parts := got.Parts(); len(parts) != 2 || parts[1].DaysAfter != 30 {
		t.Error(parts)
	}
	plain := six()
	plain.Slug, plain.Instalments = "plain", nil
	if got = savePackage(t, db, plain, ""); got.Instalments != nil || !reflect.DeepEqual(got.Parts(), []practice.Instalment{{Sessions: 6, PriceMinor: 72000}}) {
		t.Errorf("%+v", got)
	}
}

func TestOnlyOtherTermsMakeANewVersion(t *testing.T) {
	db, ctx := withTypes(t), context.Background()
	first := savePackage(t, db, six(), someone)
	same := six()
	same.Position, same.Visibility = 7, practice.ByLink
	if got := savePackage(t, db, same, ""); got.VersionID != first.VersionID || got.Position != 7 || got.Visibility != practice.ByLink {
		t.Errorf("where it stands made a version: %+v", got)
	}
	last := first
	for what, change := range map[string]func(*practice.Package){
		"name":        func(p *practice.Package) { p.Name = "Six hours" },
		"description": func(p *practice.Package) { p.Description = "" },
		"sessions":    func(p *practice.Package) { p.Sessions = 7 },
		"price":       func(p *practice.Package) { p.PriceMinor++ },
		"currency":    func(p *practice.Package) { p.Currency = "EUR" },
		"tax":         func(p *practice.Package) { p.Tax = practice.NoTax },
		"validity":    func(p *practice.Package) { p.ValidDays = 0 },
		"types":       func(p *practice.Package) { p.Types = p.Types[:1] },
		"lane":        func(p *practice.Package) { p.Types = practice.Slugs{"alone"} },
		"instalments": func(p *practice.Package) { p.Instalments = nil },
	} {
		p := six()
		change(&p)
		got := savePackage(t, db, p, "")
		if got.Version != last.Version+1 || got.VersionID == last.VersionID || !got.Current() {
			t.Errorf("other %s: %+v", what, got)
		}
		last = got
	}
	sold, err := practice.FindPackageVersion(ctx, db, first.VersionID)
	if err != nil || !sold.SameTerms(first) || sold.Current() || sold.Latest != last.Version {
		t.Errorf("what was sold is %+v, %v", sold, err)
	}
	versions, err := practice.PackageVersions(ctx, db, "six")
	if err != nil || len(versions) != 11 || versions[10].VersionID != first.VersionID {
		t.Errorf("%d versions, %v", len(versions), err)
	}
}

func TestAVersionIsNeverChangedAndNeverDeleted(t *testing.T) {
	db := withTypes(t)
	savePackage(t, db, six(), "")
	for _, act := range []string{
		`update package_version set price_minor = 1`, `delete from package_version`,
		`update package_version_type set position = 9`, `delete from package_version_type`, `delete from package`,
	} {
		err := db.InTx(context.Background(), func(tx *pg.Tx) error {
			_, err := tx.Exec(context.Background(), act)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", act, err)
		}
	}
}

func TestThePackagesOfTwoLanesAreNoPackage(t *testing.T) {
	db := withTypes(t)
	for _, types := range []practice.Slugs{{"couple", "alone"}, {"nothing"}, nil} {
		p := six()
		p.Types = types
		err := db.InTx(context.Background(), func(tx *pg.Tx) error {
			return practice.SavePackage(context.Background(), tx, p, "", clock())
		})
		if err == nil {
			t.Error(types)
		}
	}
}

func TestWhoFindsAPackage(t *testing.T) {
	db, ctx, key := withTypes(t), context.Background(), token.Key(strings.Repeat("k", 32))
	for visibility, row := range map[string]struct{ listed, linked bool }{
		practice.Visible: {true, true}, practice.ByLink: {false, true}, practice.Withdrawn: {false, false},
	} {
		p := six()
		p.Visibility = visibility
		saved := savePackage(t, db, p, "")
		listed, err := practice.Packages(ctx, db)
		if err != nil || (len(listed) == 1) != row.listed {
			t.Errorf("%s: listed %d, %v", visibility, len(listed), err)
		}
		if _, err := practice.FindPackage(ctx, db, "six"); (err == nil) != row.listed {
			t.Errorf("%s: %v", visibility, err)
		}
		got, err := practice.FindLinkedPackage(ctx, db, key, saved.Link(key))
		if (err == nil && got.ID == saved.ID) != row.linked {
			t.Errorf("%s: by link %v", visibility, err)
		}
		if _, err := practice.FindLinkedPackage(ctx, db, token.Key(strings.Repeat("x", 32)), saved.Link(key)); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: by a link of another's making %v", visibility, err)
		}
	}
	p := six()
	p.Visibility = practice.ByLink
	old := savePackage(t, db, p, "")
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error { return practice.RevokePackageLink(ctx, tx, old.ID) })
	if _, err := practice.FindLinkedPackage(ctx, db, key, old.Link(key)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a revoked link opens: %v", err)
	}
	renewed, err := practice.FindAnyPackage(ctx, db, "six")
	if err != nil || renewed.Version != old.Version {
		t.Error(renewed, err)
	}
	if _, err := practice.FindLinkedPackage(ctx, db, key, renewed.Link(key)); err != nil {
		t.Error(err)
	}
}

func TestAnOfferIsFoundByTheOneItWasMadeToWithTheTermsItHad(t *testing.T) {
	db, ctx := withTypes(t), context.Background()
	var ada, ben, mara people.ID
	var offer practice.OfferID
	saved := savePackage(t, db, six(), "")
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) (err error) {
		for email, id := range map[string]*people.ID{"ada@example.org": &ada, "ben@example.org": &ben} {
			if *id, _, err = people.FindOrCreate(ctx, tx, email, "Somebody", "", true, clock()); err != nil {
				return err
			}
		}
		if mara, err = people.SaveCoach(ctx, tx, people.Coach{Name: "Mara", Email: "mara@example.org", Slug: "mara", Role: people.Owner, Timezone: "Europe/London", Active: true}, clock()); err != nil {
			return err
		}
		_, err = practice.OfferPackage(ctx, tx, saved.VersionID, ada, mara, clock())
		return err
	})
	dearer := six()
	dearer.PriceMinor = 90000
	savePackage(t, db, dearer, "")
	got, err := practice.OffersTo(ctx, db, ada)
	if err != nil || len(got) != 1 || got[0].PriceMinor != 72000 || got[0].CoachID != mara || !got[0].Stands() {
		t.Fatalf("%+v, %v", got, err)
	}
	offer = got[0].ID
	if got, err := practice.OffersTo(ctx, db, ben); err != nil || got != nil {
		t.Errorf("another finds %+v, %v", got, err)
	}
	if _, err := practice.FindOffer(ctx, db, offer, ben); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another finds it: %v", err)
	}
	if _, err := practice.FindOffer(ctx, db, "not-an-id", ada); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	err = db.InTx(ctx, func(tx *pg.Tx) error { return practice.WithdrawOffer(ctx, tx, offer, ben, clock()) })
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("withdrawn for another: %v", err)
	}
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error {
		second, err := practice.FindAnyPackage(ctx, tx, "six")
		if err != nil {
			return err
		}
		_, err = practice.OfferPackage(ctx, tx, second.VersionID, ada, mara, clock().Add(time.Hour))
		return err
	})
	if got, err = practice.OffersTo(ctx, db, ada); err != nil || len(got) != 1 || got[0].PriceMinor != 90000 {
		t.Fatalf("two offers of one package stand: %+v, %v", got, err)
	}
	for range 2 {
		inTx(t, db, func(ctx context.Context, tx *pg.Tx) error {
			return practice.WithdrawOffer(ctx, tx, got[0].ID, ada, clock().Add(2*time.Hour))
		})
	}
	if _, err := practice.FindOffer(ctx, db, got[0].ID, ada); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a withdrawn offer is found: %v", err)
	}
}

// Packages from before they had versions keep their terms as the first one.
func TestOldPackagesBecomeTheirFirstVersion(t *testing.T) {
	ctx, address := context.Background(), pgtest.Empty(t)
	pool, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.FS, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, 131); err != nil {
		t.Fatal(err)
	}
	_, err = pool.ExecContext(ctx, `
		insert into appointment_type (slug, name, duration_minutes, place, buffer_before_minutes, buffer_after_minutes, min_notice_minutes,
			horizon_days, public, once_per_person, approval_minutes, credits, lane, position)
		values ('couple', 'Couple', 60, 'video', 0, 0, 0, 60, false, false, 0, 1, 'joint', 0);
		insert into package (slug, name, description, sessions, price_minor, currency, valid_days, withdrawn, position)
		values ('six', 'Six', 'All.', 6, 72000, 'GBP', 180, false, 0), ('gone', 'Gone', '', 1, 9000, 'GBP', null, true, 1);
		insert into package_type (package_id, type_id, position) select p.id, t.id, 0 from package p cross join appointment_type t`)
	if err != nil {
		t.Fatal(err)
	}
	if err := pg.Migrate(ctx, address); err != nil {
		t.Fatal(err)
	}
	var said string
	err = pool.QueryRowContext(ctx, `
		select string_agg(concat_ws(' ', p.slug, p.visibility, p.version, v.version, v.name, v.sessions, v.price_minor, v.currency, v.tax, v.valid_days, v.lane, t.slug), '; ' order by p.position)
		from package p
		join package_version v on v.package_id = p.id
		join package_version_type vt on vt.version_id = v.id
		join appointment_type t on t.id = vt.type_id`).Scan(&said)
	if err != nil || said != "six visible 1 1 Six 6 72000 GBP none 180 joint couple; gone withdrawn 1 1 Gone 1 9000 GBP none joint couple" {
		t.Errorf("%s, %v", said, err)
	}
}
