// Saves a note while it is written. Without this script the button saves; with it
// every pause does. Words that could not be saved stay in the page and nowhere
// else: this device may be somebody else's too, so nothing is kept in it.

const pause = 2500;
const longest = 15000; // while somebody types without a pause
const again = 10000;

for (const form of document.querySelectorAll('form[data-note]')) {
  const state = form.querySelector('[data-state]');
  const version = form.elements.version;
  let timer = 0;
  let since = 0;
  let busy = false;
  let pressed; // the button that was pressed while a saving was on its way
  let saved = words();

  function words() {
    return form.elements.title.value + '\u0000' + form.elements.body.value;
  }

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  async function save() {
    if (busy || words() === saved) return;
    busy = true;
    since = 0;
    const sent = words();
    state.textContent = 'Saving…';
    try {
      const answer = await fetch(form.action, {
        method: 'POST', redirect: 'manual', headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(form)),
        signal: AbortSignal.timeout(20000),
      });
      if (answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 404) {
        state.textContent = 'Not saved: you are signed out here. Your words are still on this page. Sign in in another tab, then press Save.';
        return;
      }
      const known = (answer.headers.get('Content-Type') || '').startsWith('application/json');
      const said = known ? await answer.json() : {};
      if (answer.status === 413) {
        state.textContent = 'Not saved: this is longer than can be kept. Your words are still on this page. Shorten them, or make two notes of them.';
        return;
      }
      if (!answer.ok && !known) {
        state.textContent = 'Not saved: the server is busy. Your words are still on this page; this tries again by itself.';
        later(again);
        return;
      }
      if (!answer.ok) {
        state.textContent = 'Not saved. ' + said.say;
        return;
      }
      saved = sent;
      version.value = said.version;
      state.textContent = said.beside
        ? 'Saved ' + said.at + ', beside what was saved in another tab. Press Save to see both.'
        : 'Saved ' + said.at + '.';
    } catch {
      state.textContent = 'Not saved: the connection is gone. Your words are still on this page; this tries again by itself.';
      later(again);
    } finally {
      busy = false;
      if (pressed !== undefined) {
        form.requestSubmit(pressed);
        pressed = undefined;
        return;
      }
      if (words() !== saved && state.textContent.startsWith('Saved')) later(pause);
    }
  }

  form.addEventListener('input', () => {
    since ||= Date.now();
    later(Math.max(0, Math.min(pause, since + longest - Date.now())));
  });
  form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    if (busy) { // else this would be taken for another tab that fell behind
      event.preventDefault();
      pressed = event.submitter;
      return;
    }
    saved = words();
  });
  addEventListener('beforeunload', (event) => {
    if (words() !== saved) event.preventDefault();
  });
  // Whoever leaves quickly is not asked: the words go off by themselves.
  addEventListener('leavequickly', (event) => {
    clearTimeout(timer);
    if (words() !== saved) {
      event.detail.push(fetch(form.action, {
        method: 'POST', redirect: 'manual', headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(form)),
      }));
    }
    saved = words();
  });
}
