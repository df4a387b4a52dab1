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
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/setup"
)

//go:embed practice.yaml articles/*.md
var material embed.FS

// House is what the demonstration plays on.
type House struct {
	Booking    *booking.Service
	Engagement *engagement.Service
}

// Client is one of the clients whom a visitor can be.
type Client struct {
	Person people.ID
	Name   string
	Email  string
}

// Cast are the people whom a visitor can be.
type Cast struct {
	Coaches []people.Coach
	Clients []Client
}

// Prepare sets up the practice, publishes its articles, books a few calls and
// begins the work with a couple. Doing it again changes nothing, so that a
// demonstration can be stopped and started again on the same data.
func Prepare(ctx context.Context, h House) (Cast, error) {
	s := h.Booking
	text, err := material.ReadFile("practice.yaml")
	if err != nil {
		return Cast{}, err
	}
	file, err := setup.Parse("practice.yaml", text)
	if err != nil {
		return Cast{}, fmt.Errorf("demo practice: %w", err)
	}
	if _, err := setup.Apply(ctx, s.DB, file, audit.Actor{Kind: audit.Operator}, s.Now()); err != nil {
		return Cast{}, fmt.Errorf("demo practice: %w", err)
	}
	coaches, err := people.Coaches(ctx, s.DB)
	if err != nil {
		return Cast{}, err
	}
	if err := errors.Join(publish(ctx, s, coaches), bookCalls(ctx, s)); err != nil {
		return Cast{}, err
	}
	for _, c := range coaches {
		if c.Slug == "mara" {
			clients, err := bringCouple(ctx, h, c)
			return Cast{coaches, clients}, err
		}
	}
	return Cast{Coaches: coaches}, nil
}
