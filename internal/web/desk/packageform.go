package desk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/money"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var packageView = page.Define[packagePage]("desk-package.html")

// packagePage is one package as a form.
type packagePage struct {
	Tabs     []page.MenuItem
	Heading  string
	Action   string
	New      bool
	Op       string
	Problems page.Problems
	Look     *packageLook // what would change; nil before it was asked for
	What     []deskField  // name, description, sessions, price, tax
	Types    []deskChoice
	TypesAt  string // what is wrong with them
	Rows     []partRow
	RowsAt   string
	Currency string
	When     []deskField
	Link     string // the private address; empty where it has none
	LinkAct  string
	LinkOp   string
}

// partRow is one part that the price is paid in.
type partRow struct {
	Number                                int
	SessionsName, PriceName, AfterName    string
	Sessions, Price, After                string
	SessionsLabel, PriceLabel, AfterLabel string
	First                                 bool
}

// mostPartRows is how many parts the form takes.
const mostPartRows = 12

// newPackage is an empty form: GET /desk/packages/new.
func (d *Desk) newPackage(c *gin.Context) error {
	p := practice.Package{Sessions: 6, ValidDays: 180, Tax: practice.NoTax, Visibility: practice.Visible}
	fields := packageFields(p)
	price := fields["price"]
	price.Value = ""
	fields["price"] = price
	return d.drawPackage(c, http.StatusOK, true, p, fields, rowsOf(p), nil, nil)
}

// editPackage is a package as it stands: GET /desk/packages/PACKAGE/edit.
func (d *Desk) editPackage(c *gin.Context) error {
	p, err := practice.FindAnyPackage(c.Request.Context(), d.DB, c.Param("package"))
	if err != nil {
		return err
	}
	return d.drawPackage(c, http.StatusOK, false, p, packageFields(p), rowsOf(p), nil, nil)
}

// drawPackage draws the form with what is given for each field. Types of p are
// those that are ticked.
func (d *Desk) drawPackage(c *gin.Context, status int, isNew bool, p practice.Package, given map[string]deskField, rows []partRow, look *packageLook, problems page.Problems) error {
	frame, basics, err := d.frame(c, "Package", "settings")
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		frame.Flash = doneSay(c)
	}
	types, err := practice.AllTypes(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	model := packagePage{Tabs: settingTabs("packages"), Heading: p.Name, Action: "/desk/packages/" + p.Slug + "/edit#look", New: isNew, Problems: problems,
		Look: look, TypesAt: problems.Of("appointment_types"), Rows: rows, RowsAt: problems.Of("instalments"), Currency: basics.Currency, Op: d.Guard.NewOp(d.Now())}
	if isNew {
		model.Heading, model.Action = "A new package", "/desk/packages"
	}
	if op := c.PostForm("op"); op != "" {
		model.Op = op
	}
	for _, t := range types {
		chosen := slices.Contains(p.Types, t.Slug)
		if !chosen && (t.Withdrawn || t.Credits == 0) { // a kind that costs none would never use what is bought
			continue
		}
		say := t.Name + ", for one client"
		if t.Lane == practice.Joint {
			say = t.Name + ", for both clients"
		}
		model.Types = append(model.Types, deskChoice{t.Slug, say, chosen})
	}
	price := given["price"]
	price.After = basics.Currency
	given["price"] = price
	pick := func(names ...string) []deskField {
		var fields []deskField
		for _, name := range names {
			if f := given[name]; isNew || name != "slug" {
				fields = append(fields, f)
			}
		}
		return withProblems(fields, problems)
	}
	model.What = pick("name", "slug", "description", "sessions", "price", "tax")
	model.When = pick("valid_for", "visibility")
	if !isNew && p.Visibility == practice.ByLink {
		model.Link, model.LinkAct, model.LinkOp = d.linkOf(p), "/desk/packages/"+p.Slug+"/link", d.Guard.NewOp(d.Now())
	}
	return packageView.Render(c, status, frame, model)
}

