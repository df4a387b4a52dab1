package colour_test

import (
	"errors"
	"io/fs"
	"math"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kintsugi/internal/colour"
	"kintsugi/static"
)

func parsed(t testing.TB, text string) colour.Colour {
	t.Helper()
	c, ok := colour.Parse(text)
	if !ok {
		t.Fatalf("%q is no colour", text)
	}
	return c
}

// The ratios are those of WCAG's own examples and of its formula by hand.
func TestContrastIsThatOfTheGuidelines(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.478}, {"#767676", "#ffffff", 4.542},
		{"#ff0000", "#ffffff", 3.998}, {"#0000ff", "#ffffff", 8.592}, {"#ffff00", "#ffffff", 1.074},
	} {
		a, b := parsed(t, row.a), parsed(t, row.b)
		if got := colour.Contrast(a, b); math.Abs(got-row.want) > .002 || got != colour.Contrast(b, a) {
			t.Errorf("%s on %s: %.3f, want %.3f", row.a, row.b, got, row.want)
		}
	}
}

func TestOnlySixDigitsMakeAColour(t *testing.T) {
	if c := parsed(t, "#2B5a4D"); c.String() != "#2b5a4d" {
		t.Error(c)
	}
	for _, text := range []string{"", "#", "2b5a4d", "#2b5a4", "#2b5a4d0", "#2b5a4g", "#+b5a4d", "#-b5a4d", "#2b_a4d", "# b5a4d", "#0x5a4d", "red", "#２b5a", "url(x)"} {
		if c, ok := colour.Parse(text); ok {
			t.Errorf("%q is %s", text, c)
		}
	}
}

func TestAColourThatCannotBeReadIsRefusedWithTheNearestThatCan(t *testing.T) {
	for _, row := range []struct {
		mode          colour.Mode
		text, nearest string
	}{
		{colour.Light, "#ffff00", "#6b6b00"}, {colour.Light, "#777777", "#676767"}, {colour.Light, "#ffffff", "#676767"}, {colour.Light, "#9fcdb9", "#3b725a"},
		{colour.Dark, "#2b5a4d", "#50a890"}, {colour.Dark, "#777777", "#9a9a9a"}, {colour.Dark, "#000000", "#9a9a9a"}, {colour.Dark, "#0000ff", "#8d8dff"},
	} {
		_, err := colour.Check(parsed(t, row.text), row.mode)
		var weak *colour.Weak
		if !errors.As(err, &weak) {
			t.Errorf("%s passes on %s", row.text, row.mode)
			continue
		}
		if weak.Nearest.String() != row.nearest || !strings.Contains(err.Error(), row.text+" is too faint on "+row.mode.String()) || !strings.HasSuffix(err.Error(), row.nearest) {
			t.Errorf("%s on %s: %s, want %s: %v", row.text, row.mode, weak.Nearest, row.nearest, err)
		}
		if _, err := colour.Check(weak.Nearest, row.mode); err != nil {
			t.Errorf("what was suggested for %s is refused: %v", row.text, err)
		}
	}
}

func TestOurOwnColourPassesInBothModes(t *testing.T) {
	if _, err := colour.Make("#2b5a4d", "#9fcdb9"); err != nil {
		t.Error(err)
	}
	for _, row := range [][2]string{{"#2b5a4d", "#777777"}, {"#ffff00", "#9fcdb9"}, {"", ""}, {"", "#9fcdb9"}, {"#2b5a4d", "pale"}} {
		if _, err := colour.Make(row[0], row[1]); err == nil {
			t.Error(row, "passes")
		}
	}
}

// Whatever somebody chooses: what is accepted can be read wherever it stands,
// and what is refused comes with something that is accepted.
func TestWhatIsAcceptedOrDerivedCanBeRead(t *testing.T) {
	choice := rapid.Custom(func(t *rapid.T) colour.Colour {
		channel := rapid.Uint8()
		return colour.Colour{R: channel.Draw(t, "red"), G: channel.Draw(t, "green"), B: channel.Draw(t, "blue")}
	})
	// The other words on a wash: ink, soft ink, clay, and the ring of the focus.
	words := map[colour.Mode][]string{colour.Light: {"#23282b", "#4b5053", "#7d3d20", "#8f1f1f"}, colour.Dark: {"#ebe5d9", "#bcb8ae", "#efb698", "#f3a49b"}}
	rings := map[colour.Mode]string{colour.Light: "#96690f", colour.Dark: "#e6bd6b"}
	read := func(t *rapid.T, tones colour.Tones, mode colour.Mode) {
		for _, one := range tones.Measures(mode) {
			if one.Ratio < colour.Least {
				t.Fatalf("%s of %s on %s: %s", one.What, tones.Accent, mode, one.Say())
			}
		}
		for _, word := range words[mode] {
			c, _ := colour.Parse(word)
			if colour.Contrast(c, tones.Wash) < colour.Least {
				t.Fatalf("%s on the wash %s of %s", word, tones.Wash, tones.Accent)
			}
		}
		if ring, _ := colour.Parse(rings[mode]); colour.Contrast(ring, tones.Wash) < 3 {
			t.Fatalf("the focus on the wash %s", tones.Wash)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		light := choice.Draw(t, "light")
		palette, err := colour.Make(light.String(), "")
		var weak *colour.Weak
		if errors.As(err, &weak) && weak.Mode == colour.Light {
			palette, err = colour.Make(weak.Nearest.String(), "")
		}
		if err != nil {
			t.Fatal(err)
		}
		read(t, palette.Light, colour.Light)
		read(t, palette.Dark, colour.Dark)
		dark := choice.Draw(t, "dark")
		tones, err := colour.Check(dark, colour.Dark)
		if errors.As(err, &weak) {
			tones, err = colour.Check(weak.Nearest, colour.Dark)
		}
		if err != nil {
			t.Fatal(err)
		}
		read(t, tones, colour.Dark)
	})
}

var token = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)

// The grounds are written down twice, here for the arithmetic and in the
// stylesheet for the browser. They must not part.
func TestTheGroundsAreThoseOfTheStylesheet(t *testing.T) {
	sheet, err := fs.ReadFile(static.FS, "css/site.css")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(string(sheet), "(prefers-color-scheme: dark)", 2)
	for mode, part := range map[colour.Mode]string{colour.Light: parts[0], colour.Dark: parts[1]} {
		part, _, _ = strings.Cut(part, "/* Ground */")
		tokens := map[string]string{}
		for _, found := range token.FindAllStringSubmatch(part, -1) {
			tokens[found[1]] = found[2]
		}
		g := mode.Grounds()
		for name, c := range map[string]colour.Colour{"ground": g.Ground, "raised": g.Raised, "sunk": g.Sunk, "clay-wash": g.Warning} {
			if tokens[name] != c.String() {
				t.Errorf("%s on %s is %s, the stylesheet says %q", name, mode, c, tokens[name])
			}
		}
	}
}

func TestTheSheetSetsTheTokensForScreensAndNothingElse(t *testing.T) {
	palette, err := colour.Make("#7A2E5D", "")
	if err != nil {
		t.Fatal(err)
	}
	sheet := palette.Sheet()
	for _, part := range []string{"@media screen { :root { --celadon: #7a2e5d; ", "@media screen and (prefers-color-scheme: dark) { :root { --celadon: " + palette.Dark.Accent.String()} {
		if !strings.Contains(sheet, part) {
			t.Errorf("%s lacks %s", sheet, part)
		}
	}
	if strings.Count(sheet, "--") != 8 || strings.Count(sheet, "{") != 4 || strings.Count(sheet, "}") != 4 {
		t.Error(sheet)
	}
}
