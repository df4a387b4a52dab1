package desk

import (
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// changeSessions does one act on the sessions of a page.
func (d *Desk) changeSessions(c *gin.Context, w whoseSessions) error {
	if !w.own {
		return engagement.ErrNothing
	}
	ctx, who, now := c.Request.Context(), d.Who(c), d.Now()
	f := readSessionsForm(c)
	if f.Act == "leave" && w.in != "" {
		return d.leaveUnused(c, w.in)
	}
	key := d.opKey(c, "sessions").Text
	if key == "" {
		key = uuid.NewString()
	}
	err := d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if f.Act == "give" {
			return d.give(c, tx, w, f, key, now)
		}
		// The lot must be one of those on the page.
		lots, err := credit.OfPeople(ctx, tx, who, w.in, w.persons)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(lots, func(l credit.Lot) bool { return string(l.ID) == f.Lot }) {
			return credit.ErrNothing
		}
		switch f.Act {
		case "adjust":
			n, err := strconv.Atoi(f.Amount)
			if err != nil || n < 1 {
				n = 0 // which is refused
			}
			if f.Way == "take" {
				n = -n
			}
			return credit.Adjust(ctx, tx, d.Booking.Keys, who, credit.AdjustOf{Lot: credit.LotID(f.Lot), Amount: n, Reason: f.Reason, Key: key}, now)
		case "extend":
			if f.Until == "" {
				return fault.InvalidField("until", "Choose the new last day.")
			}
			return credit.Extend(ctx, tx, d.Booking.Keys, who, credit.ExtendOf{Lot: credit.LotID(f.Lot), Until: f.Until, Reason: f.Reason, Key: key}, now)
		}
		return credit.ErrNothing
	})
	if err == nil {
		return doneAt(c, w.page.Here, "sessions")
	}
	kind := fault.KindOf(err)
	if kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	problems := page.ProblemsOf(err)
	if len(problems) == 0 {
		problems = page.Problems{{Name: "main", Say: fault.SayOf(err)}}
	}
	return d.drawSessions(c, page.Status(kind), w, f, problems)
}

func (d *Desk) give(c *gin.Context, tx *pg.Tx, w whoseSessions, f sessionsForm, key string, now time.Time) error {
	holder := credit.Holder{Engagement: w.in}
	if f.Holder != "both" || w.in == "" {
		holder = credit.Holder{Person: people.ID(f.Holder)}
		if !slices.Contains(w.persons, holder.Person) {
			return fault.InvalidField("holder", "Choose for whom the sessions are.")
		}
	}
	n, err := strconv.Atoi(f.Sessions)
	if err != nil {
		n = 0 // which is refused
	}
	_, err = credit.Give(c.Request.Context(), tx, d.Booking.Keys, d.Who(c), credit.GiveOf{Holder: holder, Sessions: n, Types: practice.Slugs(f.Types), Until: f.Until, Reason: f.Reason, Key: key}, now)
	return err
}

// giving is the form that gives sessions of a kind which the coach holds; nil
// where there is none.
func (d *Desk) giving(c *gin.Context, w whoseSessions, typed sessionsForm, problems page.Problems) (*givePart, error) {
	ctx, who := c.Request.Context(), d.Who(c)
	types, err := practice.Types(ctx, d.DB)
	if err != nil {
		return nil, err
	}
	holders, err := practice.Holders(ctx, d.DB)
	if err != nil {
		return nil, err
	}
	g := &givePart{Form: typed, Why: reasonField{ID: "reason", Value: typed.Reason, Problem: problems.Of("reason")}}
	if typed.Act != "give" {
		g.Form, g.Why = sessionsForm{Sessions: "1"}, reasonField{ID: "reason"}
	}
	for _, t := range types {
		held := slices.ContainsFunc(holders, func(h practice.Holder) bool { return h.TypeID == t.ID && h.CoachID == who.ID })
		if t.Credits == 0 || !held || w.in == "" && t.Lane == practice.Joint {
			continue
		}
		say := t.Name + ", for one"
		if t.Lane == practice.Joint {
			say = t.Name + ", for both"
		}
		g.Types = append(g.Types, deskChoice{Value: t.Slug, Say: say, Chosen: slices.Contains(typed.Types, t.Slug)})
	}
	if len(g.Types) == 0 {
		return nil, nil
	}
	if w.in != "" {
		g.Holders = append(g.Holders, deskChoice{Value: "both", Say: "For both", Chosen: typed.Holder == "both"})
	}
	for _, id := range w.persons {
		g.Holders = append(g.Holders, deskChoice{Value: string(id), Say: w.names[id], Chosen: typed.Holder == string(id)})
	}
	if len(g.Holders) == 1 {
		g.Holders[0].Chosen = true
	}
	return g, nil
}
