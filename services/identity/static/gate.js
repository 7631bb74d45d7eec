// One click on an example account fills the form; the first wrong field gets the focus.
(() => {
  const one = (selector) => document.querySelector(selector);
  document.addEventListener("click", (event) => {
    const fill = event.target.closest("[data-fill]");
    if (!fill) return;
    one("#username").value = fill.dataset.fill;
    one("#password").value = fill.closest("[data-examples]").dataset.examples;
    one("form button[type=submit]").focus();
  });
  const examples = one("#examples");
  if (examples && innerWidth > 640) examples.open = true;
  const wrong = one("[aria-invalid=true]") || one("[role=alert]");
  if (wrong) wrong.focus();
})();
