// Asks for a passkey as soon as the page is there, and sends what the browser answers.
// The handlers are in Flask-Security's webauthn.js.
const passkey = document.getElementById("passkey");
const handlers = { register: handleRegister, signin: handleSignin };

function explain(message) {
  const alert = passkey.querySelector("[role=alert]");
  passkey.querySelector("p").hidden = true;
  alert.hidden = false;
  alert.textContent = message;
  document.getElementById("passkey-again").hidden = false;
}

async function askForPasskey() {
  const { handler, options, address, unsupported, refused } = passkey.dataset;
  if (/^[\d.]+$|^\[/.test(location.hostname)) {
    return explain(address);
  }
  if (!window.PublicKeyCredential) {
    return explain(unsupported);
  }
  const { credential } = await handlers[handler](options);
  if (!credential) {
    return explain(refused);
  }
  passkey.elements.credential.value = credential;
  passkey.submit();
}

askForPasskey();
