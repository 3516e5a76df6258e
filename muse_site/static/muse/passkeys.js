// What the browser says where a passkey was not used after all, in words, in the place of an error of the console.

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const refused = document.getElementById("passkey-refused");
  const name = event.detail.exception && event.detail.exception.name;
  const words = {
    InvalidStateError: "This passkey is known here already.",
    NotAllowedError: "No passkey was used. Try again, or use another way.",
    SecurityError: "Passkeys need this page under HTTPS and its own name.",
  };
  refused.textContent = words[name] || "The passkey could not be used. Try again, or use another way.";
});
