package setup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The YAML library is go.yaml.in/yaml/v3, the maintained continuation of
// gopkg.in/yaml.v3. It gives a tree in which every node knows its line and keeps
// its text as written (720.00 stays 720.00, no date becomes a time), it ends on
// every hostile input we tried within milliseconds, and it expands no alias by
// itself. goccy/go-yaml words its complaints better, but took over eight seconds
// for half a megabyte of brackets, dashes or question marks. Two things that the
// library does not read are mended before it looks: see mendJSON and
// hideQuestions.

// limits bound a file, so that no file can keep the program busy.
type limits struct {
	bytes int
	nodes int // visited, those behind aliases counted each time
}

func practiceLimits() limits { return limits{1 << 20, 100_000} }

func takenLimits() limits { return limits{8 << 20, 500_000} }

// reader walks one file and notes what is wrong with it.
type reader struct {
	file     string
	most     limits
	mistakes Mistakes
	visited  int
}

// note adds a mistake.
func (r *reader) note(line int, field, say string) {
	r.mistakes = append(r.mistakes, Mistake{r.file, line, field, say})
}

// readTree reads the text of a file, YAML or JSON, as a tree. Without a tree
// the reader has noted why.
func readTree(file string, data []byte, most limits) (*reader, *yaml.Node) {
	r := &reader{file: file, most: most}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > most.bytes {
		r.note(1, "", fmt.Sprintf("the file is larger than %d KiB, the most that is read", most.bytes>>10))
		return r, nil
	}
	if line, say := unreadable(data); say != "" {
		r.note(line, "", say)
		return r, nil
	}
	if json.Valid(data) {
		data = mendJSON(data)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(hideQuestions(data)))
	var tree, more yaml.Node
	switch err := decoder.Decode(&tree); {
	case errors.Is(err, io.EOF) || err == nil && len(tree.Content) == 0:
		r.note(1, "", "the file is empty")
		return r, nil
	case err != nil:
		line, say := explain(err)
		r.note(line, "", say)
		return r, nil
	}
	switch err := decoder.Decode(&more); {
	case err == nil:
		r.note(more.Line, "", "a second document begins here; write everything into one, without ---")
	case !errors.Is(err, io.EOF):
		line, say := explain(err)
		r.note(line, "", say)
	}
	showQuestions(&tree)
	return r, tree.Content[0]
}

// unreadable finds the first thing that is no text. NUL and its like never
// reach the database, even when they are written as an escape: see text.
func unreadable(data []byte) (line int, say string) {
	line = 1
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		switch {
		case c == utf8.RuneError && size == 1:
			return line, "there is a byte here that is not UTF-8; save the file as UTF-8"
		case c == '\n':
			line++
		case c == hidden:
			return line, fmt.Sprintf("there is a character (U+%04X) here that no text may hold; take it out", c)
		case c < ' ' && c != '\t' && c != '\r', c == 0x7f, 0x80 <= c && c < 0xa0 && c != 0x85:
			return line, fmt.Sprintf("there is a control character (U+%04X) here; take it out", c)
		}
		data = data[size:]
	}
	return 0, ""
}

// atLine finds the line in a complaint of the YAML library.
var atLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// explain puts a complaint of the YAML library into our form.
func explain(err error) (line int, say string) {
	line, say = 1, err.Error()
	if found := atLine.FindStringSubmatch(strings.Split(say, "\n")[0]); found != nil {
		if n, err := strconv.Atoi(found[1]); err == nil {
			line = max(n, 1)
		}
		say = found[2]
	}
	switch {
	case strings.Contains(say, "mapping values are not allowed"):
		say += "; perhaps this line is indented too far, or a text that holds a colon needs quotes"
	case strings.Contains(say, "cannot start any token"):
		say += "; indent with blanks instead of tabs, and put texts that begin with a sign into quotes"
	case strings.Contains(say, "did not find expected") || strings.Contains(say, "could not find expected"):
		say += "; look at the indentation, brackets and quotes here and in the line after"
	}
	return line, "this is not YAML: " + say
}
