// The exam page: takes over the server's form for one question and shows all of them from what came with the page.
// Nothing here waits for the network; every change goes through Sync, which keeps it until the server has it. A study
// session adds to it in study.js.

import { dropCopies, isCopy, keepCopy, pageAsItCame } from "./kept.js";
import { csrfToken, Sync } from "./sync.js";

const html = pageAsItCame();
const $ = (id) => document.getElementById(id);
const state = JSON.parse($("exam-state").textContent);
const sync = new Sync(state, isCopy);
const count = state.shape.length;
const fragments = [...document.querySelectorAll("#items template")];
const figures = () => fragments.flatMap(({ content }) => [...content.querySelectorAll("img")]).map((image) => image.getAttribute("src"));
const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
const cells = [...document.querySelectorAll("#navigator button.cell")];
const rowPrototype = document.querySelector("#options .option").cloneNode(true);
const words = { 1: "ONE option", 2: "TWO options", 3: "THREE options", 4: "FOUR options", 5: "FIVE options" };
const THRESHOLDS = [60, 30, 15, 5, 1];
const IDLE_MS = 5 * 60 * 1000;
// Filled by a study session: what became of a checked question ({name, text} or null), what else there is to draw of
// the question in front, and which key does what.
const extras = { verdict: () => null, draw: () => {}, keys: {} };
let current = state.current;
let shownAt = sync.elapsed();
let inputAt = shownAt;
let reviewing = false;

// What stands -------------------------------------------------------------------------------------------------------

const chosen = (number) => sync.value(number, "answer") ?? [];
const struck = (number) => sync.value(number, "strike") ?? [];
const flagged = (number) => sync.value(number, "flag") ?? false;

function choiceOf(number) {
  const choose = state.shape[number - 1][1];
  const picked = chosen(number).length;
  if (picked === choose) return { name: "answered", text: "answered" };
  if (picked) return { name: "incomplete", text: `${picked} of ${choose} chosen` };
  return sync.visited.has(number) ? { name: "unanswered", text: "unanswered" } : { name: "unseen", text: "unseen" };
}

function stateOf(number) {
  const { name, text } = choiceOf(number);
  const verdict = extras.verdict(number);
  return { name, text: verdict?.text ?? text, classes: `is-${name}${verdict ? ` is-${verdict.name}` : ""}` };
}

function tally() {
  const totals = { answered: 0, incomplete: 0, unanswered: 0, flagged: 0, begun: 0 };
  for (let number = 1; number <= count; number += 1) {
    const { name } = stateOf(number);
    totals[name === "unseen" ? "unanswered" : name] += 1;
    totals.flagged += flagged(number);
    totals.begun += chosen(number).length > 0;
  }
  return totals;
}

const plural = (number, one, many) => `${number} ${number === 1 ? one : many}`;

function summary(totals) {
  const open = totals.unanswered + totals.incomplete;
  const flags = totals.flagged ? ` ${plural(totals.flagged, "question is", "questions are")} flagged.` : "";
  if (!open) return `Every question is answered.${flags}`;
  const parts = ["unanswered", "incomplete"].filter((name) => totals[name]).map((name) => `${totals[name]} ${name}`);
  return `${open} of ${count} questions would count as wrong: ${parts.join(", ")}.${flags}`;
}

// Showing -----------------------------------------------------------------------------------------------------------

// The page comes as it is to stand: what is the same is not written, so that nothing is laid out anew.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function mark(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

function say(text, region = "announce") {
  $(region).textContent = "";
  requestAnimationFrame(() => {
    $(region).textContent = text;
  });
}

function drawOptions(number) {
  const [options, choose] = state.shape[number - 1];
  const parts = fragments[number - 1].content.children;
  const rows = [];
  for (let position = 0; position < options; position += 1) {
    const row = rowPrototype.cloneNode(true);
    const input = row.querySelector("input");
    input.type = choose === 1 ? "radio" : "checkbox";
    input.value = position;
    row.querySelector(".mark").textContent = position + 1;
    row.querySelector(".visually-hidden").firstChild.data = `${position + 1} of ${options}`;
    row.querySelector(".text").replaceChildren(...parts[position + 1].cloneNode(true).childNodes);
    const strike = row.querySelector(".strike");
    strike.value = `strike-${position}`;
    strike.setAttribute("aria-label", `Strike out option ${position + 1}`);
    rows.push(row);
  }
  document.querySelector("#options ol").replaceChildren(...rows);
  $("instruction").textContent = `Select ${words[choose] ?? `${choose} options`}.`;
}

