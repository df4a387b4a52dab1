package setup

import (
	"go.yaml.in/yaml/v3"
)

// kind is a way of writing values of one sort in a file.
type kind[V any] struct {
	read  func(value) (V, bool)
	write func(V) *yaml.Node // nil where there is nothing to say
}

// setting is one field of T: how a file gives it, what it is when no file does,
// and how it is written. The tables of settings are the practice file: reading,
// defaults, export and the list of changes all follow them.
type setting[T any] struct {
	key    string
	needed bool
	read   func(value) (put func(*T), ok bool)
	usual  func(*T)
	write  func(*T) *yaml.Node
}

// may is a setting that a file can leave out.
func may[T, V any](key string, k kind[V], usual V, in func(*T) *V) setting[T] {
	return setting[T]{
		key: key,
		read: func(v value) (func(*T), bool) {
			if v.null() {
				return func(t *T) { *in(t) = usual }, true
			}
			got, ok := k.read(v)
			return func(t *T) { *in(t) = got }, ok
		},
		usual: func(t *T) { *in(t) = usual },
		write: func(t *T) *yaml.Node { return k.write(*in(t)) },
	}
}

// must is a setting that a file has to give for something new.
func must[T, V any](key string, k kind[V], in func(*T) *V) setting[T] {
	var none V
	s := may(key, k, none, in)
	s.needed = true
	return s
}

// missing reports whether a needed setting has no value in t.
func (s setting[T]) missing(t *T) bool { return s.needed && s.write(t) == nil }

// asUsual reports whether t has what it would have without being told.
func (s setting[T]) asUsual(t *T) bool {
	var plain T
	s.usual(&plain)
	return said(s.write(&plain)) == said(s.write(t))
}

// keys are the names of the settings.
func keys[T any](settings []setting[T]) []string {
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.key
	}
	return names
}

// item is something that a file names: what it says of it, to be put onto what
// is known already.
type item[T any] struct {
	at     value
	fields map[string]value
	puts   []func(*T)
}

// readItem reads the fields of a group.
func readItem[T any](v value, settings []setting[T], more ...string) (item[T], bool) {
	fields, ok := v.group(append(more, keys(settings)...)...)
	it := item[T]{at: v, fields: fields}
	for _, s := range settings {
		if field, given := fields[s.key]; given {
			if put, ok := s.read(field); ok {
				it.puts = append(it.puts, put)
			}
		}
	}
	return it, ok
}

// field is the place of a field, or of the whole item where it is not given.
func (it item[T]) field(key string) value {
	if v, ok := it.fields[key]; ok {
		return v
	}
	v := it.at
	v.path += "." + key
	return v
}

// fresh is a T of which nothing has been said.
func fresh[T any](settings []setting[T]) T {
	var t T
	for _, s := range settings {
		s.usual(&t)
	}
	return t
}

// needs notes the needed settings that neither the file nor what was known
// before gives. A field that was given and could not be read has its own
// mistake already.
func needs[T any](it item[T], settings []setting[T], t *T) {
	for _, s := range settings {
		if field, given := it.fields[s.key]; s.missing(t) && (!given || field.null()) {
			it.field(s.key).wrong("is missing")
		}
	}
}

// listOf is a list of small groups, each checked as a whole. Lists are read and
// written whole.
func listOf[E any](settings []setting[E], most int, example string, style yaml.Style, check func(entries []E, at []item[E])) kind[[]E] {
	return kind[[]E]{
		read: func(v value) ([]E, bool) {
			values, ok := v.list(most, example)
			if !ok {
				return nil, false
			}
			entries, items := make([]E, 0, len(values)), make([]item[E], 0, len(values))
			before := len(v.r.mistakes)
			for _, v := range values {
				it, ok := readItem(v, settings)
				if !ok {
					continue
				}
				entry := fresh(settings)
				for _, put := range it.puts {
					put(&entry)
				}
				needs(it, settings, &entry)
				entries, items = append(entries, entry), append(items, it)
			}
			if check != nil && len(v.r.mistakes) == before {
				check(entries, items)
			}
			return entries, true
		},
		write: func(entries []E) *yaml.Node {
			if entries == nil {
				return nil
			}
			list := &yaml.Node{Kind: yaml.SequenceNode}
			if len(entries) == 0 {
				list.Style = yaml.FlowStyle
			}
			for i := range entries {
				group := written(&entries[i], settings)
				group.Style = style
				list.Content = append(list.Content, group)
			}
			return list
		},
	}
}

// written is the group of fields that makes t, in the order of the settings,
// without those that are as usual.
func written[T any](t *T, settings []setting[T]) *yaml.Node {
	group := &yaml.Node{Kind: yaml.MappingNode}
	for _, s := range settings {
		if node := s.write(t); node != nil && !s.asUsual(t) {
			group.Content = append(group.Content, plainNode(s.key), node)
		}
	}
	return group
}
