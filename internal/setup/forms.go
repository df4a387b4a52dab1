package setup

import (
	"slices"
	"strconv"
	"strings"

	"kintsugi/internal/practice"
	"kintsugi/internal/questions"

	"go.yaml.in/yaml/v3"
)

func formSettings() []setting[practice.Form] {
	type f = practice.Form
	return []setting[f]{
		must("name", line(longLine), func(f *f) *string { return &f.Name }),
		may("lane", oneOf(practice.Individual, practice.Joint, practice.Safety), practice.Individual, func(f *f) *string { return &f.Lane }),
		may("send_on", oneOf(practice.FirstBooking, practice.FirstPurchase, practice.Manual), practice.Manual, func(f *f) *string { return &f.SendOn }),
		must("questions", questionList(), func(f *f) *[]questions.Question { return &f.Questions }),
		may("scores", orNone(scoreList()), nil, func(f *f) *[]questions.Scale { return &f.Scores }),
		may("withdrawn", yesNo(), false, func(f *f) *bool { return &f.Withdrawn }),
	}
}

// questionList is the list of a form; keys are its names for answers.
func questionList() kind[[]questions.Question] {
	type q = questions.Question
	return listOf([]setting[q]{
		must("key", word(), func(q *q) *string { return &q.Key }),
		must("label", line(questions.LongestLabel), func(q *q) *string { return &q.Label }),
		must("type", questionKind(), func(q *q) *questions.Kind { return &q.Kind }),
		may("required", yesNo(), false, func(q *q) *bool { return &q.Required }),
		may("help", line(questions.LongestHelp), "", func(q *q) *string { return &q.Help }),
		may("text", prose(questions.LongestSigned), "", func(q *q) *string { return &q.Text }),
		may("options", orNone(eachOf(line(questions.LongestOption), questions.MostSteps, "[yes, no]")), nil, func(q *q) *[]string { return &q.Options }),
		may("min", number(), nil, func(q *q) **int { return &q.Min }),
		may("max", number(), nil, func(q *q) **int { return &q.Max }),
		may("only_if", condition(), nil, func(q *q) **questions.Condition { return &q.OnlyIf }),
	}, questions.MostQuestions, "[{key: goal, label: What would you like?, type: long_text}]", 0,
		func(list []q, at []item[q]) {
			seen := map[string]int{}
			for i, q := range list {
				if first, twice := seen[q.Key]; twice {
					at[i].field("key").wrong("%s is the key of the question in line %d already", q.Key, first)
				} else {
					seen[q.Key] = at[i].at.line
				}
			}
			if len(seen) < len(list) {
				return
			}
			for _, m := range questions.Check(questions.Definition{Questions: list}) {
				if m.Index >= 0 {
					at[m.Index].field(m.Field).wrong("%s", fragment(m.Say))
				}
			}
		})
}

// scoreList is what some of the answers are counted up to.
func scoreList() kind[[]questions.Scale] {
	type s = questions.Scale
	return listOf([]setting[s]{
		must("key", word(), func(s *s) *string { return &s.Key }),
		must("name", line(questions.LongestOption), func(s *s) *string { return &s.Name }),
		must("how", oneOf(questions.Sum, questions.Mean), func(s *s) *questions.How { return &s.How }),
		must("items", itemList(), func(s *s) *[]questions.Item { return &s.Items }),
		may("missing", oneOf(questions.NoResult, questions.LeaveOut, questions.Fill), questions.NoResult, func(s *s) *questions.Missing { return &s.Missing }),
		may("at_least", whole(1, questions.MostQuestions), 0, func(s *s) *int { return &s.AtLeast }),
		may("bands", orNone(bandList()), nil, func(s *s) *[]questions.Band { return &s.Bands }),
	}, questions.MostScores, "[{key: ease, name: Ease, how: mean, items: [{question: close}]}]", 0, nil)
}

func itemList() kind[[]questions.Item] {
	type i = questions.Item
	return listOf([]setting[i]{
		must("question", word(), func(i *i) *string { return &i.Question }),
		may("weight", whole(1, questions.LargestWeight), 0, func(i *i) *int { return &i.Weight }),
		may("reversed", yesNo(), false, func(i *i) *bool { return &i.Reversed }),
	}, questions.MostQuestions, "[{question: close}, {question: calm, reversed: true}]", yaml.FlowStyle, nil)
}

func bandList() kind[[]questions.Band] {
	type b = questions.Band
	return listOf([]setting[b]{
		must("from", points(), func(b *b) *questions.Points { return &b.From }),
		must("say", line(questions.LongestBandWord), func(b *b) *string { return &b.Say }),
	}, questions.MostOptions, "[{from: 0, say: In the lower third.}]", 0, nil)
}

