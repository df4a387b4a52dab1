// Booking, made smoother. Every link and form here works without this script;
// with it the month, the day and the time zone change in place, what was typed
// stays, and a form is sent once.

const region = () => document.querySelector('[data-book]');
const place = () => location.pathname + location.search;
let shown = place();

// show fetches a page and puts its booking part in place of ours.
async function show(address, { history: how = 'push', focus } = {}) {
  const old = region();
  old.setAttribute('aria-busy', 'true');
  let fresh;
  try {
    const answer = await fetch(address, { headers: { Accept: 'text/html' } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    fresh = page.querySelector('[data-book]');
    if (!fresh) throw new Error('no booking part');
  } catch {
    location.assign(address); // the plain way says what is wrong
    return;
  }
  keepTyped(old, fresh);
  old.replaceWith(fresh);
  document.querySelector('.problems')?.remove();
  if (how === 'push') history.pushState(null, '', address);
  if (how === 'replace') history.replaceState(null, '', address);
  shown = place();
  if (focus) fresh.querySelector(focus)?.focus();
}

// What the person has typed and opened, also while a month without times shows
// no form to hold it.
const typed = new Map();
let opened = false;

// keepTyped carries that over.
function keepTyped(old, fresh) {
  const ours = new Set(['op', 'timezone', 'date', 'coach']);
  for (const input of old.querySelectorAll('form[method="post"] [name]')) {
    if (!ours.has(input.name) && (input.type !== 'radio' || input.checked)) typed.set(input.name, input.value);
  }
  for (const input of fresh.querySelectorAll('form[method="post"] [name]')) {
    if (!typed.has(input.name)) continue;
    if (input.type !== 'radio') input.value = typed.get(input.name);
    else if (sameChoice(input, typed.get(input.name))) input.checked = true;
  }
  const more = old.querySelector('details.more');
  if (more) opened = more.open;
  if (opened) fresh.querySelector('details.more')?.setAttribute('open', '');
}

function sameChoice(input, value) {
  return input.value === value || (input.name === 'start' && Date.parse(input.value) === Date.parse(value));
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-swap], .month a');
  if (!link || !region()?.contains(link)) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const day = link.closest('.month') || link.closest('#empty');
  show(link.href.split('#')[0], { focus: day ? '#times' : link.closest('.choices') ? '.choices [aria-current]' : '#month-name' });
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.matches('form[data-swap]')) {
    event.preventDefault();
    const address = new URL(form.action);
    address.hash = '';
    address.search = new URLSearchParams(new FormData(form)).toString();
    show(address.href, { focus: '.zone summary' });
    return;
  }
  if (!form.dataset.once) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  const said = form.querySelector('.said');
  if (said) said.textContent = form.dataset.once;
  for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
});

// Coming back to the page, a form may be sent again.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    const said = form.querySelector('.said');
    if (said) said.textContent = '';
    for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
  }
});

// Back and forward. A link within the page, such as one to a field, asks for
// nothing new.
addEventListener('popstate', () => {
  if (region() && place() !== shown) show(location.href, { history: 'stay' });
});

// The rest of the world's zones, where the browser knows them.
document.addEventListener('toggle', (event) => {
  const select = event.target.matches?.('details.zone') && event.target.querySelector('select');
  if (!select || select.dataset.whole || !Intl.supportedValuesOf) return;
  select.dataset.whole = 'yes';
  const known = new Set(Array.from(select.options, (option) => option.value));
  const group = document.createElement('optgroup');
  group.label = 'All others';
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    if (!known.has(zone)) group.append(new Option(zone.replaceAll('_', ' '), zone));
  }
  select.append(group);
}, true);

// The person's own clock, unless they chose one.
const first = region();
if (first && !('zoneChosen' in first.dataset)) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && zone !== first.dataset.zone) {
    const address = new URL(location.href);
    address.searchParams.set('timezone', zone);
    show(address.href, { history: 'replace' });
  }
}
