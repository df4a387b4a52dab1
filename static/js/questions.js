// Questions that are asked only under an earlier answer appear and go as that
// answer is given. Without this script each says when it is meant, and answers
// to what was not asked are left out all the same.

const blocks = [...document.querySelectorAll('[data-questions] [data-question]')];

// answersTo reads what is answered to a question now.
function answersTo(name) {
  const inputs = [...document.getElementsByName(name)];
  return inputs
    .filter((input) => !/^(radio|checkbox)$/.test(input.type) || input.checked)
    .map((input) => (input.inputMode === 'decimal' ? input.value.replace(',', '.') : input.value).trim())
    .filter((value) => value !== '');
}

function look() {
  const asked = new Set();
  for (const block of blocks) {
    const { question, if: on, among } = block.dataset;
    let shown = true;
    if (on) {
      const given = asked.has(on) ? answersTo(on) : [];
      shown = among ? JSON.parse(among).some((value) => given.includes(value)) : given.length > 0;
    }
    block.hidden = !shown;
    if (shown) asked.add(question);
  }
}

if (blocks.length > 0) {
  for (const words of document.querySelectorAll('.question-when')) words.hidden = true;
  look();
  const form = blocks[0].closest('form') ?? document;
  form.addEventListener('input', look);
  form.addEventListener('change', look);
  form.addEventListener('reset', () => setTimeout(look));
  addEventListener('pageshow', look); // a browser may fill a form in again on the way back
}
