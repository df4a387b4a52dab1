package setup

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing in a file that cannot be used, and how to mend it.
type Mistake struct {
	File  string
	Line  int
	Field string // such as appointment_types[0].duration; empty for the file as a whole
	Say   string
}

// String is the mistake on one line: file, line, field, sentence.
func (m Mistake) String() string {
	if m.Field == "" {
		return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Say)
	}
	return fmt.Sprintf("%s:%d: %s: %s", m.File, m.Line, m.Field, m.Say)
}

// Mistakes are all that was found, in the order of the file.
type Mistakes []Mistake

// Error gives each mistake a line of its own.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].String()
	}
	return strings.Join(lines, "\n")
}

// mostMistakes are told; whoever made more mends these first.
const mostMistakes = 50

// orNil puts the mistakes in order and gives them as an error, nil without any.
func (m Mistakes) orNil() error {
	if len(m) == 0 {
		return nil
	}
	m = slices.Clone(m)
	slices.SortStableFunc(m, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	m = slices.CompactFunc(m, func(a, b Mistake) bool { return a == b })
	if rest := len(m) - mostMistakes; rest > 0 {
		last := m[mostMistakes-1]
		m = append(m[:mostMistakes:mostMistakes], Mistake{last.File, last.Line, "",
			fmt.Sprintf("and %d more mistakes after this line", rest)})
	}
	return m
}

// quoted shows what somebody wrote, shortened, with everything odd made visible.
func quoted(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// nearest is the known name that was probably meant, or empty.
func nearest(name string, known []string) string {
	best, least := "", len(name)/3+1
	for _, k := range known {
		if d := distance(strings.ToLower(name), k, least); d <= least && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to change from a to b, up to a bit more than most.
func distance(a, b string, most int) int {
	if len(a) > len(b)+most || len(b) > len(a)+most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = row[j]
			row[j] = min(change, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
