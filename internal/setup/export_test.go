package setup_test

import (
	"strings"
	"testing"

	"kintsugi/internal/pg/pgtest"
)

func TestAnExportReadsAsAPersonWouldWriteIt(t *testing.T) {
	db := pgtest.New(t)
	mustApply(t, db, whole(t))
	mustApply(t, db, "practice: {intro: \"# Welcome\\n\\nRead: this\\n\", reminders: [48h, 90m]}")
	text := export(t, db)
	for _, part := range []string{
		"practice:\n  name: Common Ground Coaching\n  discreet_name: Common Ground\n",
		"  reminders: [2d, 90m]\n", "  intro: |-\n    # Welcome\n\n    Read: this\n",
		"\n\ncoaches:\n  - slug: mara\n    name: Mara Lind\n", `      mon: ["09:00-12:00", "13:00-17:00"]`,
		"      - {date: 2026-12-24, hours: []}\n", "      - {from: 2026-05-11, to: 2026-05-15, timezone: America/New_York}\n",
		"\n\nappointment_types:\n", "    duration: 30m\n    slot_step: 30m\n    buffer_after: 10m\n    min_notice: 12h\n",
		"    price: 720.00\n    valid_for: 180d\n", "        label: What would you like to be different?\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}
