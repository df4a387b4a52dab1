package web_test

import (
	"strings"
	"testing"

	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/token"
)

func TestAPackageSaysEverythingBeforeItIsBought(t *testing.T) {
	t.Parallel()
	h := build(t, sells)
	h.apply("packages: [{slug: six, tax: inclusive, description: For the *long* way., instalments: [{sessions: 2, price: 300.00}, {sessions: 4, price: 420.00, after: 30d}]}]")
	list := h.get("/packages").shows(200).page().words()
	if !strings.Contains(list, "£720.00") || !strings.Contains(list, "tax included, paid in 2 parts") || strings.Contains(list, "not set up") {
		t.Error(list)
	}
	p := h.get("/packages/six").shows(200).page()
	for _, want := range []string{
		"£720.00 tax included", "£300.00 when you buy, for 2 sessions", "£420.00 30 days later, for 4 sessions", "Couple session (1 hour 30 minutes)",
		"180 days of paying. A session must begin on or before the last day, in the time of London.",
		"Up to 24 hours before it begins you can move or cancel a session and keep it. Later than that, or when nobody comes, it counts as used.",
		"Both of you see them and when they are used; only whoever pays sees the payment.", "your right to withdraw",
	} {
		if !strings.Contains(p.words(), want) {
			t.Errorf("it does not say %q:\n%s", want, p.words())
		}
	}
	if got := p.link("Buy this package"); got != "/sign-in/new?next=%2Fportal%2Fpackages%2Fsix" {
		t.Errorf("buying leads to %q", got)
	}
}

func TestWithoutPaymentsPackagesAreShownAndNotSold(t *testing.T) {
	t.Parallel()
	h := build(t)
	for _, path := range []string{"/packages", "/packages/six"} {
		p := h.get(path).shows(200).page()
		if !strings.Contains(p.words(), "Payments are not set up here") || p.link("Buy") != "" {
			t.Errorf("%s: %s", path, p.words())
		}
	}
}

func TestAPackageByItsPrivateLinkIsOnNoList(t *testing.T) {
	t.Parallel()
	h := build(t, sells)
	h.apply("packages: [{slug: six, visibility: link}]")
	six, err := practice.FindAnyPackage(h.ctx, h.db, "six")
	h.must(err)
	address := "/packages/by-link/" + six.Link(h.booking.Links)
	if got := h.get("/packages").shows(200).page().words(); strings.Contains(got, "Six sessions") {
		t.Error(got)
	}
	if got := h.get("/sitemap.xml").shows(200).body; strings.Contains(got, "six") {
		t.Error(got)
	}
	h.get("/packages/six").shows(404)
	got := h.get(address).shows(200)
	if got.header.Get("Cache-Control") != "no-store" || !strings.Contains(got.body, "noindex") || !strings.Contains(got.page().link("Buy this package"), "%2Fportal%2Fpackages%2F") {
		t.Error(got.header, got.body)
	}
	for _, other := range []string{"x", address[len("/packages/by-link/"):][1:],
		h.booking.Links.Make(token.Link{Purpose: token.Preview, Object: string(six.ID), Recipient: string(six.ID), Generation: 1})} {
		h.get("/packages/by-link/" + other).shows(404)
	}
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error { return practice.RevokePackageLink(h.ctx, tx, six.ID) }))
	h.get(address).shows(404)
	h.apply("packages: [{slug: six, visibility: withdrawn}]")
	again, err := practice.FindAnyPackage(h.ctx, h.db, "six")
	h.must(err)
	h.get("/packages/by-link/" + again.Link(h.booking.Links)).shows(404)
}
