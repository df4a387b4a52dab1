package portal

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

// errUnreadable is the answer to a form that no browser sends.
var errUnreadable = fault.New(fault.Invalid, "What was sent cannot be read, so nothing was saved. Go back and send it again.")

// savedAnswer is what the page's script hears after it saved: how it stands, and
// what another page had changed meanwhile.
type savedAnswer struct {
	State    string              `json:"state"` // saved, signed-out, proof, or stopped
	Say      string              `json:"say,omitempty"`
	Version  int                 `json:"version,omitempty"`
	Changes  map[string][]string `json:"changes,omitempty"`  // what another page answered, by input
	Problems map[string]string   `json:"problems,omitempty"` // what cannot be kept, by input
	Aside    bool                `json:"aside,omitempty"`    // two texts for one question are kept
}

// saveForm keeps what was typed, or sends it: POST /portal/forms/ID. What was
// typed is kept first, whatever becomes of the sending.
func (p *Portal) saveForm(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return errUnreadable
	}
	me, key := p.who(c), p.formKey(c)
	var version int
	if c.PostForm("act") == "send" {
		if sent, err := once.Find(c.Request.Context(), p.DB, key, &version); sent || err != nil && !sent {
			if err != nil {
				return err
			}
			return p.formSent(c, version)
		}
	}
	var w intake.Writing
	typed, unread := questions.Answers{}, []fault.Field(nil)
	answered, err := p.sheet(c, func(ctx context.Context, tx *pg.Tx, s intake.Sheet) (err error) {
		if w, err = p.Intake.Write(ctx, tx, me.Person, s.ID); err != nil {
			return err
		}
		typed, unread = questions.ReadDraft(w.Asks.Definition, c.Request.PostForm)
		w.Draft, err = p.Intake.Save(ctx, tx, me.Person, s.ID, intake.Typing{Seen: seen(c), Answers: typed, Unread: keysOf(unread), Touched: touched(c)}, p.Now())
		return err
	})
	if answered || fault.KindOf(err) == fault.NotFound {
		return err
	}
	if err != nil {
		return p.notSaved(c, w, key, err)
	}
	switch {
	case asksForJSON(c):
		return answerJSON(c, http.StatusOK, p.savedJSON(c, w, typed, unread))
	case c.PostForm("act") == "send":
		return p.sendForm(c, w, typed, unread, key)
	case len(unread) > 0:
		return p.drawForm(c, http.StatusUnprocessableEntity, w, p.shown(c, w, unread), unread)
	}
	return doneAt(c, formAt(w), "form-saved")
}

// formAt is where a form goes on after it was saved.
func formAt(w intake.Writing) string {
	at := "/portal/forms/" + string(w.ID)
	if w.State == intake.Submitted {
		return at + "/change"
	}
	return at
}

// keysOf are the questions whose inputs are complained about.
func keysOf(problems []fault.Field) []string {
	keys := make([]string, len(problems))
	for i, f := range problems {
		keys[i] = strings.TrimPrefix(f.Name, questions.Input(""))
	}
	return keys
}

// touched are the questions in which a page's script says that something was
// typed; nil where it does not say.
func touched(c *gin.Context) []string {
	said, says := c.GetPostForm("touched")
	if !says {
		return nil
	}
	keys := []string{}
	for _, name := range strings.Fields(said) {
		keys = append(keys, strings.TrimPrefix(name, questions.Input("")))
	}
	return keys
}

// shown is what stands in the inputs after a refusal: what was saved, and what
// was typed where it cannot be used.
func (p *Portal) shown(c *gin.Context, w intake.Writing, problems []fault.Field) questions.Answers {
	all := questions.Answers{}
	for key, answer := range w.Draft.Answers {
		all[key] = answer
	}
	typed := questions.Typed(w.Asks.Definition, c.Request.PostForm)
	for _, key := range keysOf(problems) {
		if all[key] = typed[key]; len(typed[key]) == 0 {
			delete(all, key)
		}
	}
	return all
}

