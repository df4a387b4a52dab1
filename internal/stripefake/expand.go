package stripefake

import (
	"encoding/json"
	"slices"
	"strings"
)

// expandable are the properties that can be asked for as objects, by kind.
var expandable = map[string][]string{
	"checkout.session":    {"customer", "payment_intent", "line_items", "total_details.breakdown", "invoice", "setup_intent", "subscription", "payment_link"},
	"payment_intent":      {"customer", "latest_charge", "payment_method", "invoice", "review", "application", "on_behalf_of"},
	"charge":              {"customer", "payment_intent", "balance_transaction", "failure_balance_transaction", "refunds", "invoice", "review"},
	"refund":              {"charge", "payment_intent", "balance_transaction", "failure_balance_transaction"},
	"dispute":             {"charge", "payment_intent"},
	"balance_transaction": {"source"},
	"promotion_code":      {"customer"},
}

// expand puts objects in the place of their ids where a call asks for it.
func (s *Stripe) expand(value any, paths []string) (any, *refusal) {
	if len(paths) == 0 {
		return value, nil
	}
	generic := toMap(value)
	for _, path := range paths {
		steps := strings.Split(path, ".")
		if len(steps) > 4+strings.Count(path, "data.") {
			return nil, invalid("expand", "", "You cannot expand more than 4 levels of a property. Property: %s", path)
		}
		if generic["object"] == "list" {
			if steps[0] != "data" || len(steps) == 1 {
				return nil, invalid("expand", "", "This property cannot be expanded (%s). You may want to try expanding 'data.%s' instead.", path, path)
			}
			rows, _ := generic["data"].([]any)
			for _, row := range rows {
				if no := s.expandIn(row.(map[string]any), steps[1:], path); no != nil {
					return nil, no
				}
			}
			continue
		}
		if no := s.expandIn(generic, steps, path); no != nil {
			return nil, no
		}
	}
	return generic, nil
}

// expandIn follows one path into an object.
func (s *Stripe) expandIn(in map[string]any, steps []string, path string) *refusal {
	kind, _ := in["object"].(string)
	name, rest := steps[0], steps[1:]
	if len(rest) > 0 && slices.Contains(expandable[kind], name+"."+rest[0]) {
		if id, ok := in["id"].(string); ok {
			if details, ok := in[name].(map[string]any); ok {
				details[rest[0]] = generic(s.sessions.find(id).breakdown())
			}
		}
		return nil
	}
	if !slices.Contains(expandable[kind], name) {
		return invalid("expand", "", "This property cannot be expanded (%s).", path)
	}
	id, _ := in["id"].(string)
	switch {
	case kind == "checkout.session" && name == "line_items" && in[name] == nil:
		lines, _ := s.sessions.find(id).itemList(nil) // without parameters nothing is refused
		in[name] = toMap(lines)
	case kind == "charge" && name == "refunds" && in[name] == nil:
		in[name] = toMap(s.refundsOf(id))
	}
	if id, isID := in[name].(string); isID {
		if found := s.anything(id); found != nil {
			in[name] = toMap(found)
		}
	}
	below, isObject := in[name].(map[string]any)
	if len(rest) == 0 || !isObject {
		return nil
	}
	if below["object"] == "list" && rest[0] == "data" && len(rest) > 1 {
		rows, _ := below["data"].([]any)
		for _, row := range rows {
			if no := s.expandIn(row.(map[string]any), rest[1:], path); no != nil {
				return no
			}
		}
		return nil
	}
	return s.expandIn(below, rest, path)
}

// anything finds an object by its id alone.
func (s *Stripe) anything(id string) any {
	switch prefix, _, _ := strings.Cut(id, "_"); prefix {
	case "cus":
		return found(s.customers.find(id))
	case "cs":
		return found(s.sessions.find(id))
	case "pi":
		return found(s.intents.find(id))
	case "ch", "py":
		return found(s.charges.find(id))
	case "txn":
		return found(s.transactions.find(id))
	case "pm":
		return found(s.methods.find(id))
	case "re", "pyr":
		return found(s.refunds.find(id))
	case "du", "dp":
		return found(s.disputes.find(id))
	}
	return nil
}

// found gives a nil any for a nil pointer.
func found[T comparable](t T) any {
	var none T
	if t == none {
		return nil
	}
	return t
}

// toMap is an object as its JSON has it.
func toMap(value any) map[string]any {
	made, _ := generic(value).(map[string]any)
	return made
}

// generic is any value as its JSON has it, numbers whole.
func generic(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic("stripefake: an object can't be written: " + err.Error())
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var made any
	if err := decoder.Decode(&made); err != nil {
		panic("stripefake: an object can't be read back: " + err.Error())
	}
	return made
}
