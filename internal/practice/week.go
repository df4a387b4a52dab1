package practice

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/slot"
)

// days pairs the names of the practice file with Go's weekdays, Monday first.
var days = [...]struct {
	name string
	day  time.Weekday
}{
	{"mon", time.Monday}, {"tue", time.Tuesday}, {"wed", time.Wednesday}, {"thu", time.Thursday},
	{"fri", time.Friday}, {"sat", time.Saturday}, {"sun", time.Sunday},
}

// DayNames are the weekdays as the practice file names them, Monday first.
func DayNames() []string {
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = d.name
	}
	return names
}

// Weekday reads the name that the practice file gives a weekday.
func Weekday(name string) (time.Weekday, bool) {
	for _, d := range days {
		if d.name == name {
			return d.day, true
		}
	}
	return 0, false
}

// Week is a week of opening hours. It is stored in the practice file's own
// shape, {"mon": ["09:00-12:00"]}; nil is stored as null.
type Week map[time.Weekday][]slot.Window

// MarshalJSON writes the days from Monday, those without hours left out.
func (w Week) MarshalJSON() ([]byte, error) {
	if w == nil {
		return []byte("null"), nil
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for _, d := range days {
		if len(w[d.day]) == 0 {
			continue
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%q:", d.name)
		out.Write(windowsJSON(w[d.day]))
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (w *Week) UnmarshalJSON(data []byte) error {
	var named map[string]Windows
	if err := json.Unmarshal(data, &named); err != nil {
		return err
	}
	if named == nil {
		*w = nil
		return nil
	}
	*w = make(Week, len(named))
	for name, windows := range named {
		day, ok := Weekday(name)
		if !ok {
			return fmt.Errorf("%q is not a weekday", name)
		}
		(*w)[day] = windows
	}
	return nil
}

// Scan reads a jsonb column. Null becomes nil even though sqlx hands over a map
// that it has already made: an empty week would mean hours of its own, none.
func (w *Week) Scan(src any) error {
	*w = nil
	return scanJSON(src, w)
}

// Value writes a jsonb column.
func (w Week) Value() (driver.Value, error) {
	if w == nil {
		return nil, nil
	}
	return valueJSON(w)
}

// Windows are the hours of one day, in JSON as ["09:00-12:00"].
type Windows []slot.Window

// MarshalJSON writes the windows in their order; none is an empty list.
func (w Windows) MarshalJSON() ([]byte, error) { return windowsJSON(w), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (w *Windows) UnmarshalJSON(data []byte) error {
	var texts []string
	if err := json.Unmarshal(data, &texts); err != nil {
		return err
	}
	*w = make(Windows, len(texts))
	for i, text := range texts {
		window, err := slot.ParseWindow(text)
		if err != nil {
			return err
		}
		(*w)[i] = window
	}
	return nil
}

// windowsJSON needs no escaping: a window is digits and signs.
func windowsJSON(windows []slot.Window) []byte {
	out := []byte{'['}
	for i, w := range windows {
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, "%q", w)
	}
	return append(out, ']')
}
