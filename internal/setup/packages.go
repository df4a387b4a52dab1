package setup

import (
	"slices"

	"kintsugi/internal/money"
	"kintsugi/internal/practice"

	"go.yaml.in/yaml/v3"
)

// pack is a package whose amounts are still text, since the practice's currency
// decides what they may be.
type pack struct {
	practice.Package
	price string
	parts []part
}

// part is an instalment as the file gives it.
type part struct {
	sessions int
	price    string
	after    int
}

// mostParts is how many instalments a package may be paid in.
const mostParts = 24

func packOf(p practice.Package) pack {
	out := pack{Package: p, price: money.Plain(p.PriceMinor, p.Currency)}
	for _, i := range p.Instalments {
		out.parts = append(out.parts, part{i.Sessions, money.Plain(i.PriceMinor, p.Currency), i.DaysAfter})
	}
	return out
}

func packageSettings() []setting[pack] {
	return []setting[pack]{
		must("name", line(longLine), func(p *pack) *string { return &p.Name }),
		may("description", prose(shortProse), "", func(p *pack) *string { return &p.Description }),
		must("sessions", whole(1, 1000), func(p *pack) *int { return &p.Sessions }),
		must("appointment_types", eachOf(slug(), mostItems, "[couple-session]"), func(p *pack) *[]string { return (*[]string)(&p.Types) }),
		must("price", amount(), func(p *pack) *string { return &p.price }),
		may("tax", oneOf(practice.NoTax, practice.TaxInclusive, practice.TaxExclusive), practice.NoTax, func(p *pack) *string { return &p.Tax }),
		may("instalments", instalments(), nil, func(p *pack) *[]part { return &p.parts }),
		may("valid_for", days(1, 3650), 0, func(p *pack) *int { return &p.ValidDays }),
		withdrawnPack(), // before visibility, which has the last word
		may("visibility", oneOf(practice.Visible, practice.ByLink, practice.Withdrawn), practice.Visible, func(p *pack) *string { return &p.Visibility }),
	}
}

// withdrawnPack is the older way of saying visibility: withdrawn, still read and
// never written.
func withdrawnPack() setting[pack] {
	return setting[pack]{
		key: "withdrawn",
		read: func(v value) (func(*pack), bool) {
			gone, ok := false, true
			if !v.null() {
				gone, ok = yesNo().read(v)
			}
			return func(p *pack) {
				switch {
				case gone:
					p.Visibility = practice.Withdrawn
				case p.Visibility == practice.Withdrawn:
					p.Visibility = practice.Visible
				}
			}, ok
		},
		usual: func(*pack) {},
		write: func(*pack) *yaml.Node { return nil },
	}
}

// instalments are what a package is paid in; none, or an empty list, is at once.
func instalments() kind[[]part] {
	list := listOf([]setting[part]{
		must("sessions", whole(1, 1000), func(p *part) *int { return &p.sessions }),
		must("price", amount(), func(p *part) *string { return &p.price }),
		may("after", days(0, 3650), 0, func(p *part) *int { return &p.after }),
	}, mostParts, "[{sessions: 3, price: 360.00}, {sessions: 3, price: 360.00, after: 30d}]", yaml.FlowStyle,
		func(parts []part, at []item[part]) {
			if len(parts) == 1 {
				at[0].at.wrong("one part alone is the whole price; take instalments out")
			}
			for i, p := range parts {
				switch {
				case i == 0 && p.after != 0:
					at[i].field("after").wrong("the first part is due when buying; take this out")
				case i > 0 && p.after <= parts[i-1].after:
					at[i].field("after").wrong("must be later than the part before it, such as %dd", parts[i-1].after+30)
				}
			}
		})
	return kind[[]part]{
		read: func(v value) ([]part, bool) {
			parts, ok := list.read(v)
			if len(parts) == 0 {
				return nil, ok
			}
			return parts, ok
		},
		write: list.write,
	}
}

