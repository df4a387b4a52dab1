// Package demo is what `kintsugi demo` shows beside the product: a believable
// practice that does not exist, with articles and a few calls already booked,
// and a letter box that takes every letter and shows it as a mail program does.
// It is never part of a server for real people.
package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/setup"
)

//go:embed practice.yaml articles/*.md
var material embed.FS

// Prepare sets up the practice, publishes its articles and books a few calls.
// Doing it again changes nothing, so that a demonstration can be stopped and
// started again on the same data. It gives the coaches, for their calendars.
func Prepare(ctx context.Context, s *booking.Service) ([]people.Coach, error) {
	text, err := material.ReadFile("practice.yaml")
	if err != nil {
		return nil, err
	}
	file, err := setup.Parse("practice.yaml", text)
	if err != nil {
		return nil, fmt.Errorf("demo practice: %w", err)
	}
	if _, err := setup.Apply(ctx, s.DB, file, audit.Actor{Kind: audit.Operator}, s.Now()); err != nil {
		return nil, fmt.Errorf("demo practice: %w", err)
	}
	coaches, err := people.Coaches(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	return coaches, errors.Join(publish(ctx, s, coaches), bookCalls(ctx, s))
}
