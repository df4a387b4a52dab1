package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// The notice in the inbox says that there is something to see. Whoever opens it
// with the code alone sees the portal of any other day.
func TestWhatHappensToHowAClientSignsInIsShownBehindTheSecondProofAlone(t *testing.T) {
	t.Parallel()
	h := staff(t, false)
	var client people.ID
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		if client, _, err = people.FindOrCreate(h.ctx, tx, "ana@example.com", "Ana", "", true, h.now()); err != nil {
			return err
		}
		return login.Admit(h.ctx, tx, client, h.now())
	}))
	home := func(strong bool) string {
		cookie := h.signedIn(client)
		if !strong {
			h.exec(`update session set proven_at = null, fresh_at = null where person_id = $1`, client)
		}
		return h.get("/portal", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "kintsugi", Value: cookie}) }).shows(200).body
	}
	before := home(false)
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		return h.first.login.BeginRestore(h.ctx, tx, h.coach("noor").ID, client, "harbour light", h.now())
	}))
	h.exec(`insert into address_change (person_id, wrapped, address_hash, both_ends, asked_at, confirmed_at, takes_at) values ($1, '', '', true, $2, $2, $3)`,
		client, h.now(), h.now().Add(48*time.Hour))
	for _, path := range []string{"/sign-in/restore", "/sign-in/address"} {
		if !strings.Contains(home(true), `href="`+path+`"`) {
			t.Errorf("both proofs do not show the way to %s", path)
		}
	}
	if after := home(false); nonces.ReplaceAllString(after, "") != nonces.ReplaceAllString(before, "") {
		t.Errorf("the code alone shows it:\n%s", changed(before, after))
	}
}

// A moment at an open screen was enough to take the address of her calendar along,
// which shows every hour of hers from then on and asks for nothing.
func TestAMomentAtAnOpenScreenTakesNothingAlong(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	h.post("/portal/feed", url.Values{"act": {"make"}}, h.as(h.ida)).shows(303)
	if body := h.get("/portal/feed", h.as(h.ida)).shows(200).body; !strings.Contains(body, "/feeds/") {
		t.Fatal("there is none")
	}
	h.exec(`update session set fresh_at = $2 where person_id = $1`, h.ida, h.now().Add(-11*time.Minute))
	for _, path := range []string{"/portal/feed", "/portal/export", "/portal/erase"} {
		for _, got := range []answer{h.get(path, h.as(h.ida)), h.post(path, url.Values{"act": {"revoke"}, "as": {"json"}}, h.as(h.ida))} {
			if got.status != 303 || got.path() != "/sign-in/proof" || strings.Contains(got.body, "/feeds/") {
				t.Errorf("%s answers %d to %s", path, got.status, got.header.Get("Location"))
			}
		}
	}
	if n := h.count(`select count(*) from client_feed where person_id = $1 and revoked_at is null`, h.ida); n != 1 {
		t.Error("it was revoked")
	}
}