// Choice, strikes and flag of the question in front, without touching what has the focus.
function drawChoice() {
  const picks = chosen(current);
  const strikes = struck(current);
  for (const [position, row] of [...document.querySelectorAll("#options .option")].entries()) {
    const isStruck = strikes.includes(position);
    row.querySelector("input").checked = picks.includes(position);
    row.classList.toggle("is-struck", isStruck);
    write(row.querySelector(".struck-text"), isStruck ? ", struck out" : "");
    mark(row.querySelector(".strike"), "aria-pressed", isStruck);
  }
  mark($("flag"), "aria-pressed", flagged(current));
  $("flag-state").hidden = !flagged(current);
  extras.draw(current);
}

function drawCell(number) {
  const { classes, text } = stateOf(number);
  const cell = cells[number - 1];
  mark(cell, "class", `cell ${classes}${flagged(number) ? " is-flagged" : ""}`);
  write(cell.querySelector(".state"), `, ${text}${flagged(number) ? ", flagged" : ""}`);
}

function drawProgress() {
  write($("progress"), `${tally().answered} of ${count} answered`);
}

// Time in front of a question in which nobody touched anything is no visit: it ends some minutes after the last input.
function spent() {
  return Math.min(sync.elapsed(), inputAt + IDLE_MS) - shownAt;
}

function leave() {
  if (document.visibilityState === "visible" && !reviewing) sync.visit(current, spent());
  shownAt = sync.elapsed();
}

function onInput() {
  if (sync.elapsed() - inputAt > IDLE_MS) leave();
  inputAt = sync.elapsed();
}

function see(number) {
  shownAt = sync.elapsed();
  if (sync.visited.has(number)) return;
  sync.visit(number, 0);
  drawCell(number);
}

function putInFront(number) {
  cells[current - 1].removeAttribute("aria-current");
  current = number;
  $("number").textContent = number;
  $("stem").replaceChildren(...fragments[number - 1].content.firstElementChild.cloneNode(true).childNodes);
  drawOptions(number);
  drawChoice();
  $("notice").textContent = "";
  $("previous").disabled = number === 1;
  cells[number - 1].setAttribute("aria-current", "step");
  cells[number - 1].scrollIntoView({ block: "nearest" });
  document.title = document.title.replace(/\d+/, number);
}

// A copy was made of the page of another question than the one that is asked for.
function putAskedInFront() {
  const asked = Number(new URLSearchParams(window.location.search).get("q")) || 1;
  putInFront(Math.min(Math.max(1, Math.floor(asked)), count));
}

function show(number) {
  if (reviewing) closeReview();
  if (number < 1 || number > count || number === current) return;
  leave();
  const focusWasInside = document.activeElement?.closest("#options, .study-row, #explained");
  putInFront(number);
  see(number);
  history.replaceState(null, "", `?q=${number}`);
  window.scrollTo(0, 0);
  if (focusWasInside || document.activeElement === document.body || document.activeElement.disabled) {
    $("question-title").focus({ preventScroll: true });
  } else {
    say(`Question ${number} of ${count}, ${stateOf(number).text}`);
  }
}

// Changing ----------------------------------------------------------------------------------------------------------

function changed(number) {
  drawCell(number);
  drawProgress();
  if (number === current) drawChoice();
}

function choose(input) {
  const picks = [...document.querySelectorAll("#options input:checked")].map((option) => Number(option.value));
  const [, allowed] = state.shape[current - 1];
  if (picks.length > allowed) {
    input.checked = false;
    $("notice").textContent = `${allowed} are chosen already. Clear one of them to choose another.`;
    return;
  }
  $("notice").textContent = picks.length && picks.length < allowed ? `${picks.length} of ${allowed} chosen` : "";
  sync.set(current, "answer", picks);
  const strikes = struck(current).filter((position) => !picks.includes(position));
  if (strikes.length !== struck(current).length) sync.set(current, "strike", strikes);
  changed(current);
}

