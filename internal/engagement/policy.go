package engagement

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// PolicyKind is a way of keeping secrets between partners.
type PolicyKind string

// The three ways, as the literature on couples work tells them apart.
const (
	NoSecrets    PolicyKind = "none"         // nothing that matters to both is kept from either
	Discretion   PolicyKind = "discretion"   // the coach decides what has to be spoken about together
	Confidential PolicyKind = "confidential" // what is said alone stays there
)

// PolicyKinds lists them in the order in which they are offered.
func PolicyKinds() []PolicyKind { return []PolicyKind{Confidential, Discretion, NoSecrets} }

// Say names the way in a few words.
func (k PolicyKind) Say() string {
	switch k {
	case NoSecrets:
		return "No secrets between you"
	case Discretion:
		return "At the coach’s discretion"
	case Confidential:
		return "What is said alone stays alone"
	}
	return ""
}

var (
	//go:embed texts/none.md
	textNone string
	//go:embed texts/discretion.md
	textDiscretion string
	//go:embed texts/confidential.md
	textConfidential string
	//go:embed texts/alone.md
	textAlone string
)

// PolicyText is a policy before anybody has signed it. Body is Markdown.
type PolicyText struct {
	Kind PolicyKind
	Body string
}

// ReadyPolicy is the program's own text for a way of keeping secrets.
func ReadyPolicy(kind PolicyKind, coach string) PolicyText {
	text := map[PolicyKind]string{NoSecrets: textNone, Discretion: textDiscretion, Confidential: textConfidential}[kind]
	return PolicyText{Kind: kind, Body: strings.ReplaceAll(strings.TrimSpace(text), "{coach}", coach)}
}

// ReadyPolicyAlone is the program's own text for work with one person, where
// there is nobody to keep a secret from but the world.
func ReadyPolicyAlone(coach string) PolicyText {
	return PolicyText{Kind: Confidential, Body: strings.ReplaceAll(strings.TrimSpace(textAlone), "{coach}", coach)}
}

// PolicyID names a version of a policy.
type PolicyID string

// Policy is a version of how secrets are kept in an engagement. It never
// changes; another text is another version.
type Policy struct {
	ID         PolicyID    `db:"id"`
	Engagement ID          `db:"engagement_id"`
	Version    int         `db:"version"`
	Kind       PolicyKind  `db:"kind"`
	Body       string      `db:"body"`
	Hash       []byte      `db:"body_hash"`
	MadeAt     time.Time   `db:"made_at"`
	InForceAt  time.Time   `db:"in_force_at"` // zero until everybody has signed it
	Signatures []Signature `db:"-"`
}

// Signature is one client's name under a policy. Hash is of the very text that
// was shown, so that a text changed by a byte no longer fits.
type Signature struct {
	Policy   PolicyID  `db:"policy_id"`
	Person   people.ID `db:"person_id"`
	Name     string    `db:"name"`
	Email    string    `db:"email"`
	Hash     []byte    `db:"body_hash"`
	SignedAt time.Time `db:"signed_at"`
}

// SignedBy reports whether a client has signed this text.
func (p Policy) SignedBy(person people.ID) bool {
	_, signed := p.SignatureOf(person)
	return signed
}

// SignatureOf gives the signature of a client, if it fits the text.
func (p Policy) SignatureOf(person people.ID) (Signature, bool) {
	for _, s := range p.Signatures {
		if s.Person == person && bytes.Equal(s.Hash, hashOf(p.Body)) {
			return s, true
		}
	}
	return Signature{}, false
}

// Policies lists the versions of an engagement's policy, the newest first. Who
// may ask is the caller's promise.
func Policies(ctx context.Context, q pg.Conn, id ID) ([]Policy, error) {
	var found []Policy
	if err := q.Select(ctx, &found, `
		select id, engagement_id, version, kind, body, body_hash, made_at,
			coalesce(in_force_at, timestamptz '0001-01-01 00:00:00+00') as in_force_at
		from secrets_policy
		where engagement_id = $1
		order by version desc`, id); err != nil {
		return nil, fmt.Errorf("list policies: %w", err)
	}
	var signatures []Signature
	if err := q.Select(ctx, &signatures, `
		select s.policy_id, s.person_id, s.name, s.email, s.body_hash, s.signed_at
		from policy_signature s
		join secrets_policy p on p.id = s.policy_id
		where p.engagement_id = $1
		order by s.signed_at, s.person_id`, id); err != nil {
		return nil, fmt.Errorf("list signatures: %w", err)
	}
	for i := range found {
		p := &found[i]
		if p.InForceAt = p.InForceAt.UTC(); p.InForceAt.Year() <= 1 {
			p.InForceAt = time.Time{}
		}
		p.MadeAt = p.MadeAt.UTC()
		for _, s := range signatures {
			if s.Policy == p.ID {
				s.SignedAt = s.SignedAt.UTC()
				p.Signatures = append(p.Signatures, s)
			}
		}
	}
	return found, nil
}

