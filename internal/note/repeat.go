package note

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"golang.org/x/text/unicode/norm"
)

// longRun is how many words in a row make a sentence that somebody would know
// again.
const longRun = 6

// Repeat is a run of words that stands in a narrower lane too.
type Repeat struct {
	Kind engagement.LaneKind // of the lane in which it stands already
	Of   string              // whose lane; empty for the coach's own
	Mine bool                // it is the author's own lane with their coach
	Form bool                // it is an answer in a form
	Run  string              // as it stands in the text that is about to be shared
}

// Repeats finds what a text that is about to be given to the readers of a lane
// repeats from other lanes of the same engagement that its author can read and
// not all of those readers can: words that somebody wrote, or was told, alone.
// Notes named as but are passed over, such as the one that a copy is made from.
func (s *Service) Repeats(ctx context.Context, author people.ID, in engagement.LaneInfo, w Words, but ...ID) ([]Repeat, error) {
	if in.Engagement == "" {
		return nil, nil
	}
	var found []Repeat
	err := s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		lanes, err := engagement.Lanes(ctx, tx, author, in.Engagement)
		if err != nil {
			return err
		}
		narrower := map[engagement.LaneID]engagement.LaneInfo{}
		for _, l := range lanes {
			if l.ID != in.ID && !readsAll(in.Readers, l.Readers) {
				narrower[l.ID] = l
			}
		}
		texts, err := s.said(ctx, tx, author, narrower, but)
		if err != nil {
			return err
		}
		add := func(one Repeat) {
			if !slices.Contains(found, one) {
				found = append(found, one)
			}
		}
		runs := newRuns(w.Title+"\n"+w.Body, longRun)
		for _, t := range texts {
			for _, run := range runs.in(t.text) {
				add(repeatIn(narrower[t.lane], author, run))
			}
		}
		if s.Elsewhere == nil {
			return nil
		}
		others, err := s.Elsewhere(ctx, tx, author, in.Engagement)
		if err != nil {
			return err
		}
		for _, t := range others {
			if _, narrow := narrower[t.Lane]; !narrow && !(t.Alone && readByAnother(in, t.Person)) {
				continue
			}
			for _, run := range runs.in(t.Text) {
				add(Repeat{Kind: engagement.IndividualLane, Of: nameIn(lanes, t.Person), Mine: t.Person == author, Form: true, Run: run})
			}
		}
		return nil
	})
	return found, err
}

// readByAnother reports whether a client reads a lane who is not this one.
func readByAnother(in engagement.LaneInfo, client people.ID) bool {
	return slices.ContainsFunc(in.Readers, func(r engagement.Reader) bool { return !r.Coach && r.Person != client })
}

// nameIn is the name of somebody who reads one of the lanes.
func nameIn(lanes []engagement.LaneInfo, person people.ID) string {
	for _, l := range lanes {
		for _, r := range l.Readers {
			if r.Person == person {
				return r.Name
			}
		}
	}
	return ""
}

// readsAll reports whether each of some readers is among those of another lane.
func readsAll(some, of []engagement.Reader) bool {
	for _, one := range some {
		if !slices.ContainsFunc(of, func(r engagement.Reader) bool { return r.Person == one.Person }) {
			return false
		}
	}
	return true
}

func repeatIn(lane engagement.LaneInfo, author people.ID, run string) Repeat {
	return Repeat{Kind: lane.Kind, Of: nameIn([]engagement.LaneInfo{lane}, lane.Of), Mine: lane.Of == author, Run: run}
}

// mostSaid bounds the texts that a new one is compared with.
const mostSaid = 2000

// text is what stands, or stood when it was shared, in a lane.
type text struct {
	lane engagement.LaneID
	text string
}

