package desk_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/practice"
)

// packageOf is the form of a package, with some of its fields another.
func packageOf(pairs ...string) url.Values {
	form := url.Values{"name": {"Three sessions"}, "sessions": {"3"}, "price": {"390.00"}, "tax": {"none"}, "valid_for": {"90"},
		"visibility": {"visible"}, "appointment_types": {"couple"}, "description": {"For *two*."}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

func (o *backroom) pack(slug string) practice.Package {
	o.t.Helper()
	p, err := practice.FindAnyPackage(o.ctx, o.db, slug)
	o.must(err)
	return p
}

func TestAPackageIsMadeAndShown(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.get("/desk/packages").is(200).says("Six sessions", "£720.00: 6 sessions of Couple session, for two, without a last day")
	// A free call was offered as what sessions can be bought for, and would never have used one.
	if got := o.get("/desk/packages/new").is(200).says("A new package", "Couple session, for both clients"); strings.Contains(got.body, `value="meet"`) {
		t.Error("sessions can be sold for a call that costs none")
	}
	o.post("/desk/packages", packageOf("part_sessions_1", "1", "part_price_1", "130.00", "part_sessions_2", "2", "part_price_2", "260", "part_after_2", "30")).is(303)
	got := o.pack("three-sessions")
	if got.Sessions != 3 || got.PriceMinor != 39000 || got.ValidDays != 90 || got.Lane != practice.Joint || len(got.Instalments) != 2 || got.Instalments[1].DaysAfter != 30 {
		t.Errorf("%+v", got)
	}
	o.get("/desk/packages?done=added").is(200).says("Added.", "£390.00: 3 sessions of Couple session, for two, valid for 90 days, paid in 2 parts")
	o.post("/desk/packages", packageOf()).is(422).says(`There is a package under "three-sessions" already`, "For *two*.")
}

func TestAPackageThatCannotBeIsSaidWhereItIs(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	for _, row := range []struct{ name, value, say string }{
		{"name", "", "Please fill this in."},
		{"sessions", "", "Please fill this in."},
		{"sessions", "0", "must be a whole number from 1 to 1000"},
		{"price", "", "Please fill this in."},
		{"price", "12.5", "is not an amount in GBP"},
		{"price", "-3", "is not an amount"},
		{"appointment_types", "meet", "must all be of one kind"},
		{"appointment_types", "nobody", "There is no appointment type nobody"},
		{"valid_for", "long", "Write a whole number"},
		{"visibility", "hidden", "must be one of"},
		{"part_sessions_1", "3", "Part 1: write its price"},
		{"slug", "Bad Slug", "cannot stand in an address"},
	} {
		form := packageOf(row.name, row.value)
		if row.value == "meet" {
			form["appointment_types"] = []string{"couple", "meet"}
		}
		o.post("/desk/packages", form).is(422).says(row.say)
	}
	none := packageOf()
	none.Del("appointment_types")
	o.post("/desk/packages", none).is(422).says("Choose what the sessions are for.")
	o.post("/desk/packages", packageOf("part_sessions_1", "1", "part_price_1", "130.00", "part_sessions_2", "1", "part_price_2", "260.00", "part_after_2", "30")).
		is(422).says("The parts have 2 sessions together, and the package has 3.").holds(`value="260.00"`)
	if all, err := practice.AllPackages(o.ctx, o.db); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
}

// What was sold is not changed by a coach who thinks of the next buyer.
func TestAChangeIsShownBeforeItIsMadeAndLeavesWhatWasSold(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	sold := o.pack("six")
	change := packageOf("name", "Six sessions", "sessions", "6", "price", "780.00", "valid_for", "", "description", "")
	change.Set("act", "look")
	o.post("/desk/packages/six/edit", change).is(200).says("What this changes", "£720.00",
		"Whoever bought it before keeps what they bought", "Save this").holds("<strong>£780.00</strong>")
	if got := o.pack("six"); got.VersionID != sold.VersionID {
		t.Error("looking changed it")
	}
	change.Set("act", "save")
	o.post("/desk/packages/six/edit", change).is(303)
	if got := o.pack("six"); got.PriceMinor != 78000 || got.Version != 2 {
		t.Errorf("%+v", got)
	}
	if old, err := practice.FindPackageVersion(o.ctx, o.db, sold.VersionID); err != nil || old.PriceMinor != 72000 {
		t.Error(old, err)
	}
	change.Set("act", "look")
	o.post("/desk/packages/six/edit", change).is(200).says("Nothing: it is as it was.")
	change.Set("price", "x")
	o.post("/desk/packages/six/edit", change).is(422).says("is not an amount").holds(`value="x"`)
	o.get("/desk/packages/none/edit").is(404)
}

func TestWhoFindsAPackageIsChangedWithoutANewVersion(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.post("/desk/packages/six/show", url.Values{"visibility": {"link"}}).is(303)
	p := o.pack("six")
	if p.Visibility != practice.ByLink || p.Version != 1 {
		t.Errorf("%+v", p)
	}
	link := "/packages/by-link/" + p.Link(o.booking.Links)
	o.get("/desk/packages").is(200).says("Only by their private link", link)
	o.get("/desk/packages/six/edit").is(200).says(link, "Revoke this link")
	o.post("/desk/packages/six/link", url.Values{"op": {"one"}}).is(303)
	o.post("/desk/packages/six/link", url.Values{"op": {"one"}}).is(303) // a second click
	if again := o.pack("six"); again.LinkGeneration != 2 {
		t.Errorf("generation %d", again.LinkGeneration)
	}
	o.post("/desk/packages/six/show", url.Values{"visibility": {"withdrawn"}}).is(303)
	o.get("/desk/packages").is(200).says("Nobody can buy these", "Show it again")
	o.post("/desk/packages/six/show", url.Values{"visibility": {"x"}}).is(422)
}

func TestPackagesAreOrdered(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.post("/desk/packages", packageOf()).is(303)
	order := func() string {
		found, err := practice.Packages(o.ctx, o.db)
		o.must(err)
		var slugs []string
		for _, p := range found {
			slugs = append(slugs, p.Slug)
		}
		return strings.Join(slugs, " ")
	}
	if got := order(); got != "six three-sessions" {
		t.Fatal(got)
	}
	o.post("/desk/packages/three-sessions/move", url.Values{"act": {"up"}}).is(303)
	if got := order(); got != "three-sessions six" {
		t.Error(got)
	}
	o.post("/desk/packages/three-sessions/move", url.Values{"act": {"up"}}).is(303) // it is the first already
	o.post("/desk/packages/three-sessions/move", url.Values{"act": {"down"}}).is(303)
	if got := order(); got != "six three-sessions" {
		t.Error(got)
	}
}
