package people

import "kintsugi/internal/words"

// longestName bounds a name in letters.
const longestName = 200

// CleanName reads a person's name as it may stand in a page, a letter's header
// and a calendar.
func CleanName(s string) (string, error) { return CleanLine("name", s, longestName) }

// CleanLine is CleanName for another input and length.
func CleanLine(field, s string, longest int) (string, error) { return words.Line(field, s, longest) }

// CleanText reads a longer text, which may be empty; lines stay lines.
func CleanText(field, s string, longest int) (string, error) { return words.Text(field, s, longest) }