function toggleStrike(position) {
  const strikes = struck(current);
  const next = strikes.includes(position) ? strikes.filter((one) => one !== position) : [...strikes, position];
  sync.set(current, "strike", next.sort());
  changed(current);
}

const actions = {
  previous: () => show(current - 1),
  next: () => (current === count ? openReview() : show(current + 1)),
  review: () => openReview(),
  flag() {
    sync.set(current, "flag", !flagged(current));
    changed(current);
  },
  clear() {
    if (!chosen(current).length) return;
    sync.set(current, "answer", []);
    $("notice").textContent = "Answer cleared";
    changed(current);
  },
};

function act(action) {
  if (action.startsWith("strike-")) toggleStrike(Number(action.slice(7)));
  else if (/^\d+$/.test(action)) show(Number(action));
  else actions[action]?.();
}

// Review before the end ---------------------------------------------------------------------------------------------

function drawReview() {
  const filter = document.querySelector("[data-show][aria-pressed=true]").dataset.show;
  const rows = [];
  for (let number = 1; number <= count; number += 1) {
    const { name, text } = stateOf(number);
    const matches = { all: true, unanswered: name === "unanswered" || name === "unseen", incomplete: name === "incomplete", flagged: flagged(number) };
    if (!matches[filter]) continue;
    const row = document.createElement("li");
    const link = document.createElement("button");
    link.type = "button";
    link.value = number;
    link.className = "review-row";
    const cell = cells[number - 1].cloneNode(true).firstElementChild;
    const mark = document.createElement("span");
    mark.className = cells[number - 1].className;
    mark.setAttribute("aria-hidden", "true");
    mark.append(cell);
    const label = document.createElement("span");
    label.className = "visually-hidden";
    label.textContent = `Question ${number}: `;
    link.append(mark, label, `${text}${flagged(number) ? ", flagged" : ""}`);
    row.append(link);
    rows.push(row);
  }
  $("review-list").replaceChildren(...rows);
  $("review-empty").hidden = rows.length > 0;
  $("review-summary").textContent = summary(tally());
}

function openReview() {
  leave();
  reviewing = true;
  $("navigator").hidden = true;
  drawReview();
  $("question").hidden = true;
  $("review-screen").hidden = false;
  document.title = document.title.replace(/^Question \d+/, $("review-title").textContent);
  window.scrollTo(0, 0);
  $("review-title").focus({ preventScroll: true });
}

function closeReview() {
  reviewing = false;
  $("navigator").hidden = false;
  shownAt = sync.elapsed();
  $("review-screen").hidden = true;
  $("question").hidden = false;
  document.title = document.title.replace($("review-title").textContent, `Question ${current}`);
  $("question-title").focus({ preventScroll: true });
}

// The end -----------------------------------------------------------------------------------------------------------

// The attempt to end that still goes on.
let ending = null;

function drawEnd() {
  const totals = tally();
  $("end-summary").textContent = `${summary(totals)} Once it is ended, nothing can be changed any more.`;
  $("discard-form").hidden = totals.begun >= state.discardBelow;
}

// Another device may have handed in what it did long ago: what is told of it then is drawn as well.
function askEnd() {
  drawEnd();
  $("end-problem").hidden = true;
  $("end-dialog").showModal();
  sync.refresh(-1);
}

// End, and go on trying until it is done or the candidate keeps working (or, at zero, has been given more time).
async function end(problem, atZero) {
  const mine = {};
  ending = mine;
  leave();
  const isWanted = () => ending === mine;
  for (let isAgain = false; isWanted() && !sync.closed; isAgain = true) {
    if (await sync.end(atZero, isAgain, isWanted)) return;
    if (isWanted()) problem();
    await new Promise((resolve) => {
      setTimeout(resolve, 3000);
    });
  }
}

const HINDRANCES = {
  offline: "the server cannot be reached",
  login: "you are logged out; log in again in another tab",
  token: "this page is out of date; reload it",
  gone: "it is not open under your log-in; log in again in another tab",
  busy: "the server asks to wait a moment",
};

