package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
	"kintsugi/internal/setup"
	"kintsugi/internal/web/page"
)

// The pages for hours, types, settings and the team are forms for parts of the
// practice file: each writes the part that it is about and hands it to setup,
// so that the same rules hold and the same sentences are said.

// doing is one act of somebody at the desk that changes what is set up.
type doing struct {
	Act   string                       // for the audit: "hours changed"
	About string                       // the id of what it is done to; may be empty
	Key   once.Key                     // an act with a key is done once
	Part  func(tx *pg.Tx) (any, error) // the part of the practice file, read while others wait
	Then  func(tx *pg.Tx) error        // what else belongs to the act; may be nil
}

// setUp does the act in one transaction: the change, what belongs to it, and
// its line in the audit.
func (d *Desk) setUp(c *gin.Context, do doing) error {
	ctx, now := c.Request.Context(), d.Now()
	var done bool
	if settled, err := once.Find(ctx, d.DB, do.Key, &done); settled || err != nil {
		return err
	}
	err := d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := setup.Lock(ctx, tx); err != nil {
			return err
		}
		part, err := do.Part(tx)
		if err != nil {
			return err
		}
		if err := d.put(ctx, tx, part, audit.Entry{At: now, Actor: d.actor(c), Act: do.Act, About: do.About}); err != nil {
			return err
		}
		if do.Then != nil {
			if err := do.Then(tx); err != nil {
				return err
			}
		}
		return once.Settle(ctx, tx, do.Key, true, now)
	})
	if once.IsRepeat(err) {
		return nil
	}
	return err
}

func (d *Desk) put(ctx context.Context, tx *pg.Tx, part any, entry audit.Entry) error {
	text, err := json.Marshal(part)
	if err != nil {
		return err
	}
	file, err := setup.Parse("form", text)
	if file == nil {
		return err
	}
	_, err = setup.Put(ctx, tx, file, entry)
	return err
}

// actor is who is signed in, for the audit.
func (d *Desk) actor(c *gin.Context) audit.Actor {
	return audit.Actor{Kind: audit.Coach, ID: string(d.Who(c).ID)}
}

// opKey is the operation key that came with a form, for what stands in it and who
// sends it.
func (d *Desk) opKey(c *gin.Context, scope string) once.Key {
	return d.Guard.FormKey("desk "+scope, c.PostForm("op"), string(d.Who(c).ID), c.Request.PostForm.Encode())
}

// slugFree turns the answer to a search for what is to be made into a refusal
// where there is one already: a, such as "a package", under its slug.
func slugFree(found error, a, slug string) error {
	switch {
	case found == nil:
		return fault.InvalidField("slug", fmt.Sprintf("There is %s under %q already; choose another name for addresses.", a, slug))
	case fault.KindOf(found) == fault.NotFound:
		return nil
	}
	return found
}

// mended turns what setup says of a form's part into what the form says. Path
// gives the input that a place in the file stands for, beginning after the
// item, such as "weekly_hours.mon[0]"; what is said of any other place is shown
// at the input called rest. The error comes back when it is of another kind.
func mended(err error, rest string, input func(path string) string) (page.Problems, error) {
	var mistakes setup.Mistakes
	if !errors.As(err, &mistakes) {
		if problems := page.ProblemsOf(err); len(problems) > 0 && fault.KindOf(err) == fault.Invalid {
			return problems, nil
		}
		return nil, err
	}
	var problems page.Problems
	for _, m := range mistakes {
		path, here := itemPath(m.Field)
		name := ""
		if here {
			name = input(path)
		}
		say := plainSentence(m.Say)
		if name == "" {
			name = rest
			if !here && m.Field != "" {
				say = upper(m.Field) + ": " + m.Say + "."
			}
		}
		problems = append(problems, fault.Field{Name: name, Say: say})
	}
	return problems, nil
}

// itemPath takes the item off the beginning of a place in a file.
func itemPath(field string) (path string, here bool) {
	for _, item := range []string{"practice.", "coaches[0].", "appointment_types[0].", "packages[0].", "forms[0]."} {
		if rest, ok := strings.CutPrefix(field, item); ok {
			return rest, true
		}
	}
	return field, field == "coaches[0]" || field == "appointment_types[0]" || field == "packages[0]" || field == "forms[0]"
}

var (
	otherLine = regexp.MustCompile(`the one in line \d+`)
	atLine    = regexp.MustCompile(`,? in line \d+`)
)

// plainSentence makes a whole sentence, without lines, of what is said about a
// field of a file.
func plainSentence(say string) string {
	if say == "is missing" {
		return "Please fill this in."
	}
	say = atLine.ReplaceAllString(otherLine.ReplaceAllString(say, "another one"), "")
	say = strings.NewReplacer("is not a slug; use", "cannot stand in an address; use", "all be of one lane", "all be of one kind",
		"write withdrawn: true", "withdraw it", "named", "said").Replace(say)
	return upper(strings.TrimSuffix(say, ".")) + "."
}

// upper begins a sentence; an address stays as it is.
func upper(s string) string {
	if first, _, _ := strings.Cut(s, " "); strings.Contains(first, "@") {
		return s
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// statusMend is the status of a form that comes back to be mended.
const statusMend = http.StatusUnprocessableEntity

// doneAt leads to a page after an act, and has it say what was done.
func doneAt(c *gin.Context, path, done string) error {
	if done != "" {
		path += "?" + url.Values{"done": {done}}.Encode()
	}
	c.Redirect(http.StatusSeeOther, path)
	return nil
}

// doneSay is what a page says after an act that led to it. Only these sentences
// can be asked for.
func doneSay(c *gin.Context) string {
	switch c.Query("done") {
	case "saved":
		return "Saved. What people can book follows from now on."
	case "kept":
		return "Saved."
	case "added":
		return "Added."
	case "removed":
		return "Removed."
	case "withdrawn":
		return "Withdrawn. Nobody can book it any more; calls already booked stay."
	case "sold":
		return "Saved. Whoever buys from now on buys this."
	case "gone":
		return "Withdrawn. Nobody can buy it any more; what was bought stays."
	case "moved":
		return "Moved."
	case "offered":
		return "Offered again."
	case "renewed":
		return "The old address opens nothing any more. The new one is below."
	case "suspended":
		return "Suspended. They are signed out with their next click."
	case "back":
		return "They can sign in again."
	case "invited":
		return "The invitation is on its way."
	}
	return ""
}