// said opens what stands in lanes: what was ever shared there, what was added,
// and what the author has in drafts. Nobody is shown it.
func (s *Service) said(ctx context.Context, tx *pg.Tx, author people.ID, in map[engagement.LaneID]engagement.LaneInfo, but []ID) ([]text, error) {
	var ids []engagement.LaneID
	lanes, passed := []string{}, []string{} // not nil: nothing is unlike no answer
	for id := range in {
		ids, lanes = append(ids, id), append(lanes, string(id))
	}
	for _, id := range but {
		passed = append(passed, string(id))
	}
	var rows []struct {
		ID    string            `db:"id"`
		Lane  engagement.LaneID `db:"lane_id"`
		Added bool              `db:"added"`
		Words []byte            `db:"words"`
	}
	if err := tx.Select(ctx, &rows, `
		with mine as (
			select r.lane_id from lane_reader r where r.person_id = $1 and r.lane_id = any (cast($2 as uuid[]))
		)
		select id, lane_id, added, words from (
			select v.id, v.lane_id, false as added, v.words, v.saved_at as at
			from mine
			join note n on n.lane_id = mine.lane_id
			join note_version v on v.note_id = n.id
			where not n.id::text = any ($3) and (v.shared_at is not null or n.author_id = $1 and v.version = n.version)
			union all
			select d.id, d.lane_id, true, d.words, d.made_at
			from mine
			join note_addendum d on d.lane_id = mine.lane_id
			where not d.note_id::text = any ($3)
		) everything
		order by at desc, id
		limit $4`, string(author), pg.Array(lanes), pg.Array(passed), mostSaid); err != nil {
		return nil, fmt.Errorf("compare note: %w", err)
	}
	keys, err := s.Engagement.Read(ctx, tx, author, ids...)
	if err != nil {
		return nil, err
	}
	texts := make([]text, 0, len(rows))
	for _, row := range rows {
		lane, has := keys[row.Lane]
		if !has {
			continue // it was erased
		}
		if row.Added {
			plain, err := lane.Open(row.Words, "note_addendum", "words", row.ID)
			if engagement.Unopened(err) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("compare note: %w", err)
			}
			texts = append(texts, text{row.Lane, string(plain)})
			continue
		}
		w, err := open(lane, row.Words, row.ID)
		if engagement.Unopened(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		texts = append(texts, text{row.Lane, w.Title + "\n" + w.Body})
	}
	return texts, nil
}

// Runs lists the runs of at least n words that text shares with other, as they
// stand in text. Case, signs, accents and spaces do not count.
func Runs(text, other string, n int) []string { return newRuns(text, n).in(other) }

// runs looks for one text in many. Its cost grows with their length alone,
// whatever they say.
type runs struct {
	text  string
	n     int
	spans [][2]int
	known map[string]bool // the words of the text
	first []int           // for each place at which n words begin, a number for these n words
	names map[string]int  // that number
}

func newRuns(text string, n int) *runs {
	r := &runs{text: text, n: n, known: map[string]bool{}, names: map[string]int{}}
	var plain []string
	r.spans, plain = wordsOf(text)
	for _, word := range plain {
		r.known[word] = true
	}
	for i := 0; i+n <= len(plain); i++ {
		key := strings.Join(plain[i:i+n], " ")
		if _, has := r.names[key]; !has {
			r.names[key] = len(r.names)
		}
		r.first = append(r.first, r.names[key])
	}
	return r
}

func (r *runs) in(other string) []string {
	hit := make([]bool, len(r.names))
	_, theirs := wordsOf(other)
	inRow := 0 // words in a row that stand anywhere in the text
	for i, word := range theirs {
		if inRow++; !r.known[word] {
			inRow = 0
		}
		if inRow >= r.n {
			if name, has := r.names[strings.Join(theirs[i-r.n+1:i+1], " ")]; has {
				hit[name] = true
			}
		}
	}
	var found []string
	for i := 0; i < len(r.first); i++ {
		if !hit[r.first[i]] {
			continue
		}
		last := i
		for last+1 < len(r.first) && hit[r.first[last+1]] {
			last++
		}
		found = append(found, oneLine(r.text[r.spans[i][0]:r.spans[last+r.n-1][1]]))
		i = last
	}
	return found
}

// wordsOf cuts a text into words, and tells where each stands.
func wordsOf(text string) (spans [][2]int, plain []string) {
	start := -1
	add := func(end int) {
		if start >= 0 {
			if word := bare(text[start:end]); word != "" {
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

// bare is a word without case, accents and apostrophes, however it was typed.
func bare(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(strings.ToLower(word)))
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
