"""What the harness runs inside of pages: it clicks as a candidate does and looks at what is shown. It knows a
page by what is drawn there, and nothing of its modules, storage or requests."""

TELL = "tellHarness"
"""The name under which pages can call the harness."""

DAY_MS = 24 * 3600 * 1000

WATCH = """
(() => {
  const Real = Date;
  globalThis.harnessShift ??= 0;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + globalThis.harnessShift); }
    static now() { return Real.now() + globalThis.harnessShift; }
  };
  if (!location.pathname.startsWith("/attempts/")) return;
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  const name = `${Math.random()}`;
  globalThis.harness = { name, now, clicks: 0 };
  const tell = (fact) => globalThis.tellHarness?.({ document: name, at: now(), ...fact });
  tell({ kind: "opened" });
  document.addEventListener("DOMContentLoaded", () => {
    const state = document.getElementById("save-state");
    if (!state) return;
    new MutationObserver(() => {
      if (state.textContent.startsWith("Saved ")) tell({ kind: "saved", clicks: globalThis.harness.clicks });
    }).observe(state, { childList: true });
  });
})();
"""
"""Runs first in every document. The device's clock may be shifted; the harness's own times stay those of the
machine."""

SHIFT = "globalThis.harnessShift = %d;"
"""Shifts the device's clock, in a page and in every one that is opened later."""

CLICK = """
({ used, roll, flag, then }) => {
  const page = globalThis.harness;
  if (document.documentElement.dataset.ready !== "true" || !page) return null;
  if (document.querySelector("dialog[open]")) return null;
  const cells = [...document.querySelectorAll("#navigator button.cell")];
  const checked = () => [...document.querySelectorAll("#options input:checked")];
  const values = () => checked().map((one) => Number(one.value));
  const done = (item, kind, value) => {
    page.clicks += 1;
    const shown = document.getElementById("save-state").textContent;
    if (then === "reload") setTimeout(() => location.reload(), 0);
    return { at: page.now(), item, kind, value, shown };
  };
  const start = Math.floor(roll * cells.length);
  for (let step = 0; step < cells.length; step += 1) {
    const item = ((start + step) % cells.length) + 1;
    cells[item - 1].click();
    if (flag) {
      const button = document.getElementById("flag");
      if (used[`${item}:flag`] || button.getAttribute("aria-pressed") === "true") continue;
      button.click();
      return done(item, "flag", true);
    }
    const inputs = [...document.querySelectorAll("#options input")];
    const word = document.getElementById("instruction").textContent.split(" ")[1];
    const limit = { ONE: 1, TWO: 2, THREE: 3 }[word];
    const shift = Math.floor(roll * 1000) % inputs.length;
    for (let other = 0; other < inputs.length; other += 1) {
      const input = inputs[(other + shift) % inputs.length];
      const now = values();
      const own = Number(input.value);
      if (input.type === "radio" && input.checked) continue;
      if (input.type === "checkbox" && !input.checked && now.length >= limit) continue;
      const next = input.type === "radio" ? [own]
        : (input.checked ? now.filter((one) => one !== own) : [...now, own]).sort((a, b) => a - b);
      if ((used[`${item}:answer`] ?? []).includes(JSON.stringify(next))) continue;
      input.click();
      return done(item, "answer", values());
    }
  }
  return null;
}
"""
"""Make one change that was not made before in this exam: {at, item, kind, value, shown}, or null where the
page takes none. A page that is to be reloaded is so in the same turn: no reply can come first."""

LOOK = """
() => {
  const clock = document.getElementById("clock");
  if (document.documentElement.dataset.ready !== "true" || !clock || !globalThis.harness) return null;
  const [hours, minutes, seconds] = clock.textContent.split(":").map(Number);
  return { at: globalThis.harness.now(), left: 3600 * hours + 60 * minutes + seconds };
}
"""
"""The time left as it is shown, or null where the page is none of an exam."""

COME_BACK = "window.dispatchEvent(new Event('focus'))"
HAS_WORKER = "() => Boolean(navigator.serviceWorker?.controller)"
NAME = "() => globalThis.harness?.name ?? null"
READY_NAME = """
() => document.documentElement.dataset.ready === "true" ? (globalThis.harness?.name ?? null) : null
"""
"""The name of this document, of which an exam page has one; null, until its script has taken over."""