// questionKind is the kind of a question, by any of its names.
func questionKind() kind[questions.Kind] {
	var names []string
	for _, k := range questions.Kinds() {
		names = append(names, string(k))
	}
	return scalarOf("long_text", func(v value, s string) (questions.Kind, bool) {
		k, known := questions.KindNamed(s)
		if !known {
			v.wrong("there is no type of question called %s%s", quoted(s), didYouMean(s, names)+oneOfThese(s, names))
		}
		return k, known
	}, func(k questions.Kind) string { return string(k) })
}

// oneOfThese names all that there is where nothing similar was meant.
func oneOfThese(s string, names []string) string {
	if nearest(s, names) != "" {
		return ""
	}
	return "; there are: " + strings.Join(names, ", ")
}

// condition says when a question is asked: {question: safe, is: "No"}, one_of
// with several, or neither for any answer.
func condition() kind[*questions.Condition] {
	values := eachOf(line(questions.LongestOption), questions.MostOptions, `["No", Not always]`)
	return kind[*questions.Condition]{
		read: func(v value) (*questions.Condition, bool) {
			fields, ok := v.group("question", "is", "one_of")
			if !ok {
				return nil, false
			}
			c, before := &questions.Condition{}, len(v.r.mistakes)
			on, is, oneOf := fields["question"], fields["is"], fields["one_of"]
			switch {
			case !on.given() || on.null():
				v.wrong("names no question; write it like {question: safe, is: \"No\"}")
			case is.given() && oneOf.given():
				is.wrong("give either is or one_of")
			default:
				c.Question, _ = word().read(on)
			}
			if is.given() && !is.null() {
				if one, ok := line(questions.LongestOption).read(is); ok {
					c.OneOf = []string{one}
				}
			}
			if oneOf.given() && !oneOf.null() {
				if c.OneOf, _ = values.read(oneOf); len(c.OneOf) == 0 {
					oneOf.wrong("is empty; leave it out where any answer will do")
				}
			}
			return c, len(v.r.mistakes) == before
		},
		write: func(c *questions.Condition) *yaml.Node {
			if c == nil {
				return nil
			}
			group := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: []*yaml.Node{plainNode("question"), plainNode(c.Question)}}
			switch len(c.OneOf) {
			case 0:
			case 1:
				group.Content = append(group.Content, plainNode("is"), textNode(c.OneOf[0]))
			default:
				group.Content = append(group.Content, plainNode("one_of"), values.write(c.OneOf))
			}
			return group
		},
	}
}

// points is a number with at most two digits behind the point.
func points() kind[questions.Points] {
	return kind[questions.Points]{
		read: func(v value) (questions.Points, bool) {
			s, ok := v.scalar("2.5")
			if !ok {
				return 0, false
			}
			n, ok := questions.PointsOf(s)
			if !ok {
				v.wrong("%s must be a number with at most two digits behind the point, such as 2.5", quoted(s))
			}
			return n, ok
		},
		write: func(n questions.Points) *yaml.Node { return plainNode(n.String()) },
	}
}

// number is a whole number that may be none.
func number() kind[*int] {
	n := whole(-questions.LargestNumber, questions.LargestNumber)
	return kind[*int]{
		read: func(v value) (*int, bool) {
			got, ok := n.read(v)
			return &got, ok
		},
		write: func(n *int) *yaml.Node {
			if n == nil {
				return nil
			}
			return plainNode(strconv.Itoa(*n))
		},
	}
}

// orNone takes an empty list for none, since it is kept as none.
func orNone[E any](k kind[[]E]) kind[[]E] {
	return kind[[]E]{
		read: func(v value) ([]E, bool) {
			list, ok := k.read(v)
			if len(list) == 0 {
				list = nil
			}
			return list, ok
		},
		write: func(list []E) *yaml.Node {
			if len(list) == 0 {
				return nil
			}
			return k.write(list)
		},
	}
}

// checkForm refuses forms that ask nothing and scores that do not fit what is
// asked.
func (f *File) checkForm(it named[practice.Form], form *practice.Form) {
	if form.Questions == nil || slices.ContainsFunc(f.r.mistakes, func(m Mistake) bool { return strings.HasPrefix(m.Field, it.at.path+".") }) {
		return
	}
	for _, m := range questions.Check(form.Definition) {
		switch {
		case m.List == "questions" && m.Index < 0:
			it.field("questions").wrong("%s", fragment(m.Say))
		case m.List == "scores":
			it.field("scores").entry(m.Index).within(m.Field).wrong("%s", fragment(m.Say))
		}
	}
}

// fragment is a sentence as it follows a colon.
func fragment(s string) string { return strings.TrimSuffix(lower(s), ".") }
