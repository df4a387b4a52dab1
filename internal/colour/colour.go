// Package colour makes a practice's own accent out of one colour: the tones of
// acts, links and washes, on light pages and on dark ones. It refuses a colour
// that somebody could not read, and says which shade of it they could. Gold is
// not its business: the seam and the focus keep theirs.
package colour

import (
	"fmt"
	"math"
	"strconv"
)

// Colour is a colour as sRGB screens show it.
type Colour struct{ R, G, B uint8 }

// Parse reads a colour written as #rrggbb.
func Parse(text string) (Colour, bool) {
	if len(text) != 7 || text[0] != '#' {
		return Colour{}, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	if err != nil {
		return Colour{}, false
	}
	return Colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// String writes the colour as #rrggbb, in small letters.
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Contrast is the contrast of two colours, from 1 to 21, as WCAG 2.2 measures it.
func Contrast(a, b Colour) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + .05) / (dark + .05)
}

// luminance is the relative luminance of WCAG 2.2, from 0 to 1.
func (c Colour) luminance() float64 {
	return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
}

func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= .04045 {
		return v / 12.92
	}
	return math.Pow((v+.055)/1.055, 2.4)
}

// mixed is the colour with a share of another in it.
func (c Colour) mixed(other Colour, share float64) Colour {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-share) + float64(b)*share)) }
	return Colour{mix(c.R, other.R), mix(c.G, other.G), mix(c.B, other.B)}
}

// hue takes a colour apart: the hue in sixths of a circle, how strong it is and
// how light, each of these from 0 to 1.
func (c Colour) hue() (hue, strong, light float64) {
	r, g, b := float64(c.R)/255, float64(c.G)/255, float64(c.B)/255
	most, least := max(r, g, b), min(r, g, b)
	light, span := (most+least)/2, most-least
	if span == 0 {
		return 0, 0, light
	}
	strong = span / (1 - math.Abs(2*light-1))
	switch most {
	case r:
		hue = math.Mod((g-b)/span+6, 6)
	case g:
		hue = (b-r)/span + 2
	default:
		hue = (r-g)/span + 4
	}
	return hue, strong, light
}

// fromHue puts a colour together again.
func fromHue(hue, strong, light float64) Colour {
	span := strong * (1 - math.Abs(2*light-1))
	second := span * (1 - math.Abs(math.Mod(hue, 2)-1))
	var r, g, b float64
	switch int(hue) {
	case 0:
		r, g = span, second
	case 1:
		r, g = second, span
	case 2:
		g, b = span, second
	case 3:
		g, b = second, span
	case 4:
		r, b = second, span
	default:
		r, b = span, second
	}
	channel := func(v float64) uint8 { return uint8(math.Round(min(max(v+light-span/2, 0), 1) * 255)) }
	return Colour{channel(r), channel(g), channel(b)}
}
