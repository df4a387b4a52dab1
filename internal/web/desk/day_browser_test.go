package desk_test

import (
	"fmt"
	"strings"
	"testing"

	"kintsugi/internal/booking"
	"kintsugi/internal/browsertest"
	"kintsugi/internal/people"
)

// furnished is an office with something of everything in its week.
func furnished(t *testing.T) (o *office, call, request booking.Booking) {
	t.Helper()
	o = newOffice(t)
	call = o.asked("meet", "mara", "Ana Alvarez", onDay(1, 10, 0))
	request = o.asked("asked", "mara", "Ben Brook", onDay(2, 11, 0))
	o.asked("meet", "noor", "Cem Celik", onDay(1, 10, 0))
	_, err := o.BlockTime(o.ctx, booking.Viewer{ID: o.mara.ID, Role: people.Owner},
		booking.Block{CoachID: o.mara.ID, Start: onDay(3, 0, 0), End: onDay(5, 12, 30), Label: "Away"}, opless)
	o.must(err)
	return o, call, request
}

func TestTheDayAndTheScheduleHurtNobody(t *testing.T) {
	t.Parallel()
	o, call, request := furnished(t)
	for name, options := range map[string][]browsertest.Option{
		"a phone": {browsertest.Phone()}, "a tablet in the dark": {browsertest.Size(768, 1000), browsertest.Dark()},
		"a desk": nil, "a desk at 200 %": {browsertest.Size(640, 400)}, "a desk without scripts": {browsertest.ScriptsOff()},
	} {
		tab := browsertest.New(t, options...)
		for _, path := range []string{"/desk?coach=all", "/desk/schedule?coach=all", "/desk/schedule?view=day&date=2026-12-10", "/desk/schedule?view=list",
			at(request), at(call) + "?do=move&date=2026-12-09", at(call) + "?do=cancel", "/desk/book?type=couple&date=2026-12-09", "/desk/block"} {
			tab.Open(o.base + path)
			for _, found := range append(append(tab.TooWide(), tab.Axe()...), tab.Troubles()...) {
				t.Errorf("%s on %s: %s", path, name, found)
			}
		}
	}
}

func TestACallIsMovedWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	o, call, _ := furnished(t)
	tab := browsertest.New(t, browsertest.ScriptsOff())
	tab.Open(o.base + "/desk/schedule")
	focus := func(what string) {
		t.Helper()
		for range 80 {
			if strings.Contains(tab.Focused(), what) {
				return
			}
			tab.Press("Tab")
		}
		t.Fatalf("the keyboard never comes to %q", what)
	}
	focus("Ana Alvarez")
	tab.Press("Enter")
	focus("Move to another time")
	tab.Press("Enter")
	focus("Wednesday 9 December")
	tab.Press("Enter")
	focus("start")
	tab.Press("Space")
	focus("Move to this time")
	tab.Press("Enter")
	tab.WaitText(".notice", "Both of you have been told")
	if got := o.found(call); !got.Start.Equal(onDay(2, 9, 0)) {
		t.Errorf("it is at %s", got.Start)
	}
}

func TestDroppingACallOpensTheFormWithTheNewHour(t *testing.T) {
	t.Parallel()
	o, call, _ := furnished(t)
	tab := browsertest.New(t)
	tab.Open(o.base + "/desk/schedule")
	// From Tuesday at 10 to Wednesday, three hours further down.
	browsertest.Eval[bool](tab, fmt.Sprintf(`(() => {
		const entry = [...document.querySelectorAll('[data-move]')].find(e => e.dataset.move.startsWith(%q));
		const from = entry.getBoundingClientRect(), day = entry.closest('.schedule-day').getBoundingClientRect();
		const hour = document.querySelector('.schedule-hours li').getBoundingClientRect().height;
		const send = (type, x, y, to = entry) => to.dispatchEvent(new PointerEvent(type, {bubbles: true, cancelable: true, pointerId: 1, pointerType: 'mouse', button: 0, clientX: x, clientY: y}));
		const x = from.left + 20, y = from.top + 10;
		send('pointerdown', x, y); send('pointermove', x + 30, y + 30); send('pointermove', x + day.width, y + 3 * hour); send('pointerup', x + day.width, y + 3 * hour);
		return true;
	})()`, at(call)))
	tab.Wait("#other_time")
	if date, clock := tab.Value("#other_date"), tab.Value("#other_time"); date != "2026-12-09" || clock != "13:00" {
		t.Errorf("the form has %s %s", date, clock)
	}
	if !o.found(call).Start.Equal(onDay(1, 10, 0)) {
		t.Error("it was moved without being confirmed")
	}
	tab.Click(".step-last .act")
	tab.WaitText(".notice", "Both of you have been told")
	if got := o.found(call); !got.Start.Equal(onDay(2, 13, 0)) {
		t.Errorf("it is at %s", got.Start)
	}
}
