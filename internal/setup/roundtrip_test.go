package setup_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/setup"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

type fields = map[string]any

// awkward are texts that a careless writer of YAML breaks.
func awkward() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"no", "~", "null", "123", "1e3", "0x1F", "2026-01-01", "a: b", "# c", "- d", "'e'", `"f"`, "g\\n", "?", "h?", "{i}", "[j]", "&k", "*l",
			"!m", "%n", "@o", "`p", "|", ">", "q, r?, s", "Zoë Ğ 李 😀", "true", "=", "<<", "a #b", "a:", ":a", "—", "\u200d👩\u200d🚀", "ana\u00a0b",
		}),
		rapid.StringMatching(`[!-~]{1,12}( [!-~]{1,12}){0,3}`),
		rapid.StringN(1, 20, 60),
	)
}

// prose is awkward text of several lines.
func prose() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		lines := rapid.SliceOfN(rapid.OneOf(awkward(), rapid.SampledFrom([]string{"", "  indented", "\ttab", "trailing  ", "# h", "---", "..."})), 0, 5).Draw(t, "lines")
		return strings.Join(lines, rapid.SampledFrom([]string{"\n", "\r\n", "\n\n"}).Draw(t, "ends"))
	})
}

func window(t *rapid.T) string {
	from := rapid.IntRange(0, 1439).Draw(t, "from")
	to := rapid.IntRange(from+1, 1440).Draw(t, "to")
	return fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60)
}

func windows() *rapid.Generator[[]string] {
	return rapid.SliceOfN(rapid.Custom(window), 0, 3)
}

func weekOf() *rapid.Generator[map[string][]string] {
	return rapid.MapOfN(rapid.SampledFrom([]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}), windows(), 0, 7)
}

func spanOf(most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		n := rapid.OneOf(rapid.IntRange(1, most), rapid.SampledFrom([]int{60, 90, 1440})).Draw(t, "minutes")
		return []string{fmt.Sprintf("%dm", n), fmt.Sprintf("%dh%dm", n/60, n%60), fmt.Sprintf("%dd%dh%dm", n/1440, n/60%24, n%60)}[rapid.IntRange(0, 2).Draw(t, "form")]
	})
}

// some sets a few of the settings.
func some(t *rapid.T, into fields, settings map[string]*rapid.Generator[any]) fields {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		switch rapid.IntRange(0, 5).Draw(t, name+" given") {
		case 0, 1, 2:
			into[name] = settings[name].Draw(t, name)
		case 3:
			into[name] = nil
		}
	}
	return into
}

func oneOf(choices ...any) *rapid.Generator[any] { return rapid.SampledFrom(choices) }

func coachOf(t *rapid.T, slug string) fields {
	return some(t, fields{"slug": slug, "name": awkward().Draw(t, "name"), "email": slug + "@example.org"}, map[string]*rapid.Generator[any]{
		"role":         oneOf("owner", "coach"),
		"active":       oneOf(true, false),
		"timezone":     oneOf("Europe/London", "America/St_Johns", "UTC"),
		"bio":          prose().AsAny(),
		"meeting_url":  oneOf("https://meet.example.org/?pwd=a%20b&c=1#x", "http://localhost:8080/"),
		"weekly_hours": weekOf().AsAny(),
		"overrides": rapid.Custom(func(t *rapid.T) []fields {
			var out []fields
			for i := range rapid.IntRange(0, 3).Draw(t, "overrides") {
				out = append(out, fields{"date": fmt.Sprintf("2026-12-%02d", 20+i), "hours": windows().Draw(t, "hours")})
			}
			return out
		}).AsAny(),
		"travel": rapid.Custom(func(t *rapid.T) []fields {
			var out []fields
			for i := range rapid.IntRange(0, 3).Draw(t, "trips") {
				out = append(out, fields{"from": fmt.Sprintf("2026-0%d-05", 3-i), "to": fmt.Sprintf("2026-0%d-09", 3-i), "timezone": "Asia/Tokyo"})
			}
			return out
		}).AsAny(),
		"busy_calendars": oneOf([]string{}, []string{"https://calendar.example.org/a.ics"}),
	})
}

func typeOf(t *rapid.T, slug string) fields {
	return some(t, fields{"slug": slug, "name": awkward().Draw(t, "name"), "duration": spanOf(1440).Draw(t, "duration"), "coaches": []string{"ada"}}, map[string]*rapid.Generator[any]{
		"description": prose().AsAny(), "place": awkward().AsAny(), "slot_step": spanOf(1440).AsAny(),
		"buffer_before": spanOf(1440).AsAny(), "buffer_after": spanOf(1440).AsAny(), "min_notice": spanOf(100_000).AsAny(),
		"horizon": oneOf("0d", "24h", "60d", "400d"), "max_per_day": oneOf(1, 4), "public": oneOf(true, false),
		"once_per_person": oneOf(true, false), "approval": spanOf(5000).AsAny(), "credits": oneOf(0, 3),
		"lane": oneOf("joint", "individual"), "hours": weekOf().AsAny(), "withdrawn": oneOf(true, false),
	})
}

