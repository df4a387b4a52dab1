package setup_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/setup"
)

func TestAColourIsAppliedExportedAndTakenBack(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	changes := mustApply(t, db, `practice: {colour: "#7A2E5D", colour_dark: "#e0b0cc"}`)
	if want := []string{"practice: colour none → #7a2e5d", "practice: colour_dark none → #e0b0cc"}; !slices.Equal(changes, want) {
		t.Errorf("%q", changes)
	}
	text := export(t, db)
	if !strings.Contains(text, "  colour: '#7a2e5d'\n  colour_dark: '#e0b0cc'\n") {
		t.Error(text)
	}
	if changes := mustApply(t, db, text); changes != nil {
		t.Errorf("its own export %q", changes)
	}
	mustApply(t, db, "practice: {colour: null, colour_dark: null}")
	if text := export(t, db); strings.Contains(text, "colour") {
		t.Error(text)
	}
}

func TestAColourThatCannotBeReadIsRefusedWithFileLineAndField(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	mustApply(t, db, whole(t))
	mustApply(t, db, `practice: {colour: "#2b5a4d", colour_dark: "#9fcdb9"}`)
	for _, row := range []struct{ text, where, say string }{
		{"practice:\n  colour: \"#ffff00\"", "practice.yaml:2: practice.colour", "#ffff00 is too faint on light pages: the contrast there is 1.0 : 1 at the least, and words need 4.5 : 1; the nearest shade that passes is #6b6b00"},
		{"practice:\n  colour: \"#777777\"", "practice.yaml:2: practice.colour", "the nearest shade that passes is #676767"},
		{"practice:\n  name: C\n  colour_dark: \"#2b5a4d\"", "practice.yaml:3: practice.colour_dark", "too faint on dark pages"},
		{"practice:\n  colour: \"#777\"", "practice.yaml:2: practice.colour", `"#777" is not a colour; write it in quotes`},
		{"practice:\n  colour: teal", "practice.yaml:2: practice.colour", "is not a colour"},
		{"practice:\n  colour: [1]", "practice.yaml:2: practice.colour", "not a list"},
		{"practice:\n  colour: #2b5a4d\n  name: C\n", "practice.yaml:2: practice.colour", `#2b5a4d is read as a comment; write it in quotes, like "#2b5a4d"`},
		{"practice:\n  colour: null\n", "practice.yaml:1: practice.colour_dark", "is for a practice with a colour of its own"},
	} {
		f, err := setup.Parse("practice.yaml", []byte(row.text))
		if f != nil && err == nil {
			_, err = setup.Apply(ctx, db, f, audit.Actor{Kind: audit.Operator}, time.Now())
		}
		var found setup.Mistakes
		if !errors.As(err, &found) || len(found) != 1 || !strings.HasPrefix(found[0].String(), row.where+": ") || !strings.Contains(found[0].Say, row.say) {
			t.Errorf("%s\n%v\nwant %s: %s", row.text, err, row.where, row.say)
		}
	}
	if basics, err := practice.LoadBasics(ctx, db); err != nil || basics.Colour != "#2b5a4d" || basics.ColourDark != "#9fcdb9" {
		t.Errorf("%+v, %v", basics, err)
	}
}

// The practice file holds no logo, so applying one must not take it away.
func TestApplyingAFileLeavesTheLogoAlone(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	mustApply(t, db, whole(t))
	mark := practice.LogoMark{Hash: strings.Repeat("ab", 12), Width: 88, Height: 88}
	if err := db.InTx(ctx, func(tx *pg.Tx) error {
		return practice.SaveLogo(ctx, tx, practice.Logo{LogoMark: mark, PNG: []byte("x")}, time.Now())
	}); err != nil {
		t.Fatal(err)
	}
	mustApply(t, db, "practice: {name: Another}")
	if basics, err := practice.LoadBasics(ctx, db); err != nil || basics.Logo != mark || strings.Contains(export(t, db), "logo") {
		t.Errorf("%+v, %v", basics.Logo, err)
	}
}
