package setup

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// plainNode is a word, a number or a truth that needs no quotes.
func plainNode(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: s}
}

// textNode is text, quoted where YAML would read something else; several lines
// stay lines.
func textNode(s string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.Contains(s, "\n") {
		node.Style = yaml.LiteralStyle
	}
	return node
}

// said is a node on one line, for comparing and for the list of changes.
func said(node *yaml.Node) string {
	if node == nil {
		return "none"
	}
	var parts []string
	switch node.Kind {
	case yaml.SequenceNode:
		for _, entry := range node.Content {
			parts = append(parts, said(entry))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			parts = append(parts, said(node.Content[i])+": "+said(node.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return node.Value
}
