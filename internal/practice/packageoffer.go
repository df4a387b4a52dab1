package practice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// OfferID names an offer. It is random and says nothing.
type OfferID string

// Offer is a package that a coach offers one client, with the terms it had then.
// Nobody else finds it, and it stands until it is withdrawn.
type Offer struct {
	ID          OfferID
	PersonID    people.ID
	CoachID     people.ID
	OfferedAt   time.Time
	WithdrawnAt time.Time // zero while it stands
	Package
}

// Stands reports whether it can be taken up.
func (o Offer) Stands() bool { return o.WithdrawnAt.IsZero() }

// OfferPackage offers somebody a package with the terms of a version. An older
// offer of the same package to them is withdrawn, so that they find one.
func OfferPackage(ctx context.Context, tx *pg.Tx, version PackageVersionID, to, by people.ID, now time.Time) (OfferID, error) {
	_, err := tx.Exec(ctx, `
		update package_offer o
		set withdrawn_at = $3
		from package_version v, package_version same
		where o.person_id = $2 and o.withdrawn_at is null and v.id = o.version_id
			and same.id = $1 and same.package_id = v.package_id`, version, to, now.UTC())
	if err != nil {
		return "", fmt.Errorf("offer package: %w", err)
	}
	var id OfferID
	err = tx.Get(ctx, &id, `
		insert into package_offer (version_id, person_id, coach_id, offered_at)
		values ($1, $2, $3, $4)
		returning id`, version, to, by, now.UTC())
	if pg.Violates(err, "package_offer_version_exists") {
		return "", errNoPackage()
	}
	if err != nil {
		return "", fmt.Errorf("offer package: %w", err)
	}
	return id, nil
}

// WithdrawOffer takes an offer to somebody back. One that does not stand any
// more stays as it is.
func WithdrawOffer(ctx context.Context, tx *pg.Tx, id OfferID, to people.ID, now time.Time) error {
	rows, err := tx.Exec(ctx, `
		update package_offer
		set withdrawn_at = coalesce(withdrawn_at, $3)
		where id::text = $1 and person_id = $2`, string(id), to, now.UTC())
	if err != nil {
		return fmt.Errorf("withdraw offer: %w", err)
	}
	if rows == 0 {
		return errNoOffer()
	}
	return nil
}

func errNoOffer() error { return fault.New(fault.NotFound, "There is no such offer.") }

// OffersTo lists what was offered to somebody and stands, the newest first.
func OffersTo(ctx context.Context, q pg.Conn, person people.ID) ([]Offer, error) {
	return offers(ctx, q, `where person_id = $1 and withdrawn_at is null`, person)
}

// FindOffer gives an offer that stands to the person it was made to.
func FindOffer(ctx context.Context, q pg.Conn, id OfferID, person people.ID) (Offer, error) {
	found, err := offers(ctx, q, `where id::text = $2 and person_id = $1 and withdrawn_at is null`, person, string(id))
	if err == nil && len(found) == 0 {
		err = errNoOffer()
	}
	if err != nil {
		return Offer{}, err
	}
	return found[0], nil
}

func offers(ctx context.Context, q pg.Conn, where string, args ...any) ([]Offer, error) {
	var rows []struct {
		ID          OfferID          `db:"id"`
		VersionID   PackageVersionID `db:"version_id"`
		PersonID    people.ID        `db:"person_id"`
		CoachID     people.ID        `db:"coach_id"`
		OfferedAt   time.Time        `db:"offered_at"`
		WithdrawnAt *time.Time       `db:"withdrawn_at"`
	}
	err := q.Select(ctx, &rows, `
		select id, version_id, person_id, coach_id, offered_at, withdrawn_at
		from package_offer
		`+where+`
		order by offered_at desc, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list offers: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	terms, err := packages(ctx, q, `where v.id in (select version_id from package_offer `+where+`)`, args...)
	if err != nil {
		return nil, err
	}
	found := make([]Offer, 0, len(rows))
	for _, r := range rows {
		o := Offer{ID: r.ID, PersonID: r.PersonID, CoachID: r.CoachID, OfferedAt: r.OfferedAt.UTC()}
		if r.WithdrawnAt != nil {
			o.WithdrawnAt = r.WithdrawnAt.UTC()
		}
		if i := slices.IndexFunc(terms, func(p Package) bool { return p.VersionID == r.VersionID }); i >= 0 {
			o.Package = terms[i]
			found = append(found, o)
		}
	}
	return found, nil
}

// CountOffers counts the offers of a package that stand, of any version.
func CountOffers(ctx context.Context, q pg.Conn, id PackageID) (n int, err error) {
	err = q.Get(ctx, &n, `
		select count(*)
		from package_offer o
		join package_version v on v.id = o.version_id
		where v.package_id = $1 and o.withdrawn_at is null`, id)
	if err != nil {
		return 0, fmt.Errorf("count offers: %w", err)
	}
	return n, nil
}
