package main

import (
	"slices"

	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/note"
	"kintsugi/internal/office"
)

// sealedColumns are all columns in which words lie sealed. A test looks at the
// database for one that is missing.
func sealedColumns() []engagement.SealedColumn {
	return slices.Concat(office.SealedColumns(), booking.SealedColumns(), credit.SealedColumns(), intake.SealedColumns(), note.SealedColumns())
}
