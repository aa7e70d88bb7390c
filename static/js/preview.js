// The preview of an upload: each change puts the whole of it in place anew. What was typed, ticked and opened elsewhere
// stays, the question that was worked on stays where it is on the screen, the focus stays with it, and a live
// region says what has changed. Without this, each change is a page of its own.

const region = document.getElementById("preview");
const announcement = document.getElementById("announcement");
let before = null;

const entryOf = (element) => element?.closest?.(".entry");

// Everything that its owner has changed since it was put in place, but for what is being sent now.
function unsent(form) {
  const found = [];
  for (const control of region.querySelectorAll("[id]:is(input, select, textarea)")) {
    if (control.form === form && !(form?.id === "tagging" && control.name === "entry")) continue;
    if (control.matches("[type=checkbox]")) {
      if (control.checked !== control.defaultChecked) found.push([control.id, "checked", control.checked]);
    } else if (control.matches("textarea")) {
      if (control.value !== control.defaultValue) found.push([control.id, "value", control.value]);
    } else if (control.matches("select")) {
      const given = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
      if (control.value !== given.value) found.push([control.id, "value", control.value]);
    }
  }
  return found;
}

region.addEventListener("htmx:beforeSwap", (event) => {
  const used = event.detail.requestConfig.elt;
  const entry = entryOf(used);
  const entries = [...region.querySelectorAll(".entry")];
  before = {
    focus: document.activeElement.id,
    entry: entry?.id,
    top: entry?.getBoundingClientRect().top,
    following: entries.slice(entries.indexOf(entry) + 1).map((other) => other.id),
    unsent: unsent(used.closest("form")),
    open: [...region.querySelectorAll("details[id]")].map((details) => [details.id, details.open]),
    // Waiting for the file to be read and choosing a tab show something new; there is nothing to return to.
    fresh: !used.closest("form"),
  };
});

function restore() {
  for (const [id, open] of before.open) {
    const details = document.getElementById(id);
    if (details && entryOf(details)?.id !== before.entry) details.open = open;
  }
  for (const [id, property, value] of before.unsent) {
    const control = document.getElementById(id);
    if (control && (before.entry === undefined || entryOf(control)?.id !== before.entry)) control[property] = value;
  }
}

function place() {
  const entry = before.entry && document.getElementById(before.entry);
  if (entry) scrollBy(0, entry.getBoundingClientRect().top - before.top);
  document.getElementById(before.focus)?.focus({ preventScroll: true });
  if (document.activeElement !== document.body) return;
  if (entry) entry.focus({ preventScroll: true });
  else {
    const next = before.entry && before.following.map((id) => document.getElementById(id)).find(Boolean);
    (next || document.getElementById("preview-heading"))?.focus();
  }
}

region.addEventListener("htmx:afterSettle", () => {
  const heading = document.getElementById("preview-heading");
  if (!before || !heading) return;
  if (!before.fresh) restore();
  place();
  announcement.textContent = "";
  const said = heading.dataset.said;
  setTimeout(() => { announcement.textContent = said; }, 100);
  before = null;
});
