package demo

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/slot"
)

// call is one that somebody has booked before the visitor comes.
type call struct {
	op      string // operation key: booked once
	request booking.Request
	days    int    // how far ahead it lies at least
	hour    int    // not before this hour where the person lives
	called  string // why it was called off; empty when it stands
}

// calls are those of the demo. The people do not exist: their addresses belong
// to example.com and their numbers to no line.
func calls() []call {
	return []call{
		{op: "demo-priya", days: 1, hour: 10, request: booking.Request{
			Type: "meet-and-greet", Coach: "mara", Name: "Priya Raman", Email: "priya.raman@example.com", Timezone: "Europe/London", SafeToEmail: true,
			PartnerName: "Tom Ellery", PartnerEmail: "tom.ellery@example.com",
			Message: "Tom will join from work, so we will be two squares on your screen. We have not told anybody yet."}},
		{op: "demo-hanna", days: 2, hour: 14, request: booking.Request{
			Type: "meet-and-greet", Coach: "mara", Name: "Hanna Virtanen", Email: "hanna.virtanen@example.com", Timezone: "Europe/Helsinki", SafeToEmail: true}},
		{op: "demo-luis", days: 3, hour: 9, called: "We are both in bed with a cold. We will book again next week.", request: booking.Request{
			Type: "meet-and-greet", Coach: "mara", Name: "Luis Ortega", Email: "luis.ortega@example.com", Timezone: "Europe/Madrid", SafeToEmail: true}},
		{op: "demo-samuel", days: 2, hour: 8, request: booking.Request{
			Type: "meet-and-greet", Coach: "daniel", Name: "Samuel Adeyemi", Email: "samuel.adeyemi@example.com", Timezone: "America/New_York", SafeToEmail: true,
			Message: "I would like to come alone first. It was me who broke it."}},
		{op: "demo-mei", days: 3, hour: 13, request: booking.Request{
			Type: "quiet-call", Coach: "daniel", Name: "Mei Tanaka", Email: "mei.tanaka@example.com", Timezone: "Europe/London", SafeToEmail: true,
			Phone: "+44 20 7946 0321"}},
		{op: "demo-aoife", days: 4, hour: 13, request: booking.Request{
			Type: "quiet-call", Coach: "daniel", Name: "Aoife", Email: "aoife.b@example.com", Timezone: "Europe/Dublin", SafeToEmail: false,
			Phone: "+44 20 7946 0958", Message: "Please do not write. I can talk while I walk the dog."}},
	}
}

// scope keeps the operation keys of the demo apart from those of forms.
const scope = "demo"

// bookCalls books the calls that have not been booked yet. One for which no
// time is free is left out: the visitor may have taken it.
func bookCalls(ctx context.Context, s *booking.Service) error {
	for _, c := range calls() {
		c.request.Key = once.Key{Scope: scope, Text: c.op}
		var earlier struct{}
		// Found with another fingerprint is found: the times differ from day to day.
		if found, err := once.Find(ctx, s.DB, c.request.Key, &earlier); found {
			continue
		} else if err != nil {
			return err
		}
		start, err := freeTime(ctx, s, c)
		if err != nil {
			return err
		}
		if start.IsZero() {
			continue
		}
		if err := bookCall(ctx, s, c, start); err != nil {
			return fmt.Errorf("book for %s: %w", c.op, err)
		}
	}
	return nil
}

func bookCall(ctx context.Context, s *booking.Service, c call, start time.Time) error {
	c.request.Start = start
	b, err := s.Book(ctx, c.request)
	if kind := fault.KindOf(err); err != nil && kind == fault.Conflict {
		return nil // somebody was quicker
	}
	if err != nil || c.called == "" {
		return err
	}
	_, _, err = s.Cancel(ctx, s.LinkFor(b, booking.ByPerson), c.called)
	return err
}

// freeTime is the first time that suits the person, or else the first that is
// free at all from that day on.
func freeTime(ctx context.Context, s *booking.Service, c call) (time.Time, error) {
	zone, err := booking.Zone(c.request.Timezone)
	if err != nil {
		return time.Time{}, err
	}
	now := s.Now()
	from := slot.DateOf(now.In(zone)).AddDays(c.days).Start(zone)
	offer, err := s.Offer(ctx, booking.OfferQuery{Type: c.request.Type, Coach: c.request.Coach, From: from, To: from.AddDate(0, 0, 14)})
	if err != nil {
		return time.Time{}, err
	}
	for _, slot := range offer.Slots {
		if slot.Start.In(zone).Hour() >= c.hour {
			return slot.Start, nil
		}
	}
	if len(offer.Slots) > 0 {
		return offer.Slots[0].Start, nil
	}
	return time.Time{}, nil
}
