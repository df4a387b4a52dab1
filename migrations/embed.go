// Package migrations holds the database's history, one thought a file, never
// edited once landed. pg runs them; nobody else looks inside.
package migrations

import "embed"

// FS holds the migration files.
//
//go:embed *.sql
var FS embed.FS
