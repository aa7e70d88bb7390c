// Review page: N and P move between questions, and the navigator shows where one is.
// The page is whole without this: every question has an anchor, and links to its neighbours. A filter may put other
// questions in their place at any time, so nothing of the page is remembered here.

// A question counts as the current one from the moment its top comes this near to the top of the window.
const NEAR_TOP = 120;

const articles = () => [...document.querySelectorAll("article.item")];

function currentIndex() {
  return articles().findLastIndex((article) => article.getBoundingClientRect().top <= NEAR_TOP);
}

function go(index) {
  const article = articles()[index];
  if (!article) return;
  history.replaceState(history.state, "", `#${article.id}`);
  article.scrollIntoView();
  article.focus({ preventScroll: true });
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector(".review-page").dataset.characterKeys !== "on") return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === "n") go(currentIndex() + 1);
  if (key === "p") go(currentIndex() - 1);
});

function showCurrent() {
  const article = articles()[Math.max(currentIndex(), 0)];
  for (const link of document.querySelectorAll(".navigator a")) {
    if (link.hash.slice(1) === article?.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

let waiting = false;
document.addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    showCurrent();
  });
}, { passive: true });
document.addEventListener("htmx:afterSwap", showCurrent);
showCurrent();
