package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"kintsugi/internal/practice"
	"kintsugi/internal/setup"
	"kintsugi/internal/slot"
)

// slots prints what can be booked, from a practice file alone.
func slots(_ context.Context, p process) error {
	q := setup.SlotsQuery{Now: time.Now()}
	flags := noFlags("slots")
	file := flags.String("practice", "", "the practice file")
	flags.StringVar(&q.Type, "type", "", "slug of the appointment type")
	flags.StringVar(&q.Coach, "coach", "", "slug of the coach")
	flags.StringVar(&q.TakenFile, "taken", "", "file of what is booked and busy")
	flags.StringVar(&q.Moving, "moving", "", "id of the booking that is being moved")
	flags.BoolVar(&q.Why, "why", false, "also why other starts are not offered")
	flags.Func("from", "first date", readDate(&q.From))
	flags.Func("to", "the date after the last", readDate(&q.To))
	flags.Func("timezone", "zone of the dates and of the answer", func(s string) error { return readZone(&q.Zone, s) })
	flags.Func("now", "the instant to ask at", func(s string) (err error) { return readInstant(&q.Now, s) })
	if _, err := parse(flags, p.args); err != nil {
		return err
	}
	if err := missing(flags, "practice", "type", "from", "to", "timezone"); err != nil {
		return err
	}
	answer, err := askSlots(*file, q)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s\n", answer.AppendJSON(nil))
	return err
}

func askSlots(file string, q setup.SlotsQuery) (slot.Answer, error) {
	f, err := readPractice(file)
	if err != nil {
		return slot.Answer{}, err
	}
	if q.TakenFile != "" {
		if q.Taken, err = os.ReadFile(q.TakenFile); err != nil {
			return slot.Answer{}, fmt.Errorf("the file of what is taken cannot be read: %w", err)
		}
	}
	return setup.Slots(f, q)
}

// missing names the first flag that has to be there and is not.
func missing(flags *flag.FlagSet, names ...string) error {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, name := range names {
		if !given[name] {
			return misuse{"--" + name + " is missing"}
		}
	}
	return nil
}

func readDate(into *slot.Date) func(string) error {
	return func(s string) error {
		d, err := slot.ParseDate(s)
		*into = d
		return err
	}
}

func readZone(into **time.Location, s string) error {
	zone, known := practice.KnownZone(s)
	if !known {
		return errors.New("this is not a time zone; write one like Europe/London")
	}
	*into = zone
	return nil
}

func readInstant(into *time.Time, s string) error {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return errors.New("write an instant like 2026-12-01T09:00:00Z")
	}
	*into = t
	return nil
}
