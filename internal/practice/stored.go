package practice

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/questions"
)

// HelpLine is somebody to turn to in danger or despair.
type HelpLine struct {
	Country string `json:"country"` // ISO 3166, two letters
	Name    string `json:"name"`
	Phone   string `json:"phone,omitempty"`
	URL     string `json:"url,omitempty"`
	Note    string `json:"note,omitempty"`
}

// HelpLines is a stored list of them; nil is stored as null.
type HelpLines []HelpLine

// Reminders are how long before a call to remind of it, in minutes; nil is
// stored as null.
type Reminders []int

// Spans gives the reminders as spans of time.
func (r Reminders) Spans() []time.Duration {
	spans := make([]time.Duration, len(r))
	for i, n := range r {
		spans[i] = minutes(n)
	}
	return spans
}

// Slugs is a stored list of slugs.
type Slugs []string

// Instalments is a stored list of them, and never null.
type Instalments []Instalment

// stored is a form's definition as it is kept.
type stored questions.Definition

// Scan reads a jsonb column.
func (h *HelpLines) Scan(src any) error { return scanJSON(src, h) }

// Scan reads a jsonb column.
func (r *Reminders) Scan(src any) error { return scanJSON(src, r) }

// Scan reads a json column.
func (s *Slugs) Scan(src any) error { return scanJSON(src, s) }

// Scan reads a jsonb column; an empty list is read as none.
func (i *Instalments) Scan(src any) error {
	if err := scanJSON(src, i); err != nil {
		return err
	}
	if len(*i) == 0 {
		*i = nil
	}
	return nil
}

// Scan reads a jsonb column.
func (d *stored) Scan(src any) error { return scanJSON(src, (*questions.Definition)(d)) }

// Value writes a jsonb column.
func (h HelpLines) Value() (driver.Value, error) {
	if h == nil {
		return nil, nil
	}
	return valueJSON(h)
}

// Value writes a jsonb column.
func (r Reminders) Value() (driver.Value, error) {
	if r == nil {
		return nil, nil
	}
	return valueJSON(r)
}

// Value writes a jsonb column.
func (i Instalments) Value() (driver.Value, error) {
	if i == nil {
		return "[]", nil
	}
	return valueJSON(i)
}

// Value writes a jsonb column.
func (d stored) Value() (driver.Value, error) { return valueJSON(questions.Definition(d)) }

// scanJSON reads a jsonb column into dest; null leaves it as it is.
func scanJSON(src, dest any) error {
	switch text := src.(type) {
	case nil:
		return nil
	case []byte:
		return json.Unmarshal(text, dest)
	case string:
		return json.Unmarshal([]byte(text), dest)
	}
	return fmt.Errorf("a jsonb column gave %T", src)
}

// valueJSON writes a jsonb column. It must be a string: the driver sends bytes
// in PostgreSQL's binary form, which jsonb has another of.
func valueJSON(v any) (driver.Value, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return string(text), nil
}
