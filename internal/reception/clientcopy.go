package reception

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/money"
	"kintsugi/internal/note"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
)

// ClientCopy is everything that a client may see, to be kept outside. It holds
// nothing that is the partner's alone or the coach's alone.
type ClientCopy struct {
	MadeAt      time.Time        `json:"made_at"`
	Practice    string           `json:"practice"`
	Name        string           `json:"name"`
	Email       string           `json:"email"`
	Contact     []CopyContact    `json:"contact_safety"` // the newest word first
	Engagements []CopyEngagement `json:"engagements"`
	Notes       []CopyOfNote     `json:"notes"`
	Forms       []CopyOfForm     `json:"forms"`
	Calls       []CopyCall       `json:"calls"`
	Sessions    []CopySessions   `json:"sessions"`
	Orders      []CopyOrder      `json:"orders"`
	Looks       []CopyLook       `json:"who_looked"`
}

// CopySessions are sessions that came together, with what became of them, the
// latest first.
type CopySessions struct {
	ForBoth bool     `json:"for_both"`
	Left    string   `json:"left"`
	For     string   `json:"for"`
	Until   string   `json:"until"`
	History []string `json:"history"`
}

// CopyOrder is what the client bought, with its terms and its papers.
type CopyOrder struct {
	At       time.Time   `json:"at"`
	What     string      `json:"what"`
	Status   string      `json:"status"`
	Price    string      `json:"price"`
	Paid     string      `json:"paid"`
	PaidBack string      `json:"paid_back"`
	Agreed   string      `json:"agreed_to"`
	Papers   []CopyPaper `json:"papers"`
}

// CopyPaper is an invoice or a credit note.
type CopyPaper struct {
	Number string `json:"number"`
	Kind   string `json:"kind"`
	On     string `json:"on"`
	Total  string `json:"total"`
}

// CopyEngagement is one coach's work with the client.
type CopyEngagement struct {
	Coach    string       `json:"coach"`
	State    string       `json:"state"`
	Since    time.Time    `json:"since"`
	Spaces   []CopySpace  `json:"spaces"`
	Policies []CopyPolicy `json:"how_secrets_are_kept"`
}

// CopySpace is a lane with its readers.
type CopySpace struct {
	Kind    string   `json:"kind"`
	Readers []string `json:"readers"`
}

// CopyPolicy is a text that the client was asked to sign.
type CopyPolicy struct {
	Text     string     `json:"text"`
	Signed   string     `json:"signed_as,omitempty"`
	SignedAt *time.Time `json:"signed_at,omitempty"`
}

// CopyOfNote is a note with what it said each time it was shared, the newest
// first.
type CopyOfNote struct {
	Space    string        `json:"space"`
	By       string        `json:"by"`
	Versions []CopyVersion `json:"versions"`
	Added    []CopyNote    `json:"added_later,omitempty"`
	Signed   string        `json:"signed_as,omitempty"`
}

// CopyVersion is one state of a note.
type CopyVersion struct {
	At    time.Time `json:"at"`
	Title string    `json:"title"`
	Text  string    `json:"text"`
}

// CopyOfForm is a form with what was sent of it, the newest first, and what the
// client has typed and not sent.
type CopyOfForm struct {
	Space    string       `json:"space"`
	Form     string       `json:"form"`
	By       string       `json:"by"`
	Versions []CopyAnswer `json:"versions"`
	Unsent   []CopyLine   `json:"typed_and_not_sent,omitempty"`
}

// CopyAnswer is one version of what was sent.
type CopyAnswer struct {
	At      time.Time       `json:"at"`
	Answers []CopyLine      `json:"answers"`
	Signed  []CopySignature `json:"agreed_or_signed,omitempty"`
	Lost    string          `json:"left_out,omitempty"` // a sentence, where something does not open
}

// CopySignature is what was agreed to or signed, in the very words.
type CopySignature struct {
	Asked       string     `json:"asked"`
	Text        string     `json:"text"`
	Fingerprint string     `json:"sha256_of_text"`
	As          string     `json:"as"`
	At          time.Time  `json:"at"`
	TakenBackAt *time.Time `json:"taken_back_at,omitempty"`
}

// CopyLine is a question in the words in which it was asked, with its answer.
type CopyLine struct {
	Asked    string `json:"asked"`
	Answered string `json:"answered"`
}

