package intake

import (
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
)

// Who says who will be able to read what a client writes on a sheet, and from
// when on: before a word is typed.
func (s Sheet) Who(l engagement.LaneInfo) string {
	const first = "Until you send it, nobody but you can read it. "
	coach, other := "", ""
	for _, r := range l.Readers {
		switch {
		case r.Coach:
			coach = r.Name
		case r.Person != s.Person:
			other = r.Name
		}
	}
	switch {
	case coach == "":
		return first + "Nobody else can read it afterwards either."
	case s.alone() && !s.SharedAt.IsZero() && other != "":
		return first + "Then " + coach + " (your coach) and " + other + " can read it too."
	case s.Kind != engagement.JointLane || s.alone() || other == "":
		return first + "Then " + coach + " (your coach) can read it too, and nobody else."
	}
	return first + "Then " + coach + " (your coach) can read it too. Once both of you have sent yours, you and " + other +
		" can read what each of you wrote. Before that, neither of you is shown whether the other has answered."
}

// ReadBy says who can read what was sent, to somebody who can.
func (s Sheet) ReadBy(l engagement.LaneInfo, viewer people.ID) string {
	if s.Kind != engagement.JointLane || !s.SharedAt.IsZero() || viewer != s.Person {
		return l.Who(viewer)
	}
	for _, r := range l.Readers {
		switch {
		case r.Coach && s.alone():
			return "This can be read by you and " + r.Name + " (your coach), and by nobody else."
		case r.Coach:
			return "This can be read by you and " + r.Name + " (your coach), and by both of you once both have sent theirs."
		}
	}
	return "Only you can read this."
}

// alone reports whether a sheet of the joint lane waits for no other: it was
// passed on without the one of the other client.
func (s Sheet) alone() bool { return s.Kind == engagement.JointLane && s.Round == "" }
