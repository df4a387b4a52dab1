// Passkeys: asks the server for a question, the person's device for its answer,
// and sends the answer with the form. Without this script, or in a browser that
// knows no passkeys, the forms stay hidden and the other proofs are there.

const known = window.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined;

async function ask(purpose) {
  const answer = await fetch(purpose === 'alone' ? '/sign-in/without/passkey' : '/sign-in/passkey', { method: 'POST', body: new URLSearchParams({ purpose }) });
  if (answer.status === 401) location.assign('/sign-in');
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function credentialFor(purpose) {
  const options = await ask(purpose);
  if (purpose === 'add') {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

for (const form of known ? document.querySelectorAll('form[data-passkey]') : []) {
  form.hidden = false;
  form.parentElement.querySelector('[data-without-passkey]').hidden = true;
  let asking = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (asking) return;
    asking = true;
    const said = form.querySelector('.said');
    said.textContent = 'Your device asks you now.';
    try {
      const credential = await credentialFor(form.dataset.passkey);
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      said.textContent = 'No passkey was used. Press the button to try once more, or use another proof.';
    } finally {
      asking = false;
    }
  });
}
