package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Nobody is written to at night: a light in the dark is seen by whoever lies
// beside.
const (
	quietFrom = 21
	quietTo   = 8
	morning   = 9 // when a letter leaves that would have left at night
)

// Awake gives the first instant from t on at which somebody may be written to.
func Awake(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	day := local.Day()
	switch hour := local.Hour(); {
	case hour >= quietFrom:
		day++
	case hour >= quietTo:
		return t
	}
	return time.Date(local.Year(), local.Month(), day, morning, 0, 0, 0, zone)
}

// ZoneOf is the clock that somebody lives by, or the practice's.
func ZoneOf(ctx context.Context, q pg.Conn, person people.ID) (*time.Location, error) {
	who, err := people.Find(ctx, q, person)
	if err != nil {
		return nil, err
	}
	if who.Timezone != "" {
		if zone, err := time.LoadLocation(who.Timezone); err == nil {
			return zone, nil
		}
	}
	basics, err := practice.LoadBasics(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("zone of person: %w", err)
	}
	return practice.Zone(basics.Timezone), nil
}