// InForce gives the policy that holds now, of versions as Policies lists them.
func InForce(versions []Policy) (Policy, bool) {
	for _, p := range versions {
		if !p.InForceAt.IsZero() {
			return p, true
		}
	}
	return Policy{}, false
}

// HeldFor gives the policy that holds for a client. For somebody who has left it
// is the one that held then: what the others sign after them is the others' own.
func HeldFor(versions []Policy, own Client) (Policy, bool) {
	if own.Place != Left {
		return InForce(versions)
	}
	for _, p := range versions {
		if !p.InForceAt.IsZero() && !p.InForceAt.After(own.PlaceAt) {
			return p, true
		}
	}
	return Policy{}, false
}

// ReadableBy are the texts that a client may read: the newest, while it is theirs
// to sign, and those that they have signed. What others signed before they came or
// after they left is not theirs.
func ReadableBy(versions []Policy, own Client) []Policy {
	var texts []Policy
	for i, text := range versions {
		if i == 0 && own.Place == Accepted || text.SignedBy(own.Person) {
			texts = append(texts, text)
		}
	}
	return texts
}

// ToSign gives the newest version if a client has not signed it yet.
func ToSign(versions []Policy, person people.ID) (Policy, bool) {
	if len(versions) == 0 || versions[0].SignedBy(person) {
		return Policy{}, false
	}
	return versions[0], true
}

// Unsigned says of engagements which of their clients have not signed the newest
// text, in one statement.
func Unsigned(ctx context.Context, q pg.Conn, ids ...ID) (map[ID][]people.ID, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	var rows []struct {
		Engagement ID        `db:"engagement_id"`
		Person     people.ID `db:"person_id"`
	}
	if err := q.Select(ctx, &rows, `
		select m.engagement_id, m.person_id
		from participant m
		join lateral (
			select p.id, p.body_hash from secrets_policy p
			where p.engagement_id = m.engagement_id
			order by p.version desc
			limit 1
		) newest on true
		where m.engagement_id = any ($1) and m.state = 'accepted' and not exists (
			select from policy_signature s
			where s.policy_id = newest.id and s.person_id = m.person_id and s.body_hash = newest.body_hash)
		order by m.engagement_id, m.invited_at, m.person_id`, pg.Array(texts)); err != nil {
		return nil, fmt.Errorf("list who has not signed: %w", err)
	}
	unsigned := map[ID][]people.ID{}
	for _, r := range rows {
		unsigned[r.Engagement] = append(unsigned[r.Engagement], r.Person)
	}
	return unsigned, nil
}

// Propose puts another text before the clients. Until all have signed it, the
// one before holds; what was written keeps the policy it was written under.
func (s *Service) Propose(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, p PolicyText, now time.Time) error {
	e, err := takeOwn(ctx, tx, coach, id)
	if err != nil {
		return err
	}
	if e.State == Ended {
		return ErrEnded
	}
	if err := s.propose(ctx, tx, id, coach, p, now); err != nil {
		return err
	}
	for _, c := range e.Accepted() {
		if err := s.PostNews(ctx, tx, c.Person, string(id), now); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byCoach(coach), Act: "secrets policy proposed", About: string(id),
		Detail: map[string]PolicyKind{"kind": p.Kind}})
}

// longestPolicy bounds a policy, in characters.
const longestPolicy = 8000

