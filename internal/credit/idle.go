package credit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Resting is a wallet with sessions left to which nothing has happened for as long
// as the practice says, and nothing is arranged.
type Resting struct {
	Lots  []Lot // that can be used now, those that end first before others
	Left  int
	Until string // the last day of those that end first; empty for none
	Since time.Time
	Names string // whose they are, for the coach; empty for a client
}

// Rest picks from lots, as they were listed, the wallets that rest.
func Rest(lots []Lot, now time.Time) []Resting {
	var wallets []WalletID
	last := map[WalletID]time.Time{}
	for _, l := range lots {
		if !slices.Contains(wallets, l.Wallet) {
			wallets = append(wallets, l.Wallet)
		}
		if l.LastAt.After(last[l.Wallet]) {
			last[l.Wallet] = l.LastAt
		}
	}
	var found []Resting
	for _, w := range wallets {
		r := Resting{Since: last[w]}
		for _, l := range lots {
			if l.Wallet != w || l.Usable(now) == 0 {
				continue
			}
			r.Left += l.Usable(now)
			r.Lots = append(r.Lots, l)
			if r.Until == "" {
				r.Until = l.ExpiresOn
			}
		}
		if r.Left > 0 && r.Lots[0].RestDays > 0 && !now.Before(r.Since.AddDate(0, 0, r.Lots[0].RestDays)) {
			found = append(found, r)
		}
	}
	return found
}

// RestingOf lists the wallets that rest among those of a coach's own, without
// those of work that does not go on, and of two that are not two any more: these
// wait for a decision instead.
func RestingOf(ctx context.Context, q pg.Conn, coach people.Coach, now time.Time) ([]Resting, error) {
	found, err := lots(ctx, q, ` where cast($2 as text) <> 'assistant' and l.remaining > 0 and `+held+`
		and (w.engagement_id is null or exists (select from engagement e where e.id = w.engagement_id and e.state = 'open' and not `+parted+`))`, coach.ID, string(coach.Role))
	if err != nil {
		return nil, err
	}
	rest := Rest(found, now)
	if len(rest) == 0 {
		return nil, nil
	}
	ids := make([]string, len(rest))
	for i, r := range rest {
		ids[i] = string(r.Lots[0].Wallet)
	}
	var named []struct {
		ID    WalletID `db:"id"`
		Names string   `db:"names"`
	}
	if err := q.Select(ctx, &named, `
		select w.id, coalesce(string_agg(p.name, ' and ' order by p.name, p.id), '') as names
		from wallet w
		join person p on p.id = w.person_id
			or exists (select from participant m where m.engagement_id = w.engagement_id and m.person_id = p.id and m.state = 'accepted')
		where w.id = any ($1)
		group by w.id`, pg.Array(ids)); err != nil {
		return nil, fmt.Errorf("name who has sessions left: %w", err)
	}
	for i := range rest {
		for _, n := range named {
			if n.ID == rest[i].Lots[0].Wallet {
				rest[i].Names = n.Names
			}
		}
	}
	return rest, nil
}
