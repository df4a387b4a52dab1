package stripefake

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

// ways are what a visitor can do at the page of a session, in its order.
var ways = []struct {
	name, says string
	late       bool
	after      time.Duration
	fails      bool
	why        string
}{
	{name: "card", says: "Pay by card"},
	{name: "declined", says: "Try a card that the bank declines", why: "generic_decline"},
	{name: "funds", says: "Try a card without enough money on it", why: "insufficient_funds"},
	{name: "expired", says: "Try a card that has expired", why: "expired_card"},
	{name: "soon", says: "Pay by bank debit that arrives in half a minute", late: true, after: 30 * time.Second},
	{name: "days", says: "Pay by bank debit that arrives in three days", late: true, after: 72 * time.Hour},
	{name: "soon-fails", says: "Pay by bank debit that comes back in half a minute", late: true, after: 30 * time.Second, fails: true},
	{name: "days-fails", says: "Pay by bank debit that comes back in three days", late: true, after: 72 * time.Hour, fails: true},
}

// showCheckout is the page of a session.
func (s *Stripe) showCheckout(w http.ResponseWriter, r *http.Request) {
	s.page(w, r, http.StatusOK, "")
}

// actCheckout is what a visitor does there.
func (s *Stripe) actCheckout(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form could not be read.", http.StatusBadRequest)
		return
	}
	id, form := r.PathValue("id"), r.PostForm
	if form.Get("op") == "code" {
		if err := s.UseCode(id, form.Get("code")); err != nil {
			s.page(w, r, http.StatusUnprocessableEntity, worded(err))
			return
		}
		http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
		return
	}
	buyer := Buyer{Email: strings.TrimSpace(form.Get("email")), Name: strings.TrimSpace(form.Get("name")), Country: form.Get("country"), Terms: form.Get("terms") != ""}
	for _, way := range ways {
		if way.name != form.Get("way") {
			continue
		}
		back, err := "", error(nil)
		switch {
		case way.late:
			back, err = s.PayLate(id, buyer, way.after, way.fails)
		case way.why != "":
			if err = s.Decline(id, buyer, way.why); err == nil {
				err = errors.New(declines[way.why])
			}
		default:
			back, err = s.Pay(id, buyer)
		}
		if err != nil {
			s.page(w, r, http.StatusUnprocessableEntity, worded(err))
			return
		}
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	s.page(w, r, http.StatusUnprocessableEntity, "Choose how this payment goes.")
}

// worded words what went wrong for the visitor.
func worded(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + map[bool]string{true: "", false: "."}[strings.HasSuffix(text, ".")]
}

