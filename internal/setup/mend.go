package setup

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// mendJSON writes two escapes of JSON in a way that the YAML library reads too:
// a letter given as two halves, and a slash. Lines stay where they were.
func mendJSON(data []byte) []byte {
	if !bytes.Contains(data, []byte{'\\'}) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' || i+1 >= len(data) {
			out = append(out, data[i])
			continue
		}
		if high, ok := escaped(data[i:]); ok && high>>10 == 0xd800>>10 {
			if low, ok := escaped(data[i+6:]); ok && low>>10 == 0xdc00>>10 {
				out = utf8.AppendRune(out, rune(0x10000+(high-0xd800)<<10+(low-0xdc00)))
				i += 11
				continue
			}
		}
		if data[i+1] != '/' {
			out = append(out, data[i])
		}
		out = append(out, data[i+1])
		i++
	}
	return out
}

// escaped reads \uXXXX at the start of data.
func escaped(data []byte) (uint64, bool) {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(data[2:6]), 16, 16)
	return n, err == nil
}

// hidden stands for a question mark while the YAML library looks. Unicode keeps
// it from ever being a character of a text.
const hidden = '\ufdd0'

// hideQuestions hides the question marks inside words and sentences. The library
// takes one for the beginning of a key wherever a list or group is written on
// one line, so that {label: What would help?, type: text} could not be read.
// YAML means a key only where something begins.
func hideQuestions(data []byte) []byte {
	if !bytes.ContainsRune(data, '?') {
		return data
	}
	out := make([]byte, 0, len(data)+64)
	var touching, before byte = '\n', '\n' // the last byte, and the last that is no blank
	for _, c := range data {
		begins := strings.IndexByte("{[,?\n", before) >= 0 ||
			strings.IndexByte("-:", before) >= 0 && touching != before
		if c == '?' && !begins {
			out = utf8.AppendRune(out, hidden)
		} else {
			out = append(out, c)
		}
		if touching = c; c != ' ' && c != '\t' && c != '\r' {
			before = c
		}
	}
	return out
}

// showQuestions shows them again in the tree that was read.
func showQuestions(node *yaml.Node) {
	node.Value = strings.ReplaceAll(node.Value, string(hidden), "?")
	for _, child := range node.Content {
		showQuestions(child)
	}
}
