package desk

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/money"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var offerView = page.Define[offerPage]("desk-person-packages.html")

// offerPage is where a coach offers somebody a package, or gives them one.
type offerPage struct {
	Back, Name, Action string
	Op                 string
	Problems           page.Problems
	Offers             []offerLine
	Packages           []offerChoice
	Chosen, Reason     string
	Works              []deskChoice // with whom sessions for two are shared
	Unsafe             bool         // no letter goes to them
}

type offerLine struct{ ID, Name, Price, When, By string }

type offerChoice struct {
	Slug, Say string
	Chosen    bool
}

// offers shows what was offered to somebody and what can be: GET
// /desk/people/ID/packages.
func (d *Desk) offers(c *gin.Context) error { return d.drawOffers(c, http.StatusOK, nil) }

func (d *Desk) drawOffers(c *gin.Context, status int, problems page.Problems) error {
	ctx := c.Request.Context()
	card, err := d.reception().Find(ctx, d.DB, d.viewer(c), personID(c))
	if err != nil {
		return err
	}
	who, at := d.Who(c), "/desk/people/"+string(card.ID())
	frame, basics, err := d.frame(c, card.Records[0].Name, "people")
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		frame.Flash = offerSay(c.Query("done"))
	}
	m := offerPage{Back: at, Name: card.Records[0].Name, Action: at + "/packages", Op: d.Guard.NewOp(d.Now()), Problems: problems, Reason: c.PostForm("reason"), Chosen: c.PostForm("package")}
	first := card.Records[0]
	m.Unsafe = first.Held || first.Contact[0].MayEmail == people.No
	all, err := practice.AllPackages(ctx, d.DB)
	if err != nil {
		return err
	}
	types, err := practice.AllTypes(ctx, d.DB)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Visibility == practice.Withdrawn {
			continue
		}
		say := p.Name + ", " + money.Format(p.PriceMinor, p.Currency)
		for _, f := range packageFacts(p, types)[:2] {
			say += ", " + f
		}
		m.Packages = append(m.Packages, offerChoice{p.Slug, say, p.Slug == m.Chosen})
	}
	made, err := practice.OffersTo(ctx, d.DB, card.ID())
	if err != nil {
		return err
	}
	for _, o := range made {
		if o.CoachID != who.ID && who.Role != people.Owner {
			continue // what another coach offers is between them and the client
		}
		m.Offers = append(m.Offers, offerLine{string(o.ID), o.Name, money.Format(o.PriceMinor, o.Currency), civil.Day(o.OfferedAt, basics.Zone(), d.Now()), ""})
	}
	works, err := d.sharedWorks(ctx, card, who)
	if err != nil {
		return err
	}
	for _, e := range works {
		with := ""
		for _, other := range e.Accepted() {
			if other.Person != card.ID() {
				with = other.Name
			}
		}
		m.Works = append(m.Works, deskChoice{string(e.ID), "together with " + with, c.PostForm("engagement") == string(e.ID) || len(works) == 1})
	}
	return offerView.Render(c, status, frame, m)
}

// sharedWorks is work of a coach in which somebody is one of two.
func (d *Desk) sharedWorks(ctx context.Context, card reception.Card, who people.Coach) ([]engagement.Engagement, error) {
	found, err := engagement.OfPerson(ctx, d.DB, who, card.IDs())
	if err != nil {
		return nil, err
	}
	var shared []engagement.Engagement
	for _, e := range found {
		if own, in := e.Client(card.ID()); in && own.Place == engagement.Accepted && e.CoachID == who.ID && e.State != engagement.Ended && len(e.Accepted()) == 2 {
			shared = append(shared, e)
		}
	}
	return shared, nil
}

