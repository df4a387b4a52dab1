package floors

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Check compares a house with its plan and says in one sentence each what does
// not agree. Module is the name in go.mod.
func Check(plan Plan, module string, house []Room) []string {
	var complaints []string
	standing := map[string]bool{}
	for _, room := range house {
		standing[room.Name] = !room.OnlyTests
		if _, planned := plan.Floor[room.Name]; !planned && !room.OnlyTests {
			complaints = append(complaints, fmt.Sprintf("%s is not in the plan: give it a floor in internal/README.md", room.Name))
			continue
		}
		for _, imported := range room.Imports {
			complaints = append(complaints, plan.judge(module, room, imported)...)
		}
		for _, imported := range room.TestImports {
			complaints = append(complaints, plan.judgeTest(module, room, imported)...)
		}
	}
	for _, room := range slices.Sorted(maps.Keys(plan.Floor)) {
		if !standing[room] {
			complaints = append(complaints, fmt.Sprintf("the plan names %s, and there is no such package", room))
		}
	}
	return complaints
}

// judge looks at one import of an ordinary file.
func (p Plan) judge(module string, room Room, imported string) []string {
	other, ours := roomOf(module, imported)
	if !ours {
		return p.judgeWord(room, imported)
	}
	from, to := p.Floor[room.Name], p.Floor[other]
	if _, planned := p.Floor[other]; !planned {
		return []string{fmt.Sprintf("%s imports %s, which is not in the plan", room.Name, other)}
	}
	if lentToTests(other) && !lentToTests(room.Name) {
		return []string{fmt.Sprintf("%s imports %s, which is lent to tests only", room.Name, other)}
	}
	switch {
	case to == from:
		return []string{fmt.Sprintf("%s imports %s, both on floor %d: go down, or move one", room.Name, other, from)}
	case to > from:
		return []string{fmt.Sprintf("%s (floor %d) imports %s (floor %d): up the stairs", room.Name, from, other, to)}
	}
	return nil
}

// judgeWord looks at an import that is not ours.
func (p Plan) judgeWord(room Room, imported string) []string {
	for _, word := range slices.Sorted(maps.Keys(p.Words)) {
		if (imported == word || strings.HasPrefix(imported, word+"/")) && !maySpeak(room.Name, p.Words[word]) {
			return []string{fmt.Sprintf("%s imports %s, a word of %s", room.Name, imported, strings.Join(p.Words[word], ", "))}
		}
	}
	return nil
}

// judgeTest looks at one import of a test file: its own room, what lies below
// it, and everything below web.
func (p Plan) judgeTest(module string, room Room, imported string) []string {
	other, ours := roomOf(module, imported)
	if !ours || other == room.Name {
		return nil
	}
	to, planned := p.Floor[other]
	if !planned {
		return []string{fmt.Sprintf("a test of %s imports %s, which is not in the plan", room.Name, other)}
	}
	from, planned := p.Floor[room.Name]
	if to < p.Floor["web"] || planned && to < from {
		return nil
	}
	return []string{fmt.Sprintf("a test of %s imports %s: tests may import what lies below web", room.Name, other)}
}

// roomOf gives the room of an import path, and whether it is one of ours.
func roomOf(module, imported string) (string, bool) {
	inside, ours := strings.CutPrefix(imported, module+"/")
	return strings.TrimPrefix(inside, "internal/"), ours
}

// lentToTests reports whether a room is there for tests only.
func lentToTests(room string) bool { return strings.HasSuffix(room, "test") }