// Without the server nothing is discarded, and the copy of the page stays.
async function discard(event) {
  event.preventDefault();
  leave();
  await sync.refresh(-1);
  if ((await sync.handIn()) && sync.trouble === null) {
    await leaveBy(event.target);
  } else {
    $("end-problem").textContent = `The ${state.noun} is not ended: ${hindrance()}. Your answers are kept here.`;
    $("end-problem").hidden = false;
  }
}

const hindrance = () => HINDRANCES[sync.trouble ?? "offline"];

function confirmEnd() {
  $("end-confirm").disabled = true;
  end(() => {
    $("end-problem").textContent = `The ${state.noun} is not ended: ${hindrance()}. Your answers are kept here, and it is tried again.`;
    $("end-problem").hidden = false;
  }, false);
}

function keepWorking() {
  ending = null;
  $("end-confirm").disabled = false;
}

const isEndUnderWay = () => $("end-cancel").disabled;

// At zero, what closes this dialog calls nothing off; an End under way cannot be called off at all.
function onEndClosed() {
  if (isOver) return;
  if (isEndUnderWay()) $("end-dialog").showModal();
  else keepWorking();
}

function timeOver() {
  $("over-text").textContent = "Your answers are being handed in.";
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  $("over-dialog").showModal();
  end(() => {
    $("over-text").textContent = `Your answers are not handed in yet: ${hindrance()}. They are kept here, and it is tried again: leave this page open.`;
  }, true);
}

// The clock ---------------------------------------------------------------------------------------------------------

let lastMinutes = null;
let isOver = false;

function clockText(ms) {
  const seconds = Math.ceil(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function spoken(ms) {
  const minutes = Math.ceil(ms / 60000);
  const hours = Math.floor(minutes / 60);
  const parts = [hours && plural(hours, "hour", "hours"), minutes % 60 && plural(minutes % 60, "minute", "minutes")];
  return `${parts.filter(Boolean).join(" ") || "No time"} left`;
}

// Until the server says what is left.
const doubt = () => (sync.doubtful && sync.trouble && sync.remaining() !== null ? "; the time is uncertain" : "");

// For those who hear and for those who see: the clock may be hidden.
function sayTime() {
  const text = sync.remaining() === null ? `This ${state.noun} is untimed` : `${spoken(sync.remaining())}${doubt()}`;
  say(text, "announce-time");
  if ($("clock").dataset.hidden === "true") toast(text, false);
}

function drawClock() {
  const left = sync.remaining();
  if (left === null) return;
  if ($("clock").dataset.hidden !== "true") write($("clock"), clockText(left));
  const minutes = left / 60000;
  const crossed = THRESHOLDS.filter((mark) => lastMinutes !== null && lastMinutes > mark && minutes <= mark && minutes > mark - 1);
  if (crossed.length) say(spoken(left), "announce-time");
  lastMinutes = minutes;
  $("clock").classList.toggle("is-short", minutes <= 5);
  if (sync.isOver() && !isOver && !sync.closed) {
    isOver = true;
    timeOver();
  } else if (left > 0 && isOver) {
    isOver = false;
    keepWorking();
    $("over-dialog").close();
  }
}

// Saving, in words --------------------------------------------------------------------------------------------------

function drawStatus({ kind, count: waiting, kept: isKept, at }) {
  const where = isKept ? "kept here" : "kept in this page alone (leave it open)";
  const changes = waiting ? `${plural(waiting, "change", "changes")} ${where}, will be sent` : `changes will be ${where}`;
  const kept = `${changes}${doubt()}`;
  const texts = {
    saved: `Saved ${at.toLocaleTimeString("en-GB")}`,
    pending: waiting ? "Saving …" : $("save-state").textContent,
    offline: `Offline: ${kept}`,
    login: `Logged out: ${kept}. `,
    token: `This page is out of date: ${kept}. `,
    gone: `This ${state.noun} is not open under your log-in: ${kept}. `,
    busy: `The server asks to wait a moment: ${kept}`,
  };
  const was = $("save-state").dataset.kind;
  $("save-state").textContent = texts[kind];
  if (kind === "login" || kind === "gone") addLink(state.urls.login, "Log in in a new tab", "_blank");
  if (kind === "token") addLink(window.location.href, "Reload it", "_self");
  if (kind === "pending") return;
  $("save-state").dataset.kind = kind;
  if (kind !== was && (kind !== "saved" || was !== "pending")) say($("save-state").textContent);
}

function addLink(href, text, target) {
  const link = document.createElement("a");
  Object.assign(link, { href, target, textContent: text });
  $("save-state").append(link);
}

function toast(text, aloud = true) {
  $("toast").setAttribute("role", aloud ? "status" : "presentation");
  $("toast").hidden = false;
  $("toast").textContent = text;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => {
    $("toast").hidden = true;
  }, 8000);
}

// Set while the candidate has typed what is not kept yet: only then may the text overwrite what stands.
let notesTimer = null;

function drawNotes() {
  const text = sync.value(0, "scratchpad") ?? "";
  if (notesTimer === null && $("scratchpad").value !== text) $("scratchpad").value = text;
}

function keepNotes() {
  if (notesTimer === null) return;
  clearTimeout(notesTimer);
  notesTimer = null;
  const text = $("scratchpad").value.toWellFormed?.() ?? $("scratchpad").value;
  if (text !== (sync.value(0, "scratchpad") ?? "")) sync.set(0, "scratchpad", text);
}

function onChange({ items, foreign }) {
  for (const item of items.filter((number) => number >= 1 && number <= count)) changed(item);
  if (items.includes(0)) drawNotes();
  if (reviewing) drawReview();
  if ($("end-dialog").open) drawEnd();
  if (!foreign) return;
  const questions = items.filter(Boolean);
  if (questions.length === 1) toast(`Question ${questions[0]} was changed in another window: you see the newest answer.`);
  else if (questions.length) toast(`${questions.length} questions were changed in another window: you see the newest answers.`);
}

// Keys --------------------------------------------------------------------------------------------------------------

function isTyping(target) {
  return target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])") || target.isContentEditable;
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]") || isTyping(event.target)) return;
  if (reviewing && event.key === "Escape") {
    closeReview();
    return;
  }
  const isArrow = event.key === "ArrowLeft" || event.key === "ArrowRight";
  if (isArrow && !event.shiftKey && !reviewing && !event.target.closest("#options, #sure, #navigator, .prose")) {
    act(event.key === "ArrowLeft" ? "previous" : "next");
    return;
  }
  if (!state.characterKeys || (event.shiftKey && event.key !== "?")) return;
  const key = event.key.toLowerCase();
  if (key === "?") $("keys-dialog").showModal();
  else if (key === "t") sayTime();
  else if (key === "r") (reviewing ? closeReview : openReview)();
  else if (reviewing) return;
  else if (/^[1-6]$/.test(key)) document.querySelectorAll("#options input")[Number(key) - 1]?.click();
  else if (key === "n") act("next");
  else if (key === "p") act("previous");
  else if (key === "f") act("flag");
  else act(extras.keys[key] ?? "");
}

