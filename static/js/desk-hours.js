// The preview beside the weekly hours follows what is typed. Without this
// script the button "Show what people would see" does the same.

const form = document.querySelector('[data-hours]');
const part = () => document.querySelector('[data-preview]');
let waiting;
let asked = 0;

async function look() {
  const mine = ++asked;
  const body = new URLSearchParams(new FormData(form));
  body.set('act', 'preview');
  let fresh;
  try {
    const answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'text/html' } });
    if (!answer.ok) return; // a time is half typed; the form says so when it is saved
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    fresh = page.querySelector('[data-preview]');
  } catch {
    return; // the button is still there
  }
  if (fresh && mine === asked) part().replaceChildren(...fresh.childNodes);
}

if (form && part()) {
  form.addEventListener('input', (event) => {
    if (event.target.matches('[name^="copy"]')) return;
    clearTimeout(waiting);
    waiting = setTimeout(look, 600);
  });
}
