// Times in the viewer's zone, copying, dialogs that are open from the start, and forms that are sent once.
"use strict";

function localTimes(root) {
  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[datetime]")) time.textContent = zone.format(new Date(time.dateTime));
}

// A page on paper says when it was printed.
addEventListener("beforeprint", () => {
  const now = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "long" }).format(new Date());
  for (const time of document.querySelectorAll("[data-printed]")) time.textContent = now;
});

// Unfold's script would look for a text field beside each of these.
for (const input of document.querySelectorAll(".muse input[type=file]")) input.hasChangeListener = true;

// What was refused comes back open; an address that ends in an act's name opens it.
function openDialogs() {
  const named =
    location.hash.length > 1 ? document.querySelector(`dialog#${CSS.escape(location.hash.slice(1))}`) : null;
  const dialog = document.querySelector("dialog[data-open]") ?? named;
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("[aria-invalid=true]")?.focus();
}

addEventListener("DOMContentLoaded", () => {
  document.body.prepend(...document.querySelectorAll(".skip")); // the menu comes first on the page, and is long
  localTimes(document);
  openDialogs();
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.addEventListener("htmx:afterSettle", (event) => localTimes(event.target));
});
addEventListener("hashchange", openDialogs);

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.fills) fill(button.commandForElement, button.dataset.fills);
  if (button?.dataset.copies !== undefined) copy(button);
  if (event.target.matches("dialog.muse") && isBeside(event) && pressedBeside) event.target.close();
  for (const menu of document.querySelectorAll("details.more[open]")) {
    if (!menu.contains(event.target) || button) menu.open = false;
  }
});

// A dialog's backdrop is the dialog to an event: what counts is where it was, and where the button went down.
let pressedBeside = false;
document.addEventListener(
  "mousedown",
  (event) => (pressedBeside = event.target.matches("dialog.muse") && isBeside(event)),
);

function isBeside({ target, clientX, clientY }) {
  const { left, right, top, bottom } = target.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.more[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What is wrong with a file that was to fill in a form: the answer is a page, which says so at the field of its own.
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (!detail.elt.matches("input[type=file]")) return;
  const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  say(detail.elt, page.querySelector("#infer [role=alert]")?.textContent.trim() || "The file could not be read.");
});
document.addEventListener(
  "htmx:beforeRequest",
  ({ detail }) => detail.elt.matches("input[type=file]") && say(detail.elt, ""),
);

function say(field, words) {
  field.parentElement.querySelector(".said")?.remove();
  if (!words) return;
  field.after(
    Object.assign(document.createElement("p"), { className: "wrong said", role: "alert", textContent: words }),
  );
}

document.addEventListener("focusin", ({ target }) => {
  for (const menu of document.querySelectorAll("details.more[open]")) if (!menu.contains(target)) menu.open = false;
});

// A row's button opens its act's dialog with what the row is about.
function fill(dialog, fields) {
  for (const [name, value] of new URLSearchParams(fields)) {
    const field = dialog.querySelector(`[name="${CSS.escape(name)}"]`);
    if (field) field.value = value;
  }
}

async function copy(button) {
  const text = button.parentElement.querySelector("pre");
  // Over plain HTTP there is no clipboard: the text is marked, to be copied by the keyboard.
  if (!navigator.clipboard) {
    getSelection().selectAllChildren(text);
    return;
  }
  await navigator.clipboard.writeText(text.textContent);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

// Loading a page again does not send its form again: what a form was answered with is a page like any other.
history.replaceState(history.state, "", location.href);

// A second click does not do it twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "post")
    for (const button of form.querySelectorAll("button")) setTimeout(() => (button.disabled = true));
});

// Coming back by the browser's button finds the form usable again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".muse button:disabled")) button.disabled = false;
});

document.addEventListener("click", ({ target }) => {
  if (target.matches?.("[data-adds-row]")) addRow(target);
  if (target.matches?.("[data-removes-row]")) removeRow(target.closest("tr"));
});

// Another row of fields like the last one, empty, numbered on.
function addRow(button) {
  const last = button.parentElement.querySelector("tbody tr:last-child");
  const row = last.cloneNode(true);
  const place = Number(last.querySelector("[name]").name.match(/-(\d+)-/)[1]);
  const onward = (text) => text.replaceAll(`-${place}-`, `-${place + 1}-`).replace(/ \d+$/, ` ${place + 2}`);
  for (const each of row.querySelectorAll("input, select, button, datalist")) {
    for (const { name, value } of [...each.attributes]) if (name !== "value") each.setAttribute(name, onward(value));
  }
  empty(row);
  last.after(row);
  window.htmx?.process(row);
  row.querySelector("input").focus();
}

// Lines that were copied from a sheet fill rows from here on, their columns apart by tabs.
document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const field = event.target.closest?.(".typed-rows tbody input");
  if (!field || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const heads = [...field.closest("table").querySelectorAll("th")].map((each) => each.textContent.trim().toLowerCase());
  const isHead = (line) => line.split("\t").every((value) => heads.includes(value.trim().toLowerCase()));
  const lines = text.trimEnd().split(/\r?\n/);
  pasteRows(field, isHead(lines[0]) ? lines.slice(1) : lines);
});

function pasteRows(field, lines) {
  const fields = (row) => [...row.querySelectorAll("input, select")];
  let row = field.closest("tr");
  const column = fields(row).indexOf(field);
  const add = field.closest(".typed-rows").querySelector("[data-adds-row]");
  for (const [place, line] of lines.entries()) {
    if (place && !row.nextElementSibling) addRow(add);
    if (place) row = row.nextElementSibling;
    line.split("\t").forEach((value, aside) => type(fields(row)[column + aside], value.trim()));
  }
}

function type(field, value) {
  if (field?.type === "checkbox") field.checked = /^(yes|true|1|x)$/i.test(value);
  else if (field?.matches("select")) choose(field, value.toLowerCase());
  else if (field) field.value = value;
}

// What is no choice leaves the one that was made, and marks it: it is to be looked at.
function choose(field, value) {
  const known = [...field.options].some((option) => option.value === value);
  if (known) field.value = value;
  else if (value) field.setAttribute("aria-invalid", "true");
}

// The last one stays, empty: others are made like it.
function removeRow(row) {
  const near = row.nextElementSibling ?? row.previousElementSibling;
  if (near) row.remove();
  else empty(row);
  (near ?? row).querySelector("input").focus();
}

function empty(row) {
  for (const each of row.querySelectorAll("input, select")) {
    if (each.matches("[type=checkbox]")) each.checked = false;
    else if (each.matches("select")) each.selectedIndex = 0;
    else each.value = "";
    each.removeAttribute("aria-invalid");
  }
}
