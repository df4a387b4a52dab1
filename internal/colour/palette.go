package colour

import "fmt"

// Palette is a practice's colour in both modes.
type Palette struct{ Light, Dark Tones }

// Make gives the palette of a colour for light pages and one for dark pages.
// Without the second it is derived from the first. The error is *Weak, or says
// that a colour is none.
func Make(light, dark string) (Palette, error) {
	c, ok := Parse(light)
	if !ok {
		return Palette{}, notOne(light)
	}
	day, err := Check(c, Light)
	if err != nil {
		return Palette{}, err
	}
	night := inTheDark(c)
	if dark != "" {
		if night, ok = Parse(dark); !ok {
			return Palette{}, notOne(dark)
		}
	}
	tones, err := Check(night, Dark)
	return Palette{day, tones}, err
}

func notOne(text string) error {
	return fmt.Errorf("%q is not a colour; write it like #2b5a4d", text)
}

// inTheDark is the same colour for dark pages: lighter, and quieter where it is
// loud, since it shines there.
func inTheDark(c Colour) Colour {
	hue, strong, light := c.hue()
	return shade(hue, min(strong, .6), light, Dark, comfortable)
}

// Sheet is the palette as a stylesheet. What is printed keeps the colours of
// paper, so it is for screens.
func (p Palette) Sheet() string {
	return "@media screen { " + p.Light.rule() + " }\n" +
		"@media screen and (prefers-color-scheme: dark) { " + p.Dark.rule() + " }\n"
}

func (t Tones) rule() string {
	return fmt.Sprintf(":root { --celadon: %s; --celadon-deep: %s; --celadon-wash: %s; --on-celadon: %s; }", t.Accent, t.Deep, t.Wash, t.On)
}