// packageFields are the fields of a package, filled with it.
func packageFields(p practice.Package) map[string]deskField {
	fields := map[string]deskField{}
	add := func(f deskField) { fields[f.Name] = f }
	valid := ""
	if p.ValidDays > 0 {
		valid = strconv.Itoa(p.ValidDays)
	}
	add(deskField{Name: "name", Label: "Name", Value: p.Name, Hint: "As people read it, such as “Six sessions”. It stands on your site and in their orders, and on no invoice."})
	add(deskField{Name: "slug", Label: "Name in addresses", Value: p.Slug, Optional: true, Hint: "Small letters, digits and dashes. Left empty it follows the name. It cannot be changed later, so that links stay good."})
	add(deskField{Name: "description", Label: "What it is for", Kind: "text", Rows: 4, Value: p.Description, Optional: true})
	add(deskField{Name: "sessions", Label: "How many sessions", Kind: "number", Value: strconv.Itoa(p.Sessions), Hint: "A single session is a package of one."})
	add(deskField{Name: "price", Label: "Price", Kind: "number", Value: money.Plain(p.PriceMinor, p.Currency), After: p.Currency, Hint: "For all of it together, such as 720.00."})
	add(deskField{Name: "tax", Label: "Tax", Kind: "choice", Choices: choicesOf(p.Tax, practice.NoTax, "No tax is charged", practice.TaxInclusive, "The price includes tax", practice.TaxExclusive, "Tax is added when paying")})
	add(deskField{Name: "valid_for", Label: "How long it can be used", Kind: "number", After: "days from when it is paid", Value: valid, Optional: true, Hint: "A session must begin on or before the last day. Left empty there is no last day."})
	add(deskField{Name: "visibility", Label: "Who finds it", Kind: "choice", Choices: choicesOf(p.Visibility, practice.Visible, "Everybody, on the public list", practice.ByLink, "Whoever has its private link", practice.Withdrawn, "Nobody: it is withdrawn")})
	return fields
}

// rowsOf are the parts of a package as rows, with some left to fill in.
func rowsOf(p practice.Package) []partRow {
	var rows []partRow
	for i, part := range p.Instalments {
		after := ""
		if i > 0 {
			after = strconv.Itoa(part.DaysAfter)
		}
		rows = append(rows, partRow{Sessions: strconv.Itoa(part.Sessions), Price: money.Plain(part.PriceMinor, p.Currency), After: after})
	}
	return numbered(rows)
}

// numbered names the inputs of rows and adds empty ones.
func numbered(rows []partRow) []partRow {
	for want := min(max(3, len(rows)+1), mostPartRows); len(rows) < want; {
		rows = append(rows, partRow{})
	}
	for i := range rows {
		r, n := &rows[i], i+1
		r.Number, r.First = n, i == 0
		r.SessionsName, r.PriceName, r.AfterName = fmt.Sprintf("part_sessions_%d", n), fmt.Sprintf("part_price_%d", n), fmt.Sprintf("part_after_%d", n)
		r.SessionsLabel, r.PriceLabel, r.AfterLabel = fmt.Sprintf("Sessions of part %d", n), fmt.Sprintf("Price of part %d", n), fmt.Sprintf("Days after the first payment, part %d", n)
	}
	return rows
}

// createPackage makes a package: POST /desk/packages.
func (d *Desk) createPackage(c *gin.Context) error {
	in := typed{c: c}
	slug := in.text("slug")
	if slug == "" {
		slug = slugOf(in.text("name"))
	}
	part := in.packageFile()
	if in.text("name") == "" {
		in.problems = append(page.Problems{fieldSays("name", "Please fill this in.")}, in.problems...)
	}
	if len(in.problems) == 0 {
		err := d.setUp(c, doing{Act: "package made", Key: d.opKey(c, "new package"), Part: func(tx *pg.Tx) (any, error) {
			_, err := practice.FindAnyPackage(c.Request.Context(), tx, slug)
			return packagePart(slug, part), slugFree(err, "a package", slug)
		}})
		if err == nil {
			return doneAt(c, "/desk/packages", "added")
		}
		if in.problems, err = mended(err, "name", packageInput); err != nil {
			return err
		}
	}
	return d.drawPackage(c, statusMend, true, practice.Package{Types: in.types()}, in.packageAsTyped(), in.rows(), nil, in.problems)
}

