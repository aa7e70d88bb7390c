// The list of questions: ticking a whole page at once, and how many are ticked. Without this, each is ticked by hand.
// The list is put in place anew by every search, so everything is looked up when it is needed.

const boxes = () => [...document.querySelectorAll('#selection input[name="question"]')];

function show() {
  const page = document.getElementById("pick-page");
  if (!page) return;
  const all = document.getElementById("pick-all").checked;
  const ticked = boxes().filter((box) => box.checked).length;
  for (const element of [page, document.getElementById("pick-page-label")]) element.hidden = false;
  page.checked = ticked > 0 && ticked === boxes().length;
  page.indeterminate = ticked > 0 && ticked < boxes().length;
  page.disabled = all;
  for (const box of boxes()) box.disabled = all;
  document.getElementById("picked").textContent = all || ticked === 0 ? "" : `${ticked} selected`;
}

document.addEventListener("change", (event) => {
  if (!event.target.closest("#selection")) return;
  if (event.target.id === "pick-page") for (const box of boxes()) box.checked = event.target.checked;
  show();
});
// Who turns a page goes on reading at its beginning.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.requestConfig?.elt.closest(".pages")) document.getElementById("list")?.focus();
  show();
});
window.addEventListener("pageshow", show);
show();