// offer offers, gives, or takes an offer back: POST /desk/people/ID/packages.
func (d *Desk) offer(c *gin.Context) error {
	ctx := c.Request.Context()
	card, err := d.reception().Find(ctx, d.DB, d.viewer(c), personID(c))
	if err != nil {
		return err
	}
	done := ""
	switch c.PostForm("act") {
	case "offer":
		done, err = "offered", d.makeOffer(c, card)
	case "give":
		done, err = "given", d.givePackage(c, card)
	case "withdraw":
		done, err = "withdrawn", d.withdrawOffer(c, card)
	default:
		err = fault.InvalidField("package", "Choose what to do.")
	}
	if kind := fault.KindOf(err); err != nil && (kind == fault.Invalid || kind == fault.Conflict) {
		problems := page.ProblemsOf(err)
		if len(problems) == 0 {
			problems = page.Problems{{Name: "package", Say: fault.SayOf(err)}}
		}
		return d.drawOffers(c, page.Status(kind), problems)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/people/"+string(card.ID())+"/packages?done="+done)
	return nil
}

// chosenPackage is the one that was chosen in the form.
func (d *Desk) chosenPackage(c *gin.Context) (practice.Package, error) {
	p, err := practice.FindAnyPackage(c.Request.Context(), d.DB, c.PostForm("package"))
	if fault.KindOf(err) == fault.NotFound || err == nil && p.Visibility == practice.Withdrawn {
		return p, fault.InvalidField("package", "Choose a package.")
	}
	return p, err
}

func (d *Desk) makeOffer(c *gin.Context, card reception.Card) error {
	p, err := d.chosenPackage(c)
	if err != nil {
		return err
	}
	to, now := card.ID(), d.Now()
	return d.once(c, d.opKey(c, "offer "+string(to)), func(ctx context.Context, tx *pg.Tx) error {
		id, err := practice.OfferPackage(ctx, tx, p.VersionID, to, d.Who(c).ID, now)
		if err != nil {
			return err
		}
		if err := login.Admit(ctx, tx, to, now); err != nil {
			return err
		}
		if err := d.Engagement.PostNews(ctx, tx, to, string(id), now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "package offered", About: string(to), Detail: map[string]string{"package": p.Slug}})
	})
}

func (d *Desk) withdrawOffer(c *gin.Context, card reception.Card) error {
	to, now, id := card.ID(), d.Now(), practice.OfferID(c.PostForm("offer"))
	found, err := practice.FindOffer(c.Request.Context(), d.DB, id, to)
	if fault.KindOf(err) == fault.NotFound {
		return nil // it does not stand any more
	}
	if err != nil {
		return err
	}
	if who := d.Who(c); found.CoachID != who.ID && who.Role != people.Owner {
		return fault.New(fault.NotFound, "There is no such offer.")
	}
	return d.once(c, d.opKey(c, "offer back "+string(to)), func(ctx context.Context, tx *pg.Tx) error {
		if err := practice.WithdrawOffer(ctx, tx, id, to, now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "offer of package withdrawn", About: string(to)})
	})
}

// givePackage puts the sessions of a package into somebody's hands without
// anybody paying for them.
func (d *Desk) givePackage(c *gin.Context, card reception.Card) error {
	p, err := d.chosenPackage(c)
	if err != nil {
		return err
	}
	ctx, to, who, now := c.Request.Context(), card.ID(), d.Who(c), d.Now()
	basics, err := practice.LoadBasics(ctx, d.DB)
	if err != nil {
		return err
	}
	gift := credit.GiveOf{Holder: credit.Holder{Person: to}, Sessions: p.Sessions, Types: p.Types, Reason: c.PostForm("reason"), Key: c.PostForm("op")}
	if p.ValidDays > 0 {
		gift.Until = now.In(basics.Zone()).AddDate(0, 0, p.ValidDays).Format(time.DateOnly)
	}
	if p.Lane == practice.Joint {
		works, err := d.sharedWorks(ctx, card, who)
		if err != nil {
			return err
		}
		gift.Holder = credit.Holder{}
		for _, e := range works {
			if string(e.ID) == c.PostForm("engagement") || len(works) == 1 {
				gift.Holder.Engagement = e.ID
			}
		}
		if gift.Holder.Engagement == "" {
			return fault.InvalidField("package", "These sessions are for two: both have to have accepted your invitation first.")
		}
	}
	return d.once(c, d.opKey(c, "give "+string(to)), func(ctx context.Context, tx *pg.Tx) error {
		if gift.Key == "" {
			gift.Key = "desk " + string(to) + " " + now.UTC().Format(time.RFC3339Nano)
		}
		lot, err := credit.Give(ctx, tx, d.Booking.Keys, who, gift, now)
		if err != nil {
			return err
		}
		told := []people.ID{to}
		if gift.Holder.Joint() {
			e, err := engagement.Find(ctx, tx, who, gift.Holder.Engagement)
			if err != nil {
				return err
			}
			told = nil
			for _, client := range e.Accepted() {
				told = append(told, client.Person)
			}
		}
		for _, person := range told {
			if err := login.Admit(ctx, tx, person, now); err != nil {
				return err
			}
			if err := d.Engagement.PostNews(ctx, tx, person, string(lot.ID), now); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: d.actor(c), Act: "package given", About: string(to), Detail: map[string]any{"package": p.Slug, "sessions": p.Sessions}})
	})
}

func offerSay(done string) string {
	switch done {
	case "offered":
		return "Offered. They find it in their space, and nobody else does. A letter says only that there is something to see."
	case "given":
		return "Given. The sessions are there to be used."
	case "withdrawn":
		return "Taken back. They do not find it any more."
	}
	return ""
}
