package stripefake

import (
	"crypto/rand"
	"encoding/json"
	"slices"
)

// thing is an object that has a place of its own.
type thing interface {
	comparable
	id() string
	made() int64
}

// shelf keeps the objects of one kind, in the order in which they came.
type shelf[T thing] struct {
	all []T
	by  map[string]T
}

func (s *shelf[T]) add(t T) T {
	if s.by == nil {
		s.by = map[string]T{}
	}
	s.all = append(s.all, t)
	s.by[t.id()] = t
	return t
}

// find gives nil where there is none.
func (s *shelf[T]) find(id string) T { return s.by[id] }

func (s *shelf[T]) remove(id string) {
	delete(s.by, id)
	s.all = slices.DeleteFunc(s.all, func(t T) bool { return t.id() == id })
}

// page is a list as Stripe answers it.
type page struct {
	Object string `json:"object"`
	Data   []any  `json:"data"`
	More   bool   `json:"has_more"`
	URL    string `json:"url"`
}

// pageOf answers the newest first, those that the filter lets through.
func pageOf[T thing](s *shelf[T], url string, p *node, keep func(T) bool) (any, *refusal) {
	limit := 10
	if p.has("limit") {
		limit = int(p.number("limit"))
		if limit < 1 || limit > 100 {
			return nil, invalid("limit", "", "Invalid limit: must be between 1 and 100")
		}
	}
	after, before := p.text("starting_after"), p.text("ending_before")
	if after != "" && before != "" {
		return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: starting_after, ending_before.")
	}
	var none T
	for param, id := range map[string]string{"starting_after": after, "ending_before": before} {
		if id != "" && s.find(id) == none {
			return nil, noSuchParam(param, "object", id)
		}
	}
	var kept []T
	seen := after == ""
	for _, t := range slices.Backward(s.all) {
		if before != "" && t.id() == before {
			break
		}
		if seen && within(p.at("created"), t.made()) && (keep == nil || keep(t)) {
			kept = append(kept, t)
		}
		seen = seen || t.id() == after
	}
	answer := page{Object: "list", Data: []any{}, URL: url, More: len(kept) > limit}
	if len(kept) > limit {
		if before != "" {
			kept = kept[len(kept)-limit:]
		} else {
			kept = kept[:limit]
		}
	}
	for _, t := range kept {
		answer.Data = append(answer.Data, t)
	}
	return answer, nil
}

// within reports whether a time lies in the bounds of a list.
func within(bounds *node, at int64) bool {
	if bounds == nil {
		return true
	}
	if bounds.below == nil {
		return (&node{below: map[string]*node{"at": bounds}}).number("at") == at
	}
	return !(bounds.has("gt") && at <= bounds.number("gt") || bounds.has("gte") && at < bounds.number("gte") ||
		bounds.has("lt") && at >= bounds.number("lt") || bounds.has("lte") && at > bounds.number("lte"))
}

// ref is the id of another object, null where there is none.
type ref string

// MarshalJSON writes an empty one as null.
func (r ref) MarshalJSON() ([]byte, error) {
	if r == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(r))
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// newID is a new id such as pi_3… with so many random letters.
func newID(prefix string, length int) string {
	random := make([]byte, length)
	rand.Read(random)
	for i, b := range random {
		random[i] = letters[int(b)%len(letters)]
	}
	return prefix + string(random)
}

// copied copies an object by way of its JSON, so that what a caller holds is
// what it was when they asked.
func copied[T any](value T) T {
	var out T
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		panic("stripefake: an object can't be copied: " + err.Error())
	}
	return out
}