// CopyForClient gathers everything that a client may see, as they see it. It is
// read like the pages are, so that each look at what another wrote is on record.
func (r *Reception) CopyForClient(ctx context.Context, client people.ID) (ClientCopy, error) {
	out := ClientCopy{MadeAt: r.Now().UTC(), Engagements: []CopyEngagement{}, Notes: []CopyOfNote{}, Forms: []CopyOfForm{}, Calls: []CopyCall{}, Sessions: []CopySessions{}, Orders: []CopyOrder{}, Looks: []CopyLook{}}
	notes := &note.Service{DB: r.DB, Engagement: r.Engagement, Now: r.Now}
	list, err := notes.List(ctx, client, note.Where{Most: mostExported})
	if err != nil {
		return ClientCopy{}, err
	}
	for _, n := range list {
		one, err := copyNote(ctx, notes, client, n.ID)
		if err != nil {
			return ClientCopy{}, err
		}
		out.Notes = append(out.Notes, one)
	}
	err = r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) error {
		if err := r.copyPerson(ctx, tx, client, &out); err != nil {
			return err
		}
		if err := copyEngagements(ctx, tx, client, &out); err != nil {
			return err
		}
		if err := r.copyForms(ctx, tx, client, &out); err != nil {
			return err
		}
		calls, err := booking.OfClient(ctx, tx, client)
		if err != nil {
			return err
		}
		for _, b := range calls {
			out.Calls = append(out.Calls, CopyCall{ID: string(b.ID), Start: b.Start, End: b.End, Timezone: b.Timezone, What: b.TypeName, Coach: b.CoachName,
				Status: string(b.Status), Name: b.Name, Phone: b.Phone, SafeToEmail: b.SafeToEmail, MadeAt: b.MadeAt})
		}
		if out.Sessions, err = r.copySessions(ctx, tx, client); err != nil {
			return err
		}
		if out.Orders, err = copyOrders(ctx, tx, client); err != nil {
			return err
		}
		looks, err := LooksAt(ctx, tx, client)
		if err != nil {
			return err
		}
		for _, l := range looks {
			out.Looks = append(out.Looks, CopyLook{At: l.At, By: l.By})
		}
		return audit.Record(ctx, tx, audit.Entry{At: r.Now(), Actor: audit.Actor{Kind: audit.Person, ID: string(client)}, Act: "own copy made", About: string(client)})
	})
	if err != nil {
		return ClientCopy{}, fmt.Errorf("copy for client: %w", err)
	}
	return out, nil
}

