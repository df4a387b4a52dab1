package colour

import (
	"fmt"
	"math"
	"sort"
)

// Mode is how pages are drawn: on light grounds or on dark ones.
type Mode int

// The two modes.
const (
	Light Mode = iota
	Dark
)

// String names the pages of a mode: "light pages".
func (m Mode) String() string {
	if m == Dark {
		return "dark pages"
	}
	return "light pages"
}

// Grounds are what words stand on in a mode. They are the tokens of the
// stylesheet, and a test compares the two.
type Grounds struct{ Ground, Raised, Sunk, Warning Colour }

// Grounds of the mode.
func (m Mode) Grounds() Grounds {
	if m == Dark {
		return Grounds{Colour{0x17, 0x1c, 0x22}, Colour{0x1f, 0x26, 0x2d}, Colour{0x12, 0x16, 0x1b}, Colour{0x39, 0x2a, 0x23}}
	}
	return Grounds{Colour{0xf6, 0xf2, 0xea}, Colour{0xfd, 0xfb, 0xf7}, Colour{0xec, 0xe6, 0xda}, Colour{0xf6, 0xe6, 0xda}}
}

// house is the wash of the program's own colour. No other wash is nearer to the
// words on it, so every word that can be read on this one can be read on all.
func (m Mode) house() Colour {
	if m == Dark {
		return Colour{0x25, 0x37, 0x2f}
	}
	return Colour{0xdd, 0xe9, 0xe1}
}

// far is where a colour goes to be seen better in the mode.
func (m Mode) far() Colour {
	if m == Dark {
		return Colour{255, 255, 255}
	}
	return Colour{}
}

// Tones are what becomes of one colour in a mode.
type Tones struct {
	Accent Colour // acts and links
	Deep   Colour // the same under the pointer, and words on a wash
	Wash   Colour // the ground of what is chosen or said quietly
	On     Colour // words on an act
}

// tones derives them, whether they can be read or not.
func tones(c Colour, m Mode) Tones {
	g := m.Grounds()
	t := Tones{Accent: c, Deep: c.mixed(m.far(), .25), On: g.Raised}
	under, share := g.Raised, .14
	if m == Dark {
		t.Deep, t.On, under, share = c.mixed(m.far(), .35), g.Sunk, g.Ground, .18
	}
	limit := m.house().luminance()
	for ; share > 0; share -= .01 {
		t.Wash = under.mixed(c, share)
		if l := t.Wash.luminance(); m == Light && l >= limit || m == Dark && l <= limit {
			return t
		}
	}
	t.Wash = under
	return t
}

// Least is the contrast that words need (WCAG 2.2, 1.4.3), and comfortable is
// what we give them where the choice is ours.
const (
	Least       = 4.5
	comfortable = 7
)

// Measure is the contrast of words with what they stand on.
type Measure struct {
	What  string
	Ratio float64
}

// Say is the contrast in words, never more than it is: "4.4 : 1".
func (m Measure) Say() string { return fmt.Sprintf("%.1f : 1", math.Floor(m.Ratio*10)/10) }

// Measures are all contrasts that matter for the tones in a mode.
func (t Tones) Measures(m Mode) []Measure {
	g := m.Grounds()
	return []Measure{
		{"Links on the page", Contrast(t.Accent, g.Ground)},
		{"Links on cards", Contrast(t.Accent, g.Raised)},
		{"Links on shaded places", Contrast(t.Accent, g.Sunk)},
		{"Links on warnings", Contrast(t.Accent, g.Warning)},
		{"Links on tinted places", min(Contrast(t.Accent, t.Wash), Contrast(t.Deep, t.Wash))},
		{"Words on buttons", Contrast(t.On, t.Accent)},
		{"Words on buttons under the pointer", Contrast(t.On, t.Deep)},
	}
}

// weakest is the lowest of the contrasts.
func (t Tones) weakest(m Mode) Measure {
	var found Measure
	for _, one := range t.Measures(m) {
		if found.What == "" || one.Ratio < found.Ratio {
			found = one
		}
	}
	return found
}

// Weak is the refusal of a colour that could not be read.
type Weak struct {
	Colour  Colour
	Mode    Mode
	Lowest  Measure
	Nearest Colour // the shade of it that can be
}

// Error says what is wrong and what would pass, as the end of a sentence.
func (w *Weak) Error() string {
	return fmt.Sprintf("%s is too faint on %s: the contrast there is %s at the least, and words need 4.5 : 1; the nearest shade that passes is %s",
		w.Colour, w.Mode, w.Lowest.Say(), w.Nearest)
}

// Check gives the tones of a colour in a mode, or *Weak.
func Check(c Colour, m Mode) (Tones, error) {
	t := tones(c, m)
	if lowest := t.weakest(m); lowest.Ratio < Least {
		hue, strong, light := c.hue()
		return Tones{}, &Weak{c, m, lowest, shade(hue, strong, light, m, Least)}
	}
	return t, nil
}

// shade is the first shade of a hue, from a lightness on towards what is best
// seen in a mode, whose words all have a contrast.
func shade(hue, strong, light float64, m Mode, least float64) Colour {
	const steps = 256
	end := 0.
	if m == Dark {
		end = 1
	}
	at := func(step int) Colour { return fromHue(hue, strong, light+(end-light)*float64(step)/steps) }
	step := sort.Search(steps, func(step int) bool { return tones(at(step), m).weakest(m).Ratio >= least })
	return at(step)
}
