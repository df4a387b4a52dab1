package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/money"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/setup"
)

// packageLook is what a change of a package would do, and for whom.
type packageLook struct {
	Lines []termLine
	For   []string // who is touched by it and who is not
}

// termLine is one thing that would be another.
type termLine struct{ What, Was, Is string }

// errOnlyLooking takes back what was tried.
var errOnlyLooking = errors.New("only looking")

// lookAt tries a change and takes it back, so that what would come of it is told
// by the same rules that make it.
func (d *Desk) lookAt(c *gin.Context, was practice.Package, part any) (*packageLook, error) {
	ctx := c.Request.Context()
	text, err := json.Marshal(part)
	if err != nil {
		return nil, err
	}
	file, err := setup.Parse("form", text)
	if file == nil {
		return nil, err
	}
	var is practice.Package
	err = d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if _, err := setup.Put(ctx, tx, file, audit.Entry{At: d.Now(), Actor: d.actor(c), Act: "package changed"}); err != nil {
			return err
		}
		if is, err = practice.FindAnyPackage(ctx, tx, was.Slug); err != nil {
			return err
		}
		return errOnlyLooking
	})
	if !errors.Is(err, errOnlyLooking) {
		return nil, err
	}
	types, err := practice.AllTypes(ctx, d.DB)
	if err != nil {
		return nil, err
	}
	look := &packageLook{Lines: changesOf(was, is, types)}
	look.For, err = d.touched(ctx, was, is)
	return look, err
}

// changesOf says what differs between two states of a package.
func changesOf(was, is practice.Package, types []practice.Type) []termLine {
	var lines []termLine
	add := func(what, before, after string) {
		if before != after {
			lines = append(lines, termLine{what, before, after})
		}
	}
	add("Name", was.Name, is.Name)
	if was.Description != is.Description {
		lines = append(lines, termLine{"What it is for", "", "other words"})
	}
	add("Sessions", sessionsSay(was.Sessions), sessionsSay(is.Sessions))
	add("For", joinAnd(typeNames(was, types)), joinAnd(typeNames(is, types)))
	add("Price", money.Format(was.PriceMinor, was.Currency), money.Format(is.PriceMinor, is.Currency))
	add("Tax", taxSay(was.Tax), taxSay(is.Tax))
	add("Paid", partsSay(was), partsSay(is))
	add("To be used within", validSay(was), validSay(is))
	add("Who finds it", visibilitySay(was.Visibility), visibilitySay(is.Visibility))
	return lines
}

func taxSay(tax string) string {
	switch tax {
	case practice.TaxInclusive:
		return "included in the price"
	case practice.TaxExclusive:
		return "added when paying"
	}
	return "none"
}

func partsSay(p practice.Package) string {
	if len(p.Instalments) == 0 {
		return "at once"
	}
	var said []string
	for i, part := range p.Parts() {
		when := "at once"
		if i > 0 {
			when = "after " + practice.Days(part.DaysAfter)
		}
		said = append(said, fmt.Sprintf("%s for %s %s", money.Format(part.PriceMinor, p.Currency), sessionsSay(part.Sessions), when))
	}
	return joinAnd(said)
}

func validSay(p practice.Package) string {
	if p.ValidDays == 0 {
		return "no last day"
	}
	return practice.Days(p.ValidDays)
}

func visibilitySay(v string) string {
	switch v {
	case practice.ByLink:
		return "whoever has its private link"
	case practice.Withdrawn:
		return "nobody"
	}
	return "everybody"
}

// touched says whom a change touches.
func (d *Desk) touched(ctx context.Context, was, is practice.Package) ([]string, error) {
	var say []string
	if !was.SameTerms(is) {
		say = append(say, "Whoever bought it before keeps what they bought, at its price and until its last day.",
			"Whoever has the page open and has not paid yet is shown the new terms and asked again.")
		offered, err := practice.CountOffers(ctx, d.DB, was.ID)
		if err != nil {
			return nil, err
		}
		switch {
		case offered == 1:
			say = append(say, "One person has been offered it and keeps the terms that were offered, until you withdraw the offer.")
		case offered > 1:
			say = append(say, fmt.Sprintf("%d people have been offered it and keep the terms that were offered, until you withdraw the offers.", offered))
		}
	}
	if was.Visibility != is.Visibility {
		switch is.Visibility {
		case practice.Visible:
			say = append(say, "Everybody finds it on the public list.")
		case practice.ByLink:
			say = append(say, "It leaves the public list. Its private link is shown here once it is saved.")
		default:
			say = append(say, "Nobody can buy it any more, also not by its private link.")
		}
	}
	return say, nil
}
