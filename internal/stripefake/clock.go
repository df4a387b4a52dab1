package stripefake

import (
	"slices"
	"time"
)

// due is something that happens by itself when its time has come.
type due struct {
	at    time.Time
	about string // the id of the object that it happens to
	what  func()
}

// now is the stand-in's time.
func (s *Stripe) now() time.Time { return s.settings.Now().Add(s.passed) }

// Now is the stand-in's time.
func (s *Stripe) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Pass moves the clock on, and lets happen what falls due: sessions expire,
// late payments settle, refunds arrive or fail. Each happens at its own time.
func (s *Stripe) Pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := s.passed + d
	for {
		until := s.settings.Now().Add(end)
		next, ok := s.earliest(until)
		if !ok {
			break
		}
		if wait := next.at.Sub(s.now()); wait > 0 {
			s.passed += wait
		}
		next.what()
	}
	s.passed = end
	s.wakePost()
}

// settle lets happen what is due by now.
func (s *Stripe) settle() {
	for {
		next, ok := s.earliest(s.now())
		if !ok {
			return
		}
		next.what()
	}
}

// at plans something.
func (s *Stripe) at(when time.Time, about string, what func()) {
	s.later = append(s.later, due{when, about, what})
}

// Settle lets happen now what is planned for an object: a session's late payment
// arrives or fails, an open session expires, a refund ends. It reports whether
// there was something.
func (s *Stripe) Settle(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, d := range s.later {
		if d.about == id {
			s.later = slices.Delete(s.later, i, i+1)
			d.what()
			s.wakePost()
			return true
		}
	}
	return false
}

// unplan takes what is planned for an object out of the plan.
func (s *Stripe) unplan(about string) {
	s.later = slices.DeleteFunc(s.later, func(d due) bool { return d.about == about })
}

// unix is a time as Stripe writes it.
func unix(seconds int64) time.Time { return time.Unix(seconds, 0) }

// earliest takes the first thing out of the plan that is due by then.
func (s *Stripe) earliest(until time.Time) (due, bool) {
	first := -1
	for i, d := range s.later {
		if !d.at.After(until) && (first < 0 || d.at.Before(s.later[first].at)) {
			first = i
		}
	}
	if first < 0 {
		return due{}, false
	}
	d := s.later[first]
	s.later = slices.Delete(s.later, first, first+1)
	return d, true
}
