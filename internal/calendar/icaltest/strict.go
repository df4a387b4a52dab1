package icaltest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// texts are the properties whose value is TEXT and is decoded.
const texts = " CALSCALE METHOD PRODID VERSION NAME X-WR-CALNAME SUMMARY DESCRIPTION LOCATION STATUS TRANSP UID ACTION "

// readStrictly reads as RFC 5545 says and forgives nothing: endings, folding,
// characters, quoting, escaping, nesting, and the properties that must be
// there exactly once.
func readStrictly(ics []byte) (component, error) {
	lines, err := contentLines(ics)
	if err != nil {
		return component{}, err
	}
	var open []component
	for i, line := range lines {
		p, err := contentLine(line)
		if err != nil {
			return component{}, fmt.Errorf("content line %d: %w", i+1, err)
		}
		switch p.Name {
		case "BEGIN":
			open = append(open, component{Name: p.Value})
		case "END":
			if len(open) == 0 || open[len(open)-1].Name != p.Value {
				return component{}, fmt.Errorf("content line %d: END of a component that is not open", i+1)
			}
			done := open[len(open)-1]
			if err := complete(done); err != nil {
				return component{}, err
			}
			if open = open[:len(open)-1]; len(open) > 0 {
				open[len(open)-1].Components = append(open[len(open)-1].Components, done)
				continue
			}
			if i != len(lines)-1 || done.Name != "VCALENDAR" {
				return component{}, errors.New("the text is not one VCALENDAR")
			}
			return done, nil
		default:
			if len(open) == 0 || len(open[len(open)-1].Components) > 0 {
				return component{}, fmt.Errorf("content line %d: %s stands outside or behind a component", i+1, p.Name)
			}
			open[len(open)-1].Properties = append(open[len(open)-1].Properties, p)
		}
	}
	return component{}, errors.New("the text ends inside a component")
}

// contentLines checks the physical lines and joins the folded ones.
func contentLines(ics []byte) ([]string, error) {
	if !bytes.HasSuffix(ics, []byte("\r\n")) {
		return nil, errors.New("the text does not end in CRLF")
	}
	var lines []string
	for i, line := range strings.Split(strings.TrimSuffix(string(ics), "\r\n"), "\r\n") {
		if len(line) > 75 {
			return nil, fmt.Errorf("line %d has %d octets", i+1, len(line))
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("line %d is not whole UTF-8", i+1)
		}
		for _, r := range line {
			if (r < ' ' && r != '\t') || r == 0x7F || (r >= 0x80 && r < 0xA0) {
				return nil, fmt.Errorf("line %d has the control character %U", i+1, r)
			}
		}
		folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		switch {
		case line == "" || line == " ":
			return nil, fmt.Errorf("line %d is empty", i+1)
		case folded && len(lines) == 0:
			return nil, errors.New("the first line is folded")
		case folded:
			lines[len(lines)-1] += line[1:]
		default:
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// contentLine takes NAME;PARAMETER=VALUE:VALUE apart.
func contentLine(line string) (property, error) {
	end := strings.IndexAny(line, ";:")
	if end < 1 || strings.Trim(line[:end], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return property{}, errors.New("no property name")
	}
	p, rest := property{Name: line[:end], Parameters: map[string]string{}}, line[end:]
	for rest[0] == ';' {
		name, after, found := strings.Cut(rest[1:], "=")
		if !found || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return property{}, errors.New("no parameter name")
		}
		if _, twice := p.Parameters[name]; twice {
			return property{}, fmt.Errorf("the parameter %s stands twice", name)
		}
		var value string
		if strings.HasPrefix(after, `"`) {
			value, rest, found = strings.Cut(after[1:], `"`)
			if !found || rest == "" || (rest[0] != ';' && rest[0] != ':') {
				return property{}, errors.New("a quotation that does not end well")
			}
		} else {
			stop := strings.IndexAny(after, `;:,"`)
			if stop < 0 || after[stop] == '"' || after[stop] == ',' {
				return property{}, errors.New("a bare parameter value that does not end well")
			}
			value, rest = after[:stop], after[stop:]
		}
		p.Parameters[name] = strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^").Replace(value)
	}
	p.Value = rest[1:]
	if strings.Contains(texts, " "+p.Name+" ") {
		var err error
		p.Value, err = unescape(p.Value)
		return p, err
	}
	return p, nil
}

// unescape decodes a TEXT value.
func unescape(value string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case ',', ';':
			return "", fmt.Errorf("a bare %q in a text", c)
		case '\\':
			if i++; i == len(value) {
				return "", errors.New("a text that ends inside an escape")
			}
			switch value[i] {
			case 'n', 'N':
				out.WriteByte('\n')
			case '\\', ',', ';':
				out.WriteByte(value[i])
			default:
				return "", fmt.Errorf("an unknown escape %q", value[i])
			}
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), nil
}

// complete checks that what must stand in a component exactly once does.
func complete(c component) error {
	needed := map[string][]string{
		"VCALENDAR": {"VERSION", "PRODID"},
		"VEVENT":    {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS"},
		"VALARM":    {"ACTION", "TRIGGER", "DESCRIPTION"},
	}
	names, known := needed[c.Name]
	if !known {
		return fmt.Errorf("a component %q nobody writes here", c.Name)
	}
	for _, name := range names {
		count := 0
		for _, p := range c.Properties {
			if p.Name == name {
				count++
			}
		}
		if count != 1 {
			return fmt.Errorf("%s has %s %d times, want once", c.Name, name, count)
		}
	}
	return nil
}