// packsToSave are the packages that a file made different, and those whose
// sessions became another lane's with the types that they are for.
func packsToSave(old, next state) []pack {
	save := changed(old.packages, next.packages, packageSettings(), packageEntry())
	for _, p := range next.packages {
		moved := slices.ContainsFunc(p.Types, func(slug string) bool {
			was, is := find(old.types, typeEntry(), slug), find(next.types, typeEntry(), slug)
			return was != nil && is != nil && was.Lane != is.Lane
		})
		known := slices.ContainsFunc(save, func(o pack) bool { return o.Slug == p.Slug })
		if moved && !known {
			save = append(save, p)
		}
	}
	return save
}

// checkPackages refuses packages for types that are not there or not alike,
// amounts that the practice's currency cannot express, and parts that do not add
// up.
func (f *File) checkPackages(old state, next *state) {
	slugs := make([]string, len(next.types))
	for i, t := range next.types {
		slugs[i] = t.Slug
	}
	for i := range next.packages {
		p := &next.packages[i]
		at := func(key string) value { return place(f, f.packages, p.Slug, key, "package") }
		if p.Types != nil && len(p.Types) == 0 {
			at("appointment_types").wrong("a package needs an appointment type that its sessions are for")
		}
		lane, first := "", ""
		for _, slug := range p.Types {
			t := find(next.types, typeEntry(), slug)
			switch {
			case t == nil:
				at("appointment_types").wrong("there is no appointment type %s%s", slug, didYouMean(slug, slugs))
			case lane == "":
				lane, first = t.Lane, slug
			case t.Lane != lane:
				at("appointment_types").wrong("%s is %s and %s is %s; the sessions of one package must all be of one lane", first, lane, slug, t.Lane)
			}
		}
		f.checkWithdrawn(p.Slug)
		if f.checkPrice(old, next, p, at("price")) {
			checkParts(p, at("instalments"))
		}
	}
}

// checkWithdrawn refuses a package that says both in ways that differ.
func (f *File) checkWithdrawn(slug string) {
	for _, it := range f.packages {
		gone, both := it.fields["withdrawn"]
		seen, named := it.fields["visibility"]
		if it.slug != slug || !both || !named || gone.null() {
			continue
		}
		if (gone.node.Value == "true") != (seen.node.Value == practice.Withdrawn) {
			gone.wrong("says something else than visibility; take it out")
		}
	}
}

// checkPrice reads the price in the practice's currency.
func (f *File) checkPrice(old state, next *state, p *pack, at value) bool {
	if p.price == "" || next.practice.Currency == "" {
		return false
	}
	if old.set && old.practice.Currency != next.practice.Currency && !f.prices(p.Slug) {
		f.practice.field("currency").wrong("the price of package %s is in %s; name its price in %s too", p.Slug, old.practice.Currency, next.practice.Currency)
		return false
	}
	minor, err := money.Parse(p.price, next.practice.Currency)
	if err != nil {
		at.wrong("%v", err)
		return false
	}
	p.PriceMinor, p.Currency = minor, next.practice.Currency
	p.price = money.Plain(minor, p.Currency)
	return true
}

// checkParts reads the prices of the parts, which together are the package.
func checkParts(p *pack, at value) {
	p.Instalments = nil
	parts := slices.Clone(p.parts)
	sessions, sum := 0, int64(0)
	for i := range parts {
		minor, err := money.Parse(parts[i].price, p.Currency)
		if err != nil {
			at.entry(i).within("price").wrong("%v", err)
			return
		}
		parts[i].price = money.Plain(minor, p.Currency)
		sessions += parts[i].sessions
		sum += minor
		p.Instalments = append(p.Instalments, practice.Instalment{Sessions: parts[i].sessions, PriceMinor: minor, DaysAfter: parts[i].after})
	}
	p.parts = parts
	switch {
	case len(parts) == 0:
	case sessions != p.Sessions:
		at.wrong("the parts have %d sessions together, and the package has %d", sessions, p.Sessions)
	case sum != p.PriceMinor:
		at.wrong("the parts cost %s together, and the package costs %s", money.Plain(sum, p.Currency), p.price)
	}
}

// prices reports whether the file names the price of a package.
func (f *File) prices(slug string) bool {
	for _, it := range f.packages {
		if _, given := it.fields["price"]; it.slug == slug && given {
			return true
		}
	}
	return false
}
