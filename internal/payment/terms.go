package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"kintsugi/internal/civil"
	"kintsugi/internal/money"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Terms are what a buyer agrees to, as Markdown. The page shows them whole and
// sends the hash along; another text has another hash and is agreed to anew.
type Terms struct {
	Text string
	Hash string
}

// TermsOf gives the terms on which a version of a package is sold now.
func TermsOf(ctx context.Context, q pg.Conn, id practice.PackageVersionID) (practice.Package, Terms, error) {
	p, err := practice.FindPackageVersion(ctx, q, id)
	if err != nil {
		return practice.Package{}, Terms{}, err
	}
	house, err := practice.Load(ctx, q)
	if err != nil {
		return practice.Package{}, Terms{}, err
	}
	types, err := practice.AllTypes(ctx, q)
	if err != nil {
		return practice.Package{}, Terms{}, err
	}
	names := map[string]string{}
	for _, t := range types {
		names[t.Slug] = t.Name
	}
	text := termsText(p, house, names)
	sum := sha256.Sum256([]byte("kintsugi terms 1\n" + text))
	return p, Terms{Text: text, Hash: hex.EncodeToString(sum[:])}, nil
}

// EarlyBegin is what a buyer asks for expressly, word for word: without it no
// session could begin before the right to withdraw has run out.
const EarlyBegin = "I ask that sessions may begin before the 14 days in which I can withdraw are over. I know that I pay for sessions that have taken place when I withdraw, and that my right to withdraw ends once all of them have."

func termsText(p practice.Package, house practice.Practice, names map[string]string) string {
	var b strings.Builder
	line := func(text string, args ...any) { fmt.Fprintf(&b, "- "+text+"\n", args...) }
	fmt.Fprintf(&b, "## What you buy\n\n")
	kinds := make([]string, len(p.Types))
	for i, slug := range p.Types {
		kinds[i] = names[slug]
	}
	line("%s: %s, to be used for: %s.", p.Name, sessions(p.Sessions), strings.Join(kinds, ", "))
	line("The price is %s%s.", money.Format(p.PriceMinor, p.Currency), taxWords(p.Tax))
	if len(p.Instalments) > 0 {
		for i, part := range p.Parts() {
			when := "now"
			if part.DaysAfter > 0 {
				when = practice.Days(part.DaysAfter) + " after the first payment"
			}
			line("Part %d: %s for %s, due %s.", i+1, money.Format(part.PriceMinor, p.Currency), sessions(part.Sessions), when)
		}
		line("The sessions of a part can be used once it is paid.")
	}
	if p.ValidDays > 0 {
		line("A session must begin on or before the last valid day: %s, counted from the day it is paid, in the time of %s.", practice.Days(p.ValidDays), civil.City(house.Timezone))
	} else {
		line("The sessions do not expire.")
	}
	line("A session that is moved or cancelled up to %s before its start goes back to you. Later, or when nobody comes, it counts as used. When your coach cancels, it goes back to you and lasts at least 30 more days.", practice.Span(house.CancelMinutes))
	if p.Lane == practice.Joint {
		line("These sessions are for two. Both of you see them and when they are used. Only whoever pays sees the payment.")
	} else {
		line("These sessions are yours alone. Nobody but you and your coach's office sees that you have them.")
	}
	line("You may withdraw within 14 days of buying, without a reason, by writing to %s. You get back what you paid for sessions that have not taken place.", house.Email)
	line("With your order you say: “%s”", EarlyBegin)
	fmt.Fprintf(&b, "\n%s", house.Terms)
	return b.String()
}

func taxWords(tax string) string {
	switch tax {
	case practice.TaxInclusive:
		return ", tax included"
	case practice.TaxExclusive:
		return "; tax is added when you pay"
	}
	return ""
}

func sessions(n int) string {
	if n == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", n)
}