// page writes the page of a session, with what went wrong on it.
func (s *Stripe) page(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	s.mu.Lock()
	s.settle()
	session := s.sessions.find(r.PathValue("id"))
	var body string
	switch {
	case session == nil:
		status, body = http.StatusNotFound, "<h1>Nothing here</h1><p>There is no such checkout.</p>"
	case session.Status == "complete":
		body = "<h1>Done</h1><p>This checkout is complete.</p>" + link(strings.ReplaceAll(string(session.SuccessURL), sessionWord, session.ID), "Back to the site")
	case session.Status == "expired":
		body = "<h1>Expired</h1><p>This checkout has expired. Nothing was paid.</p>" + link(string(session.CancelURL), "Back to the site")
	default:
		body = s.form(session, r.PostForm.Get, wrong)
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	fmt.Fprintf(w, pageFrame, body)
}

const pageFrame = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Practice checkout</title>
<style>
:root { color-scheme: light dark; --ground: #fbfaf7; --ink: #1d2023; --act: #1f5a52; --warn: #9c1c14; background: var(--ground); color: var(--ink); }
@media (prefers-color-scheme: dark) { :root { --ground: #15171a; --ink: #eceae4; --act: #9fd3c7; --warn: #ff9a8f; } }
a { color: var(--act); }
body { font: 1.1rem/1.6 system-ui, sans-serif; max-inline-size: 36rem; margin: 2rem auto; padding: 0 1rem; }
.note { border: 2px solid; padding: .5rem 1rem; }
.wrong { border-inline-start: .4rem solid var(--warn); padding-inline-start: .8rem; }
label { display: block; margin-block: .4rem; min-block-size: 2.75rem; }
input:not([type=radio]):not([type=checkbox]), select { display: block; font: inherit; inline-size: 100%%; padding: .5rem; box-sizing: border-box; }
button { font: inherit; padding: .6rem 1.2rem; min-block-size: 2.75rem; }
table { border-collapse: collapse; inline-size: 100%%; }
th, td { text-align: start; padding: .3rem 0; font-weight: normal; }
td { text-align: end; font-variant-numeric: tabular-nums; }
fieldset { margin-block: 1rem; }
</style>
</head>
<body>
<main>
<p class="note"><strong>No money moves here.</strong> This page stands in for the checkout of Stripe. Enter nothing that is real.</p>
%s
</main>
</body>
</html>
`

// form is the page of an open session.
func (s *Stripe) form(session *Session, typed func(string) string, wrong string) string {
	var b strings.Builder
	b.WriteString("<h1>Pay " + amount(session.AmountTotal, session.Currency) + "</h1>\n")
	if wrong != "" {
		b.WriteString(`<p class="wrong" role="alert" id="wrong">` + html.EscapeString(wrong) + "</p>\n")
	}
	b.WriteString("<table><caption>What this is for</caption>\n")
	row := func(name string, minor int64) {
		b.WriteString(`<tr><th scope="row">` + html.EscapeString(name) + "</th><td>" + amount(minor, session.Currency) + "</td></tr>\n")
	}
	for _, item := range session.items {
		row(fmt.Sprintf("%s × %d", item.Description, item.Quantity), item.AmountSubtotal)
	}
	if off := session.TotalDetails.Discount; off != 0 {
		row("Discount", -off)
	}
	if tax := session.TotalDetails.Tax; tax != 0 {
		row("Tax", tax)
	}
	row("Total", session.AmountTotal)
	b.WriteString("</table>\n")

	if session.AllowCodes != nil && *session.AllowCodes {
		b.WriteString(`<form method="post"><input type="hidden" name="op" value="code"><label>Promotion code <input name="code" value="` +
			html.EscapeString(typed("code")) + `" autocomplete="off" required></label><button>Use this code</button></form>` + "\n")
	}

	b.WriteString(`<form method="post"><input type="hidden" name="op" value="pay">` + "\n")
	if known := session.CustomerDetails; known != nil && known.Email != "" {
		b.WriteString("<p>Receipt to " + html.EscapeString(string(known.Email)) + "</p>\n")
	} else {
		b.WriteString(`<label>Email <input type="email" name="email" autocomplete="email" required value="` + html.EscapeString(typed("email")) + `"></label>` + "\n")
	}
	b.WriteString(`<label>Name on card <input name="name" autocomplete="off" value="` + html.EscapeString(typed("name")) + `"></label>` + "\n")
	if session.AutomaticTax.Enabled || session.BillingAddress == "required" {
		b.WriteString(`<label>Country <select name="country"><option value="GB">United Kingdom</option><option value="DE">Germany</option><option value="US">United States</option></select></label>` + "\n")
	}
	b.WriteString("<fieldset><legend>How this payment goes</legend>\n")
	checked := " checked"
	for _, way := range ways {
		if session.offers(way.late) && (session.AmountTotal > 0 || way.name == "card") {
			says := way.says
			if session.AmountTotal == 0 {
				says = "Nothing to pay"
			}
			b.WriteString(`<label><input type="radio" name="way" value="` + way.name + `"` + checked + `> ` + says + "</label>\n")
			checked = ""
		}
	}
	b.WriteString("</fieldset>\n")
	if session.wantsTerms() {
		b.WriteString(`<label><input type="checkbox" name="terms" value="yes"> ` + session.says("terms_of_service_acceptance", "I agree to the terms of service") + "</label>\n")
	}
	if said := session.says("submit", ""); said != "" {
		b.WriteString("<p>" + said + "</p>\n")
	}
	b.WriteString("<button>Complete this checkout</button></form>\n")
	b.WriteString(link(string(session.CancelURL), "Back without paying"))
	return b.String()
}

// offers reports whether a session takes late ways of paying, or prompt ones.
func (s *Session) offers(late bool) bool {
	if s.AmountTotal == 0 {
		return !late
	}
	return s.first(late) != ""
}

// says is a text of the session's own for a place on the page.
func (s *Session) says(place, otherwise string) string {
	if part, ok := s.CustomText[place].(map[string]any); ok {
		return html.EscapeString(part["message"].(string))
	}
	return otherwise
}

func link(to, says string) string {
	if to == "" {
		return ""
	}
	return `<p><a href="` + html.EscapeString(to) + `">` + says + "</a></p>\n"
}

// amount is minor units as a visitor reads them, plainly.
func amount(minor int64, currency string) string {
	sign := ""
	if minor < 0 {
		sign, minor = "−", -minor
	}
	code := strings.ToUpper(currency)
	switch {
	case strings.Contains("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF", code):
		return fmt.Sprintf("%s%d %s", sign, minor, code)
	case strings.Contains("BHD JOD KWD OMR TND", code):
		return fmt.Sprintf("%s%d.%03d %s", sign, minor/1000, minor%1000, code)
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, minor/100, minor%100, code)
}
