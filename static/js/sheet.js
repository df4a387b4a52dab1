// What is typed into a form is saved a moment after each pause, on the server
// and nowhere in this browser. What another page of the same person has typed
// meanwhile is filled in here. Without this script "Save for later" does it.

const form = document.querySelector('form[data-sheet]');
const note = document.querySelector('[data-saved]');

const PAUSE = 1500; // after the last key
const PATIENCE = 8000; // while somebody types on and on

let timer = 0;
let firstKey = 0;
let busy = false;
let touched = new Set(); // inputs that changed since what was sent last
let stopped = false;

function say(text, link) {
  note.textContent = text;
  if (link) {
    const a = document.createElement('a');
    a.href = link.href;
    a.textContent = link.text;
    if (link.aside) a.target = '_blank';
    note.append(' ', a);
  }
}

function body(names) {
  const data = new URLSearchParams(new FormData(form));
  data.set('act', 'save');
  data.set('touched', [...names].join(' '));
  return data;
}

const inputs = (name) => [...form.elements].filter((input) => input.name === name);

// fill puts in what another page has answered, unless somebody is typing there.
function fill(changes) {
  let whole = true;
  for (const [name, values] of Object.entries(changes)) {
    const found = inputs(name);
    if (touched.has(name) || found.some((input) => input === document.activeElement && 'value' in input && !/^(radio|checkbox)$/.test(input.type))) {
      whole = false; // saved again in a moment, and put together then
      continue;
    }
    for (const input of found) {
      if (/^(radio|checkbox)$/.test(input.type)) {
        input.checked = values.includes(input.value) || (values.length === 0 && input.type === 'radio' && input.value === '');
      } else {
        input.value = values[0] ?? '';
      }
    }
    form.dispatchEvent(new Event('change'));
  }
  return whole;
}

function complain(problems) {
  for (const old of form.querySelectorAll('.problem[data-live]')) {
    document.getElementById(old.dataset.live)?.removeAttribute('aria-invalid');
    old.remove();
  }
  for (const [name, text] of Object.entries(problems)) {
    const block = form.querySelector(`[data-question="${CSS.escape(name)}"]`);
    if (!block || block.querySelector('.problem')) continue;
    const words = document.createElement('p');
    words.className = 'problem';
    words.id = `${name}-problem`;
    words.dataset.live = name;
    words.textContent = text;
    block.querySelector('.field')?.append(words);
    const input = document.getElementById(name);
    input?.setAttribute('aria-invalid', 'true');
    input?.setAttribute('aria-describedby', `${input.getAttribute('aria-describedby') ?? ''} ${words.id}`.trim());
  }
}

async function heard(reply) {
  if (reply.headers.get('Content-Type')?.startsWith('application/json')) return reply.json();
  if (reply.status === 413) return { state: 'stopped', say: 'This is longer than can be kept, so it was not saved. Please shorten it and press “Save for later”.' };
  if (reply.ok || reply.status === 404) return { state: 'stopped', say: 'This page cannot save any more. Copy what you typed, then open the form again.' };
  return { state: 'lost' };
}

async function save() {
  clearTimeout(timer);
  timer = 0;
  if (busy || stopped) return;
  busy = true;
  firstKey = 0;
  const sent = touched;
  touched = new Set();
  say('Saving…');
  let answer;
  try {
    const reply = await fetch(form.action, { method: 'POST', body: body(sent), headers: { Accept: 'application/json' }, redirect: 'error' });
    answer = await heard(reply);
  } catch {
    answer = { state: 'lost' };
  }
  busy = false;
  if (answer.state !== 'saved') for (const name of sent) touched.add(name);
  switch (answer.state) {
    case 'saved': {
      const whole = fill(answer.changes ?? {});
      if (whole) form.elements.draft.value = answer.version;
      complain(answer.problems ?? {});
      if (answer.aside && !document.querySelector('.form-asides')) {
        say('Saved. You typed something else into the same question in another place; both are kept.', { href: location.href, text: 'See both' });
      } else if (answer.problems) {
        say('Saved, except for what is marked: it cannot be used as it is.');
      } else {
        say(answer.say);
      }
      if (touched.size > 0) wait();
      break;
    }
    case 'signed-out':
    case 'proof':
      say('You were signed out. What you typed is still on this page, and not saved yet. Sign in beside it, then type on here.', {
        href: answer.state === 'proof' ? '/sign-in/proof?next=%2Fportal' : '/sign-in?next=%2Fportal', text: 'Sign in', aside: true });
      wait(5000);
      break;
    case 'stopped':
      stopped = true;
      say(answer.say + ' What you typed is still on this page.');
      break;
    default:
      say('Not saved: there is no connection just now. What you typed is still on this page; it is tried again.');
      wait(5000);
  }
}

function wait(pause = PAUSE) {
  const now = Date.now();
  firstKey ||= now;
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(pause, firstKey + Math.max(PATIENCE, pause) - now)));
}

function changed(event) {
  const name = event.target?.name;
  if (!name?.startsWith('q-') || !event.isTrusted) return;
  touched.add(name);
  if (!busy && !stopped && !timer) say('Not saved yet…');
  wait();
}

if (form && note) {
  form.addEventListener('input', changed);
  form.addEventListener('submit', () => {
    clearTimeout(timer);
    stopped = true; // the form itself brings everything
  });
  // Whoever closes the page in the middle of a word.
  addEventListener('pagehide', () => {
    if (touched.size > 0 && !stopped) navigator.sendBeacon(form.action, body(touched));
  });
  // Whoever leaves quickly: their session is over before the page is hidden.
  addEventListener('leavequickly', (event) => {
    clearTimeout(timer);
    if (touched.size > 0 && !stopped) {
      event.detail.push(fetch(form.action, { method: 'POST', body: body(touched), headers: { Accept: 'application/json' }, redirect: 'error' }));
    }
    stopped = true;
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) stopped = false;
  });
}
