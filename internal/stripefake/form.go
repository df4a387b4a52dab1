package stripefake

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// node is one parameter of a request: a word, or what lies below it.
type node struct {
	word  string
	below map[string]*node
}

// readForm reads keys such as line_items[0][price_data][currency]. Arrays come
// with numbers or with empty brackets.
func readForm(values url.Values) (*node, *refusal) {
	root := &node{below: map[string]*node{}}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		path, ok := splitKey(key)
		if !ok {
			return nil, invalid(key, "", "Invalid request: the parameter %s has brackets that don't match", key)
		}
		for i, word := range values[key] {
			at := root
			for _, step := range path {
				if step == "" {
					step = strconv.Itoa(i)
				}
				if at.below == nil {
					at.below = map[string]*node{}
				}
				if at.below[step] == nil {
					at.below[step] = &node{}
				}
				at = at.below[step]
			}
			at.word = word
		}
	}
	return root, nil
}

// splitKey takes a[b][c] apart.
func splitKey(key string) ([]string, bool) {
	head, rest, nested := strings.Cut(key, "[")
	if head == "" || strings.ContainsAny(head, "]") {
		return nil, false
	}
	path := []string{head}
	for nested {
		inside, after, closed := strings.Cut(rest, "]")
		if !closed || strings.Contains(inside, "[") {
			return nil, false
		}
		path = append(path, inside)
		if after == "" {
			return path, true
		}
		if !strings.HasPrefix(after, "[") {
			return nil, false
		}
		rest = after[1:]
	}
	return path, true
}

func (n *node) at(name string) *node {
	if n == nil {
		return nil
	}
	return n.below[name]
}

func (n *node) has(name string) bool { return n.at(name) != nil }

// text is a parameter's word, empty where it was not sent.
func (n *node) text(name string) string {
	if below := n.at(name); below != nil {
		return below.word
	}
	return ""
}

// number reads a whole number that the shape has looked at already.
func (n *node) number(name string) int64 {
	number, _ := strconv.ParseInt(n.text(name), 10, 64) // the shape has seen that it is one
	return number
}

// decimal reads a number that the shape has looked at already.
func (n *node) decimal(name string) float64 {
	number, _ := strconv.ParseFloat(n.text(name), 64) // the shape has seen that it is one
	return number
}

func (n *node) yes(name string) bool { return n.text(name) == "true" }

// rows are the members of an array, in their order.
func (n *node) rows(name string) []*node {
	below := n.at(name)
	if below == nil {
		return nil
	}
	numbers := slices.Collect(maps.Keys(below.below))
	slices.SortFunc(numbers, func(a, b string) int {
		x, _ := strconv.Atoi(a) // the shape has seen that it is a number
		y, _ := strconv.Atoi(b)
		return x - y
	})
	var rows []*node
	for _, number := range numbers {
		rows = append(rows, below.below[number])
	}
	return rows
}

// words are the members of an array of words.
func (n *node) words(name string) []string {
	var words []string
	for _, row := range n.rows(name) {
		words = append(words, row.word)
	}
	return words
}

// pairs puts metadata onto what there is. An empty value takes a key away, an
// empty word all of them.
func (n *node) pairs(name string, have map[string]string) map[string]string {
	kept := map[string]string{}
	maps.Copy(kept, have)
	below := n.at(name)
	if below == nil {
		return kept
	}
	if below.below == nil {
		return map[string]string{}
	}
	for key, value := range below.below {
		if value.word == "" {
			delete(kept, key)
		} else {
			kept[key] = value.word
		}
	}
	return kept
}