// A copy for a reload without network, for as long as the exam is open and its candidate logged in --------------------

let hasCopy = isCopy;
let isLeaving = false;
// Whether all is loaded that is seen at once.
let isLoaded = false;

function keepPage() {
  if (hasCopy || isLeaving || sync.closed || sync.stopped || !isLoaded) return;
  hasCopy = true;
  sync.remember();
  const loaded = [...document.querySelectorAll("link[href], script[src]")].map(({ href, src }) => href ?? src);
  keepCopy(html, [...loaded, ...figures()], state);
}

function dropPage() {
  hasCopy = false;
  return dropCopies((owner, attempt) => attempt === state.attempt);
}

// Leave for good by a form of this page.
async function leaveBy(form) {
  isLeaving = true;
  await dropPage();
  form.elements.csrfmiddlewaretoken.value = csrfToken() || form.elements.csrfmiddlewaretoken.value;
  form.submit();
}

// What this browser remembers for the candidate's comfort -----------------------------------------------------------

function remembered(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`exam:${name}`, value);
    return localStorage.getItem(`exam:${name}`);
  } catch {
    return value ?? null;
  }
}

function setTextSize(size) {
  const root = document.documentElement;
  if ((root.dataset.textSize ?? "1") !== size) root.dataset.textSize = size;
  for (const button of document.querySelectorAll("[data-size]")) mark(button, "aria-pressed", button.dataset.size === size);
}

function setClockHidden(hidden) {
  $("clock").dataset.hidden = hidden;
  if (hidden) $("clock").textContent = "";
  write($("clock-toggle"), hidden ? "Show time" : "Hide time");
  drawClock();
}