// formOf is a form whose second question is asked under an answer to the first.
func formOf(t *rapid.T, slug string) fields {
	options := rapid.SliceOfNDistinct(awkward(), 2, 4, rapid.ID[string]).Draw(t, "options")
	first := some(t, fields{"key": "a", "label": awkward().Draw(t, "label"), "type": "choice", "options": options}, map[string]*rapid.Generator[any]{
		"required": oneOf(true, false), "help": awkward().AsAny()})
	second := some(t, fields{"key": "b", "label": awkward().Draw(t, "label"), "type": "scale", "min": 0, "max": 10}, map[string]*rapid.Generator[any]{
		"options": oneOf([]string{}, []string{"no", "a, b?"}),
		"only_if": oneOf(fields{"question": "a"}, fields{"question": "a", "is": options[0]}, fields{"question": "a", "one_of": options[:2]})})
	third := fields{"key": "c", "label": "C", "type": "consent", "text": prose().Draw(t, "text") + "!"}
	return some(t, fields{"slug": slug, "name": awkward().Draw(t, "name"), "questions": []fields{first, second, third}}, map[string]*rapid.Generator[any]{
		"lane": oneOf("safety", "joint"), "send_on": oneOf("manual", "first_booking"), "withdrawn": oneOf(true, false),
		"scores": oneOf([]fields{}, []fields{{"key": "s", "name": "S", "how": "sum", "items": []fields{{"question": "a", "weight": 1}, {"question": "b"}},
			"bands": []fields{{"from": 0, "say": "low"}, {"from": "0.5", "say": "no"}}}}),
	})
}

// practiceFile is a random file; most are without mistakes.
func practiceFile(t *rapid.T) string {
	file := fields{"practice": some(t, fields{"name": awkward().Draw(t, "name")}, map[string]*rapid.Generator[any]{
		"discreet_name": awkward().AsAny(), "cancel_notice": spanOf(5000).AsAny(), "enquiries_kept": oneOf("1d", "24h", "400d"), "colour": oneOf("#2b5a4d", "#7A2E5D"), "ask_reason": oneOf(true, false), "sessions_rest": oneOf("0d", "21d", "48h", "365d"),
		"reminders": oneOf([]string{}, []string{"24h", "1h"}, []string{"90m"}), "intro": prose().AsAny(), "privacy": prose().AsAny(), "terms": prose().AsAny(),
		"help": oneOf([]fields{}, []fields{{"country": "GB", "name": "no", "phone": "0808 2000 247"}, {"country": "IE", "name": "X?", "url": "https://x.example/?a"}}),
	})}
	coaches := []fields{coachOf(t, "ada")}
	if rapid.Bool().Draw(t, "second coach") {
		coaches = append([]fields{coachOf(t, "123")}, coaches...)
	}
	file["coaches"] = coaches
	var types, packages, forms []fields
	for _, slug := range []string{"call", "no", "session"} {
		if rapid.Bool().Draw(t, slug) {
			types = append(types, typeOf(t, slug))
			packages = append(packages, some(t, fields{"slug": "p-" + slug, "name": awkward().Draw(t, "name"), "sessions": 6, "price": "720.00", "appointment_types": []string{slug}},
				map[string]*rapid.Generator[any]{"description": prose().AsAny(), "valid_for": oneOf("180d", "48h"), "withdrawn": oneOf(true, false),
					"tax": oneOf("none", "inclusive", "exclusive"), "visibility": oneOf("visible", "link", "withdrawn"), "instalments": oneOf([]fields{}, halves("360.00", "360.00", "30d"), halves("500.00", "220.00", "365d"))}))
			forms = append(forms, formOf(t, slug))
		}
	}
	file["appointment_types"], file["packages"], file["forms"] = types, packages, forms
	text, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// halves are a package of six in two parts.
func halves(first, second, after string) []fields {
	return []fields{{"sessions": 2, "price": first}, {"sessions": 4, "price": second, "after": after}}
}

func TestAnExportAppliedAgainChangesNothingAndMakesTheSamePracticeElsewhere(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, "practice: {name: Start, timezone: Europe/London, currency: GBP, email: a@example.org}")
	applied := 0
	rapid.Check(t, func(rt *rapid.T) {
		text := practiceFile(rt)
		before := export(t, db)
		_, err := apply(db, text)
		after := export(t, db)
		var found setup.Mistakes
		if errors.As(err, &found) {
			if before != after {
				rt.Fatalf("refused with %v and yet changed:\n%s\n%s", err, before, after)
			}
			return
		}
		if err != nil {
			rt.Fatalf("%v\n%s", err, text)
		}
		applied++
		for _, again := range []string{text, after} {
			if changes, err := apply(db, again); err != nil || changes != nil {
				rt.Fatalf("again: %q, %v\n%s", changes, err, again)
			}
		}
	})
	if applied == 0 {
		t.Fatal("no random file could be applied")
	}
	t.Run("elsewhere", func(t *testing.T) {
		fresh := pgtest.New(t)
		text := export(t, db)
		mustApply(t, fresh, text)
		if copied := export(t, fresh); copied != text {
			t.Fatalf("%s\nbecame\n%s", text, copied)
		}
	})
	t.Logf("%d files applied", applied)
}
