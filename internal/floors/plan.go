// Package floors holds the code to the plan in internal/README.md: which room
// stands on which floor, and which words belong to which room. It reads import
// lines only, of every operating system at once, and knows nothing of what the
// rooms do.
package floors

import (
	"fmt"
	"strconv"
	"strings"
)

// Plan says which floor each room stands on, and who may speak which foreign
// word. A room is named by its folder below internal/, or below the module
// where it lies outside of internal/.
type Plan struct {
	Floor map[string]int      // room → floor
	Words map[string][]string // import path prefix → rooms that may speak it
}

// ReadPlan reads the fenced blocks called floors and words.
func ReadPlan(readme string) (Plan, error) {
	plan := Plan{Floor: map[string]int{}, Words: map[string][]string{}}
	for _, line := range fenced(readme, "floors") {
		fields := strings.Fields(line)
		floor, err := strconv.Atoi(fields[0])
		if err != nil {
			return Plan{}, fmt.Errorf("a line of the floors block starts with %q, want the number of a floor", fields[0])
		}
		for _, room := range fields[1:] {
			if _, twice := plan.Floor[room]; twice {
				return Plan{}, fmt.Errorf("the plan names %s twice", room)
			}
			plan.Floor[room] = floor
		}
	}
	for _, line := range fenced(readme, "words") {
		fields := strings.Fields(line)
		plan.Words[fields[0]] = fields[1:]
	}
	if len(plan.Floor) == 0 {
		return Plan{}, fmt.Errorf("no ```floors block with a line in it")
	}
	if len(plan.Words) == 0 {
		return Plan{}, fmt.Errorf("no ```words block with a line in it")
	}
	return plan, nil
}

// fenced gives the lines of the blocks with this name that are not empty.
func fenced(text, name string) []string {
	var lines []string
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "```"+name:
			inside = true
		case line == "```":
			inside = false
		case inside && line != "":
			lines = append(lines, line)
		}
	}
	return lines
}

// maySpeak reports whether a room is among those a word belongs to. A pattern
// that ends in /** stands for the room and all below it.
func maySpeak(room string, patterns []string) bool {
	for _, pattern := range patterns {
		above, all := strings.CutSuffix(pattern, "/**")
		if room == above || all && strings.HasPrefix(room, above+"/") {
			return true
		}
	}
	return false
}
