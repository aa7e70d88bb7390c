// Review page: keys move between questions and press their buttons, and the navigator shows where one is.
// The page is whole without this: every question has an anchor, links to its neighbours, and buttons that post. A filter
// may put other questions in their place at any time, so nothing of the page is remembered here.

// A question counts as the current one from the moment its top comes this near to the top of the window.
const NEAR_TOP = 120;
const EARNED_NOTHING = new Set(["wrong", "incomplete", "unanswered", "unseen"]);

const $ = (id) => document.getElementById(id);
const articles = () => [...document.querySelectorAll("article.item")];

// The question with the focus, as long as it is in the window: a short one at the end of the page never comes to the
// top. Or else the one that is read.
function currentIndex() {
  const all = articles();
  const focused = document.activeElement.closest("article.item");
  const box = focused?.getBoundingClientRect();
  if (box && box.bottom > 0 && box.top < window.innerHeight) return all.indexOf(focused);
  return all.findLastIndex((article) => article.getBoundingClientRect().top <= NEAR_TOP);
}

function go(article) {
  if (!article) return;
  history.replaceState(history.state, "", `#${article.id}`);
  article.scrollIntoView();
  article.focus({ preventScroll: true });
  showCurrent();
}

function press(name) {
  const article = articles()[Math.max(currentIndex(), 0)];
  if (article) $(`${article.id}-${name}`)?.click();
}

const KEYS = {
  n: () => go(articles()[currentIndex() + 1]),
  p: () => go(articles()[currentIndex() - 1]),
  e: () => go(articles().slice(currentIndex() + 1).find((article) => EARNED_NOTHING.has(article.dataset.outcome))),
  b: () => press("bookmark"),
  w: () => press("note"),
  r: () => press("report"),
  "/": () => $("find").focus(),
  "?": () => $("keys-dialog").showModal(),
};

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector(".review-page").dataset.characterKeys !== "on") return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
  const act = KEYS[event.key.toLowerCase()];
  if (!act || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  act();
});

function showCurrent() {
  const article = articles()[Math.max(currentIndex(), 0)];
  for (const link of document.querySelectorAll(".navigator a")) {
    if (link.hash.slice(1) !== article?.id) link.removeAttribute("aria-current");
    else if (!link.hasAttribute("aria-current")) {
      link.setAttribute("aria-current", "true");
      // On a small screen it is the list that scrolls.
      for (const strip of [link.closest("ol"), link.closest(".navigator")]) bringInto(strip, link);
    }
  }
}

// Within what scrolls by itself; the page stays where it is.
function bringInto(strip, part) {
  const [outer, inner] = [strip.getBoundingClientRect(), part.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) strip.scrollTop += inner.top - outer.top - outer.height / 2;
  if (inner.left < outer.left || inner.right > outer.right) strip.scrollLeft += inner.left - outer.left;
}

// What is not laid out yet has a guessed height: enough to show the first question soon. All is laid out as soon as
// somebody does something, so that a reload and the way back lead to where they were; what is read stays in its place.
function layOutAll() {
  const article = articles()[Math.max(currentIndex(), 0)];
  const top = article?.getBoundingClientRect().top;
  document.documentElement.classList.add("is-laid-out");
  if (article) window.scrollBy({ top: article.getBoundingClientRect().top - top, behavior: "instant" });
}

const begun = new AbortController();
for (const kind of ["wheel", "keydown", "pointerdown", "touchstart"]) {
  document.addEventListener(kind, () => {
    begun.abort();
    (globalThis.requestIdleCallback ?? setTimeout)(layOutAll, { timeout: 300 });
  }, { passive: true, signal: begun.signal });
}
if (["reload", "back_forward"].includes(performance.getEntriesByType("navigation")[0]?.type)) layOutAll();

let waiting = false;
document.addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    showCurrent();
  });
}, { passive: true });

// What was pressed may be gone with the part that was put anew: go on at the search, which is always there.
function shown() {
  const opens = $("keys-open");
  if (opens) opens.hidden = false;
  for (const chip of document.querySelectorAll(".filters [aria-current]")) bringInto(chip.closest("ul"), chip);
  showCurrent();
}
document.addEventListener("focusin", showCurrent);
document.addEventListener("htmx:afterSettle", (event) => {
  shown();
// By then the browser has scrolled to where one was.
window.addEventListener("pageshow", () => requestAnimationFrame(showCurrent));
  if (event.detail.target?.id === "review-page" && document.activeElement === document.body) $("find").focus();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#keys-open")) $("keys-dialog").showModal();
  if (event.target.closest("#keys-close")) $("keys-dialog").close();
});

function say(trouble) {
  $("trouble").hidden = trouble === "";
  $("trouble").textContent = trouble;
}
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => say("That did not work: nothing was changed. Check your connection and try again."));
}
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.successful !== false) say("");
});
shown();
// By then the browser has scrolled to where one was.
window.addEventListener("pageshow", () => requestAnimationFrame(showCurrent));