// Start -------------------------------------------------------------------------------------------------------------

for (const element of document.querySelectorAll("[data-without-script]")) element.hidden = true;
$("save-state").textContent = "Answers are saved as you give them";
$("save-state").dataset.kind = "saved";
for (const element of document.querySelectorAll("[data-with-script]")) element.hidden = false;
$("clock-toggle").hidden = sync.remaining() === null;

for (const form of [$("item-form"), $("notes-form")]) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.submitter?.value ?? "");
  });
}
$("options").addEventListener("change", (event) => choose(event.target));
$("scratchpad").addEventListener("input", () => {
  clearTimeout(notesTimer);
  notesTimer = setTimeout(keepNotes, 800);
});
$("scratchpad").addEventListener("change", keepNotes);

$("review-list").addEventListener("click", (event) => {
  const row = event.target.closest("button");
  if (!row) return;
  closeReview();
  show(Number(row.value));
});
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", other === button);
    drawReview();
  });
}
$("review-back").addEventListener("click", closeReview);
$("review-end").addEventListener("click", askEnd);
$("end-confirm").addEventListener("click", confirmEnd);
$("end-cancel").addEventListener("click", () => $("end-dialog").close());
$("end-dialog").addEventListener("cancel", (event) => isEndUnderWay() && event.preventDefault());
$("end-dialog").addEventListener("close", onEndClosed);
$("discard-form").addEventListener("submit", discard);
$("over-dialog").addEventListener("cancel", (event) => event.preventDefault());
$("keys-open").addEventListener("click", () => $("keys-dialog").showModal());
$("keys-close").addEventListener("click", () => $("keys-dialog").close());
document.addEventListener("keydown", onKey);

for (const button of document.querySelectorAll("[data-size]")) {
  button.addEventListener("click", () => setTextSize(remembered("text-size", button.dataset.size)));
}
setTextSize(remembered("text-size") ?? "1");
$("clock-toggle").addEventListener("click", () => {
  setClockHidden(remembered("clock-hidden", $("clock").dataset.hidden !== "true") === "true");
});
setClockHidden(remembered("clock-hidden") === "true");

document.addEventListener("visibilitychange", () => {
  // A phone may end a hidden page without another word.
  if (document.visibilityState === "hidden") keepNotes();
  if (document.visibilityState === "hidden" && !reviewing) sync.visit(current, spent());
  shownAt = sync.elapsed();
  inputAt = shownAt;
});
for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart"]) {
  document.addEventListener(kind, onInput, { capture: true, passive: true });
}
window.addEventListener("pagehide", () => {
  keepNotes();
  sync.send();
});

sync.addEventListener("change", ({ detail }) => onChange(detail));
sync.addEventListener("status", ({ detail }) => drawStatus(detail));
sync.addEventListener("refused", ({ detail }) => toast(detail.message));
sync.addEventListener("clock", drawClock);
sync.addEventListener("ending", ({ detail }) => {
  $("end-cancel").disabled = detail;
});
sync.addEventListener("dropped", () => {
  hasCopy = false;
});
sync.addEventListener("reached", keepPage);
sync.addEventListener("closed", () => dropPage().finally(() => window.location.replace(state.urls.attempt)));
sync.addEventListener("status", ({ detail: { kind } }) => {
  if (kind === "login" || kind === "gone") dropPage();
  else if (kind === "saved") keepPage();
});

if (isCopy) putAskedInFront();
see(current);
drawChoice();
drawNotes();
if ($("scratchpad").value) $("notes").open = true;
for (let number = 1; number <= count; number += 1) drawCell(number);
drawProgress();
sync.start();
setInterval(drawClock, 500);
drawClock();
document.documentElement.dataset.ready = "true";

export { actions, changed, chosen, current, dropPage, extras, keepNotes, leave, leaveBy, rowPrototype, say, state, sync, toast };

// Figures do not come with the page; fetched now, they are there when the network is not. Nobody waits for them.
window.addEventListener("load", () => {
  const work = () => {
    for (const figure of figures()) new Image().src = figure;
    isLoaded = true;
    keepPage();
  };
  whenIdle(work, { timeout: 2000 });
});
