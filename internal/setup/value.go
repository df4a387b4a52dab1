package setup

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// value is one place in a file: a node, the line and the name of the field.
type value struct {
	r    *reader
	node *yaml.Node // nil where the file says nothing
	line int
	path string
}

// at gives the value of a node under a name, behind its alias if it is one.
// Each visit is counted, so that aliases of aliases come to an end.
func (r *reader) at(node *yaml.Node, path string) value {
	line := node.Line
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	r.visited++
	if r.visited == r.most.nodes {
		r.note(line, path, "the file says more than can be read; nothing after this line was read")
	}
	if r.visited >= r.most.nodes {
		return value{r: r, line: line, path: path}
	}
	return value{r, node, line, path}
}

// given reports whether the file says anything here.
func (v value) given() bool { return v.node != nil }

// null reports whether the file names the field and gives nothing, which puts
// it back to what it is without being named.
func (v value) null() bool {
	return v.node != nil && v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!null"
}

// wrong notes a mistake at this place.
func (v value) wrong(format string, args ...any) {
	v.r.note(v.line, v.path, fmt.Sprintf(format, args...))
}

// scalar gives the text of a single value, as it was written.
func (v value) scalar(example string) (string, bool) {
	switch {
	case v.node.Kind == yaml.SequenceNode:
		v.wrong("must be a single value, not a list; write it like %s", example)
	case v.node.Kind == yaml.MappingNode:
		v.wrong("must be a single value, not a group of fields; write it like %s", example)
	case v.node.Style&yaml.TaggedStyle != 0:
		v.wrong("the tag %s means nothing here; take it out", quoted(v.node.Tag))
	default:
		return v.node.Value, true
	}
	return "", false
}

// list gives the entries of a list of at most so many.
func (v value) list(most int, example string) ([]value, bool) {
	if v.node.Kind != yaml.SequenceNode {
		v.wrong("must be a list; write it like %s", example)
		return nil, false
	}
	if len(v.node.Content) > most {
		v.wrong("has %d entries; the most is %d", len(v.node.Content), most)
		return nil, false
	}
	entries := make([]value, 0, len(v.node.Content))
	for i, node := range v.node.Content {
		if entry := v.r.at(node, fmt.Sprintf("%s[%d]", v.path, i)); entry.given() {
			entries = append(entries, entry)
		}
	}
	return entries, true
}

// entry is the place of an entry in a list, for what shows only later; the list
// itself where it holds no such entry.
func (v value) entry(i int) value {
	if v.node == nil || v.node.Kind != yaml.SequenceNode || i < 0 || i >= len(v.node.Content) {
		return v
	}
	node := v.node.Content[i]
	return value{v.r, node, node.Line, fmt.Sprintf("%s[%d]", v.path, i)}
}

// within is the place of a field in a group, for what shows only later; under
// its name at the group itself where it is not written.
func (v value) within(key string) value {
	if key == "" || v.node == nil || v.node.Kind != yaml.MappingNode {
		return v
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		if v.node.Content[i].Value == key {
			return value{v.r, v.node.Content[i+1], v.node.Content[i].Line, v.path + "." + key}
		}
	}
	v.path += "." + key
	return v
}

// group gives the fields of a group by name. Names that are not known, and
// names that come twice, are mistakes.
func (v value) group(known ...string) (map[string]value, bool) {
	if v.node.Kind != yaml.MappingNode {
		if v.path == "" {
			v.wrong("the file must begin with a field such as %s:", known[0])
		} else {
			v.wrong("must be a group of fields such as %s:", strings.Join(known[:min(3, len(known))], ", "))
		}
		return nil, false
	}
	fields := make(map[string]value, len(v.node.Content)/2)
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key, node := v.node.Content[i], v.node.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			v.r.note(key.Line, v.path, "a field's name must be a single word")
			continue
		}
		path := strings.TrimPrefix(v.path+"."+key.Value, ".")
		before, twice := fields[key.Value]
		switch {
		case key.Value == "<<" || !slices.Contains(known, key.Value):
			v.unknown(key, known)
		case twice:
			v.r.note(key.Line, path, fmt.Sprintf("is written twice; the first is in line %d", before.line))
		default:
			if field := v.r.at(node, path); field.given() {
				field.line = key.Line
				if field.node.Kind == yaml.ScalarNode && node.Kind != yaml.AliasNode {
					field.line = node.Line
				}
				fields[key.Value] = field
			}
		}
	}
	return fields, true
}

// unknown notes a field that nobody reads.
func (v value) unknown(key *yaml.Node, known []string) {
	path := strings.TrimPrefix(v.path+"."+shortened(key.Value), ".")
	switch meant := nearest(key.Value, known); {
	case key.Value == "<<":
		v.r.note(key.Line, v.path, "merging with << is not understood here; write the fields out")
	case meant != "":
		v.r.note(key.Line, path, fmt.Sprintf("there is no such field; did you mean %s?", meant))
	default:
		v.r.note(key.Line, path, "there is no such field; there are: "+strings.Join(known, ", "))
	}
}

// shortened makes an unknown name fit on a line.
func shortened(name string) string {
	q := quoted(name)
	if q == `"`+name+`"` {
		return name
	}
	return q
}
