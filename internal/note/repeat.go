package note

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// longRun is how many words in a row make a sentence that somebody would know
// again.
const longRun = 6

// Repeat is a run of words that stands in a narrower lane too.
type Repeat struct {
	Kind engagement.LaneKind // of the lane in which it stands already
	Of   string              // whose lane; empty for the coach's own
	Run  string              // as it stands in the text that is about to be shared
}

// Repeats finds what a text that is about to be shared in a lane repeats from
// narrower lanes of the same engagement that its author can read: words that
// somebody wrote, or was told, alone.
func (s *Service) Repeats(ctx context.Context, author people.ID, in engagement.LaneInfo, w Words) ([]Repeat, error) {
	if in.Kind != engagement.JointLane {
		return nil, nil
	}
	var found []Repeat
	err := s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		lanes, err := engagement.Lanes(ctx, tx, author, in.Engagement)
		if err != nil {
			return err
		}
		names := map[engagement.LaneID]string{}
		for _, l := range lanes {
			for _, r := range l.Readers {
				if r.Person == l.Of {
					names[l.ID] = r.Name
				}
			}
		}
		notes, err := rows(ctx, tx, author, ` and l.engagement_id = $2 and l.kind <> 'joint' order by n.id`, string(in.Engagement))
		if err != nil {
			return err
		}
		if err := s.openAll(ctx, tx, author, notes); err != nil {
			return err
		}
		text := w.Title + "\n" + w.Body
		for _, n := range notes {
			for _, run := range Runs(text, n.Words.Title+"\n"+n.Words.Body, longRun) {
				one := Repeat{Kind: n.Kind, Of: names[n.Lane], Run: run}
				if !slices.Contains(found, one) {
					found = append(found, one)
				}
			}
		}
		return nil
	})
	return found, err
}

// Runs lists the runs of at least n words that text shares with other, as they
// stand in text. Case, signs and spaces do not count.
func Runs(text, other string, n int) []string {
	spans, plain := wordsOf(text)
	_, theirs := wordsOf(other)
	if len(plain) < n || len(theirs) < n {
		return nil
	}
	known := map[string][]int{}
	for i := 0; i+n <= len(theirs); i++ {
		key := strings.Join(theirs[i:i+n], " ")
		known[key] = append(known[key], i)
	}
	var runs []string
	for i := 0; i+n <= len(plain); {
		longest := 0
		for _, at := range known[strings.Join(plain[i:i+n], " ")] {
			k := n
			for i+k < len(plain) && at+k < len(theirs) && plain[i+k] == theirs[at+k] {
				k++
			}
			longest = max(longest, k)
		}
		if longest == 0 {
			i++
			continue
		}
		runs = append(runs, oneLine(text[spans[i][0]:spans[i+longest-1][1]]))
		i += longest
	}
	return runs
}

// wordsOf cuts a text into words, and tells where each stands.
func wordsOf(text string) (spans [][2]int, plain []string) {
	start := -1
	add := func(end int) {
		if start >= 0 {
			word := strings.ToLower(strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) || unicode.IsNumber(r) {
					return r
				}
				return -1
			}, text[start:end]))
			if word != "" {
				spans, plain = append(spans, [2]int{start, end}), append(plain, word)
			}
			start = -1
		}
	}
	for i, r := range text {
		inWord := unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == '\'' || r == '’'
		if inWord && start < 0 {
			start = i
		}
		if !inWord {
			add(i)
		}
	}
	add(len(text))
	return spans, plain
}

// around gives the words around the first place in a note where all terms are
// found somewhere in it.
func around(w Words, terms []string) (string, bool) {
	text := oneLine(w.Title + " · " + w.Body)
	lower := strings.ToLower(text)
	for _, t := range terms {
		if !strings.Contains(lower, t) {
			return "", false
		}
	}
	runes, low := []rune(text), []rune(lower)
	at := 0
	if len(runes) == len(low) {
		at = len([]rune(lower[:strings.Index(lower, terms[0])]))
	}
	from, to := max(0, at-60), min(len(runes), at+140)
	cut := string(runes[from:to])
	if from > 0 {
		cut = "…" + cut
	}
	if to < len(runes) {
		cut += "…"
	}
	return cut, true
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = oneLine(strings.TrimLeft(line, "#>*- \t")); line != "" {
			if runes := []rune(line); len(runes) > 80 {
				line = string(runes[:79]) + "…"
			}
			return line
		}
	}
	return ""
}
