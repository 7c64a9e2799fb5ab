// Says in words why a passkey was not made or used; allauth's scripts tell the console alone.
const SAID = {
  NotAllowedError: "Your device did not confirm. Try again, or use another way.",
  InvalidStateError: "This device is here already.",
  SecurityError: "Passkeys need a name in the address, not a number: localhost, or a domain with https.",
  NotSupportedError: "Your device can't keep this kind of key.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.querySelector("[data-passkey-error]");
  if (!place) return;
  place.textContent = SAID[event.detail.exception?.name] || "Your device could not do it. Load the page again and retry.";
});
