// Dragging a call to another hour of the week. Everything it does can be done
// without it: each call's page has a form that moves it. Dropping a call only
// opens that form with the new hour in it, where it is looked at and confirmed.

const week = document.querySelector('[data-schedule]');
const said = document.querySelector('[data-said]');
const step = 15; // minutes
const farEnough = 8; // pixels until a press becomes a drag

// hourOf reads the day and the time of day that a point of the week stands for.
function hourOf(x, y, grip) {
  for (const day of week.querySelectorAll('.schedule-day')) {
    const box = day.querySelector('.schedule-entries').getBoundingClientRect();
    if (x < box.left || x >= box.right) continue;
    const style = getComputedStyle(week);
    const first = Number(style.getPropertyValue('--first'));
    const last = Number(style.getPropertyValue('--last'));
    const share = (y - grip - box.top) / box.height;
    const minutes = Math.round((first + share * (last - first)) * 60 / step) * step;
    if (minutes < 0 || minutes >= 24 * 60) return null;
    const clock = [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, '0')).join(':');
    return { day, date: day.dataset.date, clock };
  }
  return null;
}

let drag = null;

function drop() {
  week.querySelector('.schedule-drop')?.classList.remove('schedule-drop');
  drag.entry.classList.remove('entry-dragged');
  drag.entry.style.translate = '';
  drag = null;
}

week?.addEventListener('pointerdown', (event) => {
  const entry = event.target.closest('[data-move]');
  // A finger scrolls; in one column there is no grid to drag over.
  if (!entry || event.button || event.pointerType === 'touch' || getComputedStyle(week).display !== 'grid') return;
  drag = { entry, id: event.pointerId, x: event.clientX, y: event.clientY, grip: event.clientY - entry.getBoundingClientRect().top, on: false };
});

addEventListener('pointermove', (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  const dx = event.clientX - drag.x;
  const dy = event.clientY - drag.y;
  if (!drag.on && Math.hypot(dx, dy) < farEnough) return;
  drag.on = true;
  drag.entry.classList.add('entry-dragged');
  drag.entry.style.translate = `${dx}px ${dy}px`;
  const at = hourOf(event.clientX, event.clientY, drag.grip);
  week.querySelector('.schedule-drop')?.classList.remove('schedule-drop');
  at?.day.classList.add('schedule-drop');
  said.textContent = at ? `${at.day.querySelector('.schedule-long').textContent}, ${at.clock}` : '';
});

addEventListener('pointerup', (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  const at = drag.on && hourOf(event.clientX, event.clientY, drag.grip);
  const address = drag.entry.dataset.move;
  if (drag.on) addEventListener('click', (click) => click.preventDefault(), { capture: true, once: true });
  drop();
  if (at) location.assign(`${address}&on=${at.date}&at=${encodeURIComponent(at.clock)}`);
});

addEventListener('pointercancel', () => drag && drop());
addEventListener('keydown', (event) => event.key === 'Escape' && drag && drop());

// The browser's own dragging of links would take ours over.
week?.addEventListener('dragstart', (event) => event.target.closest('[data-move]') && event.preventDefault());