// sendForm sends what was just saved, if it is what the page showed. That
// another page has typed is said before what is missing here.
func (p *Portal) sendForm(c *gin.Context, w intake.Writing, typed questions.Answers, unread []fault.Field, key once.Key) error {
	elsewhere := page.Problems{{Name: "main", Say: fault.SayOf(intake.ErrElsewhere)}}
	unseen := slices.DeleteFunc(differs(w.Draft.Answers, typed), func(key string) bool { return slices.Contains(keysOf(unread), key) })
	if len(unseen) > 0 || len(w.Draft.Asides) > 0 && c.PostForm("asides") == "" {
		return p.drawForm(c, http.StatusConflict, w, p.shown(c, w, unread), append(elsewhere, unread...))
	}
	_, problems := questions.Read(w.Asks.Definition, c.Request.PostForm)
	if len(problems) > 0 {
		return p.drawForm(c, http.StatusUnprocessableEntity, w, p.shown(c, w, problems), problems)
	}
	me, version := p.who(c), 0
	_, err := p.sheet(c, func(ctx context.Context, tx *pg.Tx, s intake.Sheet) (err error) {
		version, err = p.Intake.HandIn(ctx, tx, me.Person, s.ID, intake.Seen{Draft: w.Draft.Version, Sent: w.Sent}, key, p.Now())
		return err
	})
	switch {
	case once.IsRepeat(err):
		return p.formSent(c, version)
	case fault.Is(err, intake.ErrElsewhere.Slug):
		return p.drawForm(c, http.StatusConflict, w, w.Draft.Answers, elsewhere)
	case err != nil:
		return p.notSaved(c, w, key, err)
	}
	if p.Wake != nil {
		p.Wake()
	}
	return p.formSent(c, version)
}

func (p *Portal) formSent(c *gin.Context, version int) error {
	done := "form-sent"
	if version > 1 {
		done = "form-changed"
	}
	return doneAt(c, "/portal/forms/"+c.Param("sheet"), done)
}

// notSaved answers when nothing could be kept: what was typed stands in the page
// again, wherever that makes sense.
func (p *Portal) notSaved(c *gin.Context, w intake.Writing, key once.Key, err error) error {
	kind := fault.KindOf(err)
	if kind != fault.Conflict {
		if asksForJSON(c) && kind != fault.Internal {
			return answerJSON(c, page.Status(kind), savedAnswer{State: "stopped", Say: fault.SayOf(err)})
		}
		return err
	}
	if asksForJSON(c) {
		return answerJSON(c, http.StatusConflict, savedAnswer{State: "stopped", Say: fault.SayOf(err)})
	}
	if c.PostForm("act") == "send" && fault.Is(err, intake.ErrSent.Slug) {
		var version int // the same click, twice
		if sent, err := once.Find(c.Request.Context(), p.DB, key, &version); sent && err == nil {
			return p.formSent(c, version)
		}
	}
	typed := questions.Typed(w.Asks.Definition, c.Request.PostForm)
	return p.drawForm(c, http.StatusConflict, w, typed, page.Problems{{Name: "main", Say: fault.SayOf(err)}})
}

// savedJSON tells the script what was saved.
func (p *Portal) savedJSON(c *gin.Context, w intake.Writing, typed questions.Answers, unread []fault.Field) savedAnswer {
	a := savedAnswer{State: "saved", Version: w.Draft.Version, Say: savedSay(w.Draft, p.zone(c), p.Now()), Aside: len(w.Draft.Asides) > 0}
	for _, key := range differs(w.Draft.Answers, typed) {
		if slices.Contains(keysOf(unread), key) {
			continue
		}
		if a.Changes == nil {
			a.Changes = map[string][]string{}
		}
		a.Changes[questions.Input(key)] = append([]string{}, w.Draft.Answers[key]...)
	}
	for _, f := range unread {
		if a.Problems == nil {
			a.Problems = map[string]string{}
		}
		a.Problems[f.Name] = f.Say
	}
	return a
}

// differs names the questions that are answered otherwise in one than in the
// other.
func differs(a, b questions.Answers) []string {
	var keys []string
	for _, set := range []questions.Answers{a, b} {
		for key := range set {
			if !slices.Equal(a[key], b[key]) && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// savedSay says when a draft was saved last.
func savedSay(d intake.Draft, loc *time.Location, now time.Time) string {
	if d.SavedAt.IsZero() {
		return "Nothing is saved yet."
	}
	return "Saved for you alone, " + civil.When(d.SavedAt, loc, now) + "."
}

// formKey is the operation key of a form that is sent, bound to who sends it.
func (p *Portal) formKey(c *gin.Context) once.Key {
	sum := sha256.Sum256([]byte(c.Param("sheet")))
	return once.Key{Scope: "sheet", Text: p.Guard.OpOf(c.PostForm("op"), string(p.who(c).Person)), Fingerprint: sum[:]}
}

// asksForJSON reports whether a page's script asks.
func asksForJSON(c *gin.Context) bool {
	return strings.HasPrefix(c.GetHeader("Accept"), "application/json")
}

// answerJSON answers a page's script, for its eyes only.
func answerJSON(c *gin.Context, status int, answer savedAnswer) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(status, "application/json; charset=utf-8", body)
	return nil
}