// savePackage shows what a change would do and, once that was seen, makes it:
// POST /desk/packages/PACKAGE/edit.
func (d *Desk) savePackage(c *gin.Context) error {
	p, err := practice.FindAnyPackage(c.Request.Context(), d.DB, c.Param("package"))
	if err != nil {
		return err
	}
	in := typed{c: c}
	part := in.packageFile()
	var look *packageLook
	status := statusMend
	if len(in.problems) == 0 {
		if c.PostForm("act") == "save" {
			err = d.setUp(c, doing{Act: "package changed", About: string(p.ID), Key: d.opKey(c, "package"), Part: func(*pg.Tx) (any, error) { return packagePart(p.Slug, part), nil }})
			if err == nil {
				return doneAt(c, "/desk/packages", "sold")
			}
		} else if look, err = d.lookAt(c, p, packagePart(p.Slug, part)); err == nil {
			status = http.StatusOK
		}
		if err != nil {
			if in.problems, err = mended(err, "name", packageInput); err != nil {
				return err
			}
		}
	}
	kept := p
	kept.Types = in.types()
	return d.drawPackage(c, status, false, kept, in.packageAsTyped(), in.rows(), look, in.problems)
}

// types are the appointment types that were ticked.
func (t *typed) types() practice.Slugs { return t.c.PostFormArray("appointment_types") }

// packageFile is what the form says, as the practice file says it.
func (t *typed) packageFile() map[string]any {
	types := t.c.PostFormArray("appointment_types")
	if len(types) == 0 {
		t.wrong("appointment_types", "Choose what the sessions are for.")
	}
	parts := []any{}
	for _, r := range t.rows() {
		if r.Sessions == "" && r.Price == "" && r.After == "" {
			continue
		}
		part := map[string]any{"price": r.Price}
		switch {
		case !isWhole(r.Sessions) || r.Sessions == "":
			t.wrong("instalments", fmt.Sprintf("Part %d: write how many sessions it gives, such as 3.", r.Number))
		case r.Price == "":
			t.wrong("instalments", fmt.Sprintf("Part %d: write its price, such as 360.00.", r.Number))
		case !r.First && (r.After == "" || !isWhole(r.After)):
			t.wrong("instalments", fmt.Sprintf("Part %d: write how many days after the first payment it is due, such as 30.", r.Number))
		}
		part["sessions"] = r.Sessions
		if !r.First {
			part["after"] = r.After + "d"
		}
		parts = append(parts, part)
	}
	return map[string]any{
		"name": t.orNone("name"), "description": t.text("description"), "sessions": t.number("sessions"), "appointment_types": types,
		"price": t.orNone("price"), "tax": t.text("tax"), "instalments": parts, "valid_for": t.span("valid_for", "d"), "visibility": t.text("visibility"),
	}
}

// rows are the parts as they were typed.
func (t *typed) rows() []partRow {
	var rows []partRow
	last := 0
	for n := 1; n <= mostPartRows; n++ {
		r := partRow{Sessions: t.text(fmt.Sprintf("part_sessions_%d", n)), Price: t.text(fmt.Sprintf("part_price_%d", n)), After: t.text(fmt.Sprintf("part_after_%d", n))}
		rows = append(rows, r)
		if r.Sessions+r.Price+r.After != "" {
			last = n
		}
	}
	return numbered(rows[:last])
}

// packageInput is the input of a place in the file.
func packageInput(path string) string {
	name, _, _ := strings.Cut(path, "[")
	name, _, _ = strings.Cut(name, ".")
	return name
}

// packageAsTyped are the fields with what was typed.
func (t *typed) packageAsTyped() map[string]deskField {
	fields := packageFields(practice.Package{})
	for name, f := range fields {
		f.Value = t.text(name)
		for i := range f.Choices {
			f.Choices[i].Chosen = f.Choices[i].Value == f.Value
		}
		fields[name] = f
	}
	return fields
}
