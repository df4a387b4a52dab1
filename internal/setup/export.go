package setup

import (
	"bytes"
	"context"
	"fmt"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"

	"go.yaml.in/yaml/v3"
)

// Export writes the practice file of what is set up now. Applying it to the
// same practice changes nothing, and applying it to an empty database makes the
// same practice. What is as it would be without being named is left out.
func Export(ctx context.Context, q pg.Conn) ([]byte, error) {
	s, err := load(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if !s.set {
		return nil, fault.New(fault.Unavailable, "There is nothing to export: no practice file has been applied yet.")
	}
	return s.file()
}

// file writes a state as a practice file, a blank line between its sections.
func (s state) file() ([]byte, error) {
	var out bytes.Buffer
	sections := []struct {
		name string
		node *yaml.Node
	}{
		{"practice", written(&s.practice, practiceSettings())},
		{"coaches", writtenList(s.coaches, coachSettings(), coachEntry())},
		{"appointment_types", writtenList(s.types, typeSettings(), typeEntry())},
		{"packages", writtenList(s.packages, packageSettings(), packageEntry())},
		{"forms", writtenList(s.forms, formSettings(), formEntry())},
	}
	for _, section := range sections {
		if len(section.node.Content) == 0 {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		encoder := yaml.NewEncoder(&out)
		encoder.SetIndent(2)
		err := encoder.Encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{plainNode(section.name), section.node}})
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", section.name, err)
		}
		if err := encoder.Close(); err != nil {
			return nil, fmt.Errorf("export %s: %w", section.name, err)
		}
	}
	return out.Bytes(), nil
}

// writtenList writes the items of a section, each beginning with its slug.
func writtenList[T any](items []T, settings []setting[T], is entry[T]) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range items {
		group := written(&items[i], settings)
		group.Content = append([]*yaml.Node{plainNode("slug"), textNode(*is.slug(&items[i]))}, group.Content...)
		list.Content = append(list.Content, group)
	}
	return list
}
