// Review page: N and P move between questions, and the navigator shows where one is.
// The page is whole without this: every question has an anchor, and links to its neighbours.

const page = document.querySelector(".review-page");
const articles = [...document.querySelectorAll("article.item")];
const links = new Map(
  [...document.querySelectorAll(".navigator a")].map((link) => [link.hash.slice(1), link]),
);
// A question counts as the current one from the moment its top comes this near to the top of the window.
const NEAR_TOP = 120;

function currentIndex() {
  return articles.findLastIndex((article) => article.getBoundingClientRect().top <= NEAR_TOP);
}

function go(index) {
  const article = articles[index];
  if (!article) return;
  history.replaceState(null, "", `#${article.id}`);
  article.scrollIntoView();
  article.focus({ preventScroll: true });
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

if (page.dataset.characterKeys === "on") {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "n") go(currentIndex() + 1);
    if (key === "p") go(currentIndex() - 1);
  });
}

function showCurrent() {
  const article = articles[Math.max(currentIndex(), 0)];
  for (const [id, link] of links) {
    if (id === article?.id) link.setAttribute("aria-current", "true");
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
showCurrent();