func (r *Reception) copyPerson(ctx context.Context, tx *pg.Tx, client people.ID, out *ClientCopy) error {
	if err := tx.Get(ctx, &out.Practice, `select name from practice`); err != nil {
		return err
	}
	person, err := people.Find(ctx, tx, client)
	if err != nil {
		return err
	}
	out.Name, out.Email = person.Name, person.Email
	history, err := people.ContactHistory(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, k := range history {
		by := k.By
		if k.Version == 0 || k.ChangedBy == client {
			by = "you"
		}
		out.Contact = append(out.Contact, CopyContact{k.ChangedAt.UTC(), string(k.MayEmail), string(k.MayCall), string(k.MayLeave), by})
	}
	return nil
}

// copySessions lists what is left for both and for the client alone; nothing of
// the partner's own.
func (r *Reception) copySessions(ctx context.Context, tx *pg.Tx, client people.ID) ([]CopySessions, error) {
	lots, err := credit.OfClient(ctx, tx, client, true)
	if err != nil {
		return nil, err
	}
	lines, err := credit.LedgerOfClient(ctx, tx, r.Keys, client, true)
	if err != nil {
		return nil, err
	}
	now := r.Now()
	all := []CopySessions{}
	for _, l := range lots {
		one := CopySessions{ForBoth: l.Joint(), Left: l.LeftSay(now), For: l.ForSay(), Until: l.UntilSay(now), History: []string{}}
		zone := practice.Zone(l.Zone)
		for _, m := range lines {
			if m.Lot == l.ID {
				one.History = append(one.History, strings.TrimSpace(civil.WhenExact(m.At, zone)+": "+m.Say(zone, now)+" "+m.Signed()))
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// copyOrders lists what the client paid for; what the partner did is not theirs.
func copyOrders(ctx context.Context, tx *pg.Tx, client people.ID) ([]CopyOrder, error) {
	found, err := payment.OrdersOf(ctx, tx, client)
	if err != nil {
		return nil, err
	}
	all := []CopyOrder{}
	for _, o := range found {
		say := func(minor int64) string { return money.Format(minor, o.Currency) }
		one := CopyOrder{At: o.MadeAt, What: o.Name, Status: string(o.Status), Price: say(o.PriceMinor), Paid: say(o.PaidMinor()), PaidBack: say(o.RefundedMinor()),
			Agreed: o.Terms, Papers: []CopyPaper{}}
		papers, err := payment.InvoicesOf(ctx, tx, client, o.ID)
		if err != nil {
			return nil, err
		}
		for _, i := range papers {
			one.Papers = append(one.Papers, CopyPaper{i.Number, i.Kind, i.MadeOn, money.Format(i.TotalMinor, i.Currency)})
		}
		all = append(all, one)
	}
	return all, nil
}

func copyEngagements(ctx context.Context, tx *pg.Tx, client people.ID, out *ClientCopy) error {
	found, err := engagement.ListForClient(ctx, tx, client)
	if err != nil {
		return err
	}
	for _, e := range found {
		own, _ := e.Client(client)
		one := CopyEngagement{Coach: e.CoachName, State: string(e.State), Since: own.AcceptedAt, Spaces: []CopySpace{}, Policies: []CopyPolicy{}}
		switch own.Place {
		case engagement.Left:
			one.State = "left"
		case engagement.Invited:
			one.State, one.Since = "invited", own.InvitedAt
		}
		lanes, err := engagement.Lanes(ctx, tx, client, e.ID)
		if err != nil {
			return err
		}
		for _, l := range lanes {
			space := CopySpace{Kind: string(l.Kind)}
			for _, reader := range l.Readers {
				space.Readers = append(space.Readers, reader.Name)
			}
			one.Spaces = append(one.Spaces, space)
		}
		versions, err := engagement.Policies(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		for _, p := range engagement.ReadableBy(versions, own) {
			policy := CopyPolicy{Text: p.Body}
			if mine, signed := p.SignatureOf(client); signed {
				policy.Signed, policy.SignedAt = mine.Name, &mine.SignedAt
			}
			one.Policies = append(one.Policies, policy)
		}
		out.Engagements = append(out.Engagements, one)
	}
	return nil
}

func copyNote(ctx context.Context, notes *note.Service, client people.ID, id note.ID) (CopyOfNote, error) {
	p, versions, err := notes.Versions(ctx, client, id)
	if err != nil {
		return CopyOfNote{}, err
	}
	one := CopyOfNote{Space: string(p.Kind), By: p.AuthorName, Signed: p.LockedName}
	for _, v := range versions {
		at := v.SavedAt
		if !v.SharedAt.IsZero() {
			at = v.SharedAt
		}
		one.Versions = append(one.Versions, CopyVersion{at, v.Words.Title, v.Words.Body})
	}
	for _, a := range p.Added {
		one.Added = append(one.Added, CopyNote{a.MadeAt, a.AuthorName, a.Text})
	}
	return one, nil
}

func (r *Reception) copyForms(ctx context.Context, tx *pg.Tx, client people.ID, out *ClientCopy) error {
	forms := &intake.Service{Engagement: r.Engagement}
	sheets, err := intake.List(ctx, tx, client, "")
	if err != nil {
		return err
	}
	for _, sheet := range sheets {
		filled, err := forms.Read(ctx, tx, client, sheet.ID, r.Now())
		if err != nil {
			return err
		}
		one := CopyOfForm{Space: string(sheet.Kind), Form: sheet.FormName, By: sheet.Name, Versions: []CopyAnswer{}}
		for _, v := range filled.Versions {
			answer := CopyAnswer{At: v.SentAt, Answers: copyLines(filled.Asks.Definition, v.Answers)}
			if v.Broken {
				answer.Lost = engagement.BrokenSay
			}
			for _, g := range v.Signatures {
				signed := CopySignature{Asked: g.Label, Text: g.Text, Fingerprint: g.Hash, As: g.Name, At: g.SignedAt}
				if !g.Holds() {
					signed.TakenBackAt = &g.TakenBackAt
				}
				answer.Signed = append(answer.Signed, signed)
			}
			one.Versions = append(one.Versions, answer)
		}
		if sheet.Person == client {
			w, err := forms.Write(ctx, tx, client, sheet.ID)
			if err != nil {
				return err
			}
			if w.Draft.Version > 0 {
				one.Unsent = copyLines(w.Asks.Definition, w.Draft.Answers)
			}
		}
		if len(one.Versions) > 0 || len(one.Unsent) > 0 {
			out.Forms = append(out.Forms, one)
		}
	}
	return nil
}

func copyLines(d questions.Definition, a questions.Answers) []CopyLine {
	lines := []CopyLine{}
	for _, told := range questions.Told(d, a) {
		if told.Answer != "" {
			lines = append(lines, CopyLine{told.Question.Label, told.Answer})
		}
	}
	return lines
}