func (s *Service) propose(ctx context.Context, tx *pg.Tx, id ID, coach people.ID, p PolicyText, now time.Time) error {
	if p.Kind.Say() == "" {
		return fault.InvalidField("policy", "Choose one of the three ways of keeping secrets.")
	}
	body, err := people.CleanText("policy_text", p.Body, longestPolicy)
	if err != nil {
		return err
	}
	if body == "" {
		return fault.InvalidField("policy_text", "Write the text that your clients will sign.")
	}
	_, err = tx.Exec(ctx, `
		insert into secrets_policy (id, engagement_id, version, kind, body, body_hash, made_by, made_at)
		select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7
		from secrets_policy where engagement_id = $2`,
		uuid.NewString(), id, p.Kind, body, hashOf(body), coach, now.UTC())
	if err != nil {
		return fmt.Errorf("propose policy: %w", err)
	}
	return nil
}

// carryPolicy puts the text that held before in front of the clients again,
// under the name of the coach who takes over.
func (s *Service) carryPolicy(ctx context.Context, tx *pg.Tx, from, to ID, coach people.Coach, clients int, now time.Time) error {
	versions, err := Policies(ctx, tx, from)
	if err != nil {
		return err
	}
	kind := Confidential
	if len(versions) > 0 {
		kind = versions[0].Kind
	}
	text := ReadyPolicy(kind, coach.Name)
	if clients == 1 {
		text = ReadyPolicyAlone(coach.Name)
	}
	return s.propose(ctx, tx, to, coach.ID, text, now)
}

// Sign puts a client's name under the newest text. Nobody signs for somebody
// else. Once every client has signed, it is in force and the individual lanes
// are open.
func (s *Service) Sign(ctx context.Context, tx *pg.Tx, person people.ID, id ID, policy PolicyID, name string, now time.Time) error {
	e, c, err := takeOf(ctx, tx, person, id)
	if err != nil {
		return err
	}
	switch {
	case c.Place != Accepted:
		return ErrNothing
	case e.State == Ended:
		return ErrEnded
	}
	if name, err = people.CleanLine("name", name, 200); err != nil {
		return err
	}
	if len([]rune(name)) < 2 {
		return fault.InvalidField("name", "Type your name to sign.")
	}
	versions, err := Policies(ctx, tx, id)
	if err != nil {
		return err
	}
	if len(versions) == 0 || versions[0].ID != policy {
		return fault.New(fault.Conflict, "The text has changed since you opened it. Please read the new one before you sign.")
	}
	if versions[0].SignedBy(person) {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		insert into policy_signature (policy_id, person_id, name, email, body_hash, signed_at)
		select $1, $2, $3, coalesce(p.email, ''), $4, $5 from person p where p.id = $2`,
		policy, person, name, hashOf(versions[0].Body), now.UTC()); err != nil {
		return fmt.Errorf("sign policy: %w", err)
	}
	if err := s.settle(ctx, tx, id, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byClient(person), Act: "secrets policy signed", About: string(id),
		Detail: map[string]int{"version": versions[0].Version}})
}

// settlePolicy puts the newest text in force when every client has signed it,
// and opens the individual lanes of an engagement whose clients all have signed
// the text in force.
func (s *Service) settlePolicy(ctx context.Context, tx *pg.Tx, e Engagement, now time.Time) error {
	versions, err := Policies(ctx, tx, e.ID)
	if err != nil || len(versions) == 0 {
		return err
	}
	if versions[0].InForceAt.IsZero() && signedByAll(versions[0], e) {
		if _, err := tx.Exec(ctx, `update secrets_policy set in_force_at = $2 where id = $1`, versions[0].ID, now.UTC()); err != nil {
			return fmt.Errorf("put policy in force: %w", err)
		}
		versions[0].InForceAt = now
	}
	if held, is := InForce(versions); !is || !signedByAll(held, e) {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		update lane set opened_at = $2
		where engagement_id = $1 and kind = 'individual' and opened_at is null and closed_at is null`, e.ID, now.UTC()); err != nil {
		return fmt.Errorf("open individual lanes: %w", err)
	}
	return nil
}

// signedByAll reports whether everybody who has a place in the engagement, also
// who has not answered yet, has signed.
func signedByAll(p Policy, e Engagement) bool {
	seated := e.Seated()
	for _, c := range seated {
		if c.Place != Accepted || !p.SignedBy(c.Person) {
			return false
		}
	}
	return len(seated) > 0
}

func hashOf(body string) []byte {
	sum := sha256.Sum256([]byte("secrets policy\x00" + body))
	return sum[:]
}
