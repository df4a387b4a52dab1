package main

import (
	"context"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// alarms hears of sealed values that do not open, and gives an alarm for each
// place: in the log, and in the record that the owner reads. Whoever opened the
// value does not wait for it.
type alarms chan seal.Place

// newAlarms makes alarms that remember as many places as a page full of values
// that do not open.
func newAlarms() alarms { return make(alarms, 1000) }

// hear is told of a place. When too many wait already, those are alarm enough.
func (a alarms) hear(at seal.Place) {
	select {
	case a <- at:
	default:
	}
}

// quiet is how long a place that was told of is not told of again.
const quiet = time.Hour

// sound gives the alarms until ctx ends, and then those that wait still.
func (h *house) sound(ctx context.Context) {
	told := map[seal.Place]time.Time{}
	for {
		select {
		case at := <-h.alarms:
			h.soundOne(ctx, at, told)
			continue
		case <-ctx.Done():
		}
		for len(h.alarms) > 0 {
			h.soundOne(context.WithoutCancel(ctx), <-h.alarms, told)
		}
		return
	}
}

func (h *house) soundOne(ctx context.Context, at seal.Place, told map[seal.Place]time.Time) {
	now := h.clock.Now()
	if last, is := told[at]; is && now.Sub(last) < quiet {
		return
	}
	if len(told) > cap(h.alarms) {
		clear(told)
	}
	told[at] = now
	h.log.Error("a sealed value does not open: it was changed, or moved here from elsewhere in the database; kintsugi keys check names all of them",
		"table", at.Table, "column", at.Column, "row", at.Row)
	if err := engagement.RecordRefused(ctx, h.db, at, now); err != nil {
		h.log.Error("the alarm is not on record", "error", err)
	}
}

// alarmDays is for how many days the doctor speaks of an alarm.
const alarmDays = 30

// refusals tells of sealed values that did not open lately.
func (e *examination) refusals(ctx context.Context, db *pg.DB) {
	places, err := engagement.Refusals(ctx, db, pg.NewClock(ctx, db, 0).Now().AddDate(0, 0, -alarmDays))
	if e.failed("sealed", err) {
		return
	}
	for _, at := range places {
		e.wrong("sealed", "a value did not open in the last %d days: %s; bring it back from a copy, then run kintsugi keys check", alarmDays, placeOf(at))
	}
	if len(places) == 0 {
		e.good("sealed", "every value that was opened in the last %d days opened where it lies", alarmDays)
	}
}
