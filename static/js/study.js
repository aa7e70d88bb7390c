// What a study session adds to the exam page: how sure one is, checking an answer, and pausing. A question that was
// checked is locked here at once; what it tells comes from the server, with the page or with the reply to the check.

import { actions, changed, chosen, current, dropPage, extras, keepNotes, leave, leaveBy, rowPrototype, say, state, sync, toast } from "./exam.js";

const $ = (id) => document.getElementById(id);
const explained = new Map(Object.entries(state.explained).map(([number, told]) => [Number(number), told]));
const OUTCOMES = { right: "✓ Right", wrong: "✗ Not right", checked: "Checked" };
const WAITING = {
  heading: "Checking …",
  text: "Your answer is kept. Checking it needs the server, which cannot be reached right now: the explanation follows when it can.",
};

const isLocked = (number) => sync.value(number, "check") === true;
const isComplete = (number) => chosen(number).length === state.shape[number - 1][1];

function verdict(number) {
  if (!isLocked(number)) return null;
  const told = explained.get(number);
  if (!told?.key) return { name: "checked", text: "checked" };
  const isRight = JSON.stringify(told.key) === JSON.stringify(chosen(number));
  return isRight ? { name: "right", text: "right" } : { name: "wrong", text: "not right" };
}

// Showing -----------------------------------------------------------------------------------------------------------

function element(name, className, html) {
  const made = document.createElement(name);
  made.className = className;
  made.innerHTML = html;
  return made;
}

// What an option was and what the candidate did with it, in words.
function standing(isKey, isChosen) {
  if (isKey) return isChosen ? "✓ Correct, your choice" : "✓ Correct, not chosen";
  return isChosen ? "✗ Not correct, your choice" : "";
}

function drawOption(row, position, told, isChosen) {
  row.classList.toggle("is-key", told?.key?.includes(position) ?? false);
  if (!told?.key) row.querySelector(".told")?.remove();
  if (!told?.key || row.querySelector(".told")) return;
  const text = standing(told.key.includes(position), isChosen);
  const box = element("div", "told", "");
  if (text) box.append(element("p", "standing", text));
  box.append(element("div", "rationale prose", told.rationales[position]));
  row.append(box);
}

function drawReferences(references) {
  const links = references.map(({ title, url }) => {
    const link = document.createElement("a");
    Object.assign(link, { href: url, rel: "noopener noreferrer external", textContent: title });
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  $("references").hidden = !links.length;
  document.querySelector("#references ul").replaceChildren(...links);
}

// Drawn anew only when something else is to be told: a link in it may have the focus.
function drawExplained(number) {
  const told = isLocked(number) ? explained.get(number) : null;
  const section = $("explained");
  section.hidden = !isLocked(number);
  const said = section.hidden ? "" : `${number} ${told ? verdict(number).name : `waiting ${sync.trouble}`}`;
  if (section.hidden || section.dataset.said === said) return;
  section.dataset.said = said;
  $("verdict").className = told ? `is-${verdict(number).name}` : "";
  $("verdict").textContent = told ? OUTCOMES[verdict(number).name] : WAITING.heading;
  if (told?.key) $("explanation").innerHTML = told.explanation;
  else $("explanation").textContent = told?.withheld ?? (sync.trouble ? WAITING.text : "");
  drawReferences(told?.references ?? []);
}

function draw(number) {
  const locked = isLocked(number);
  const picks = chosen(number);
  const told = locked ? explained.get(number) : null;
  for (const [position, row] of [...document.querySelectorAll("#options .option")].entries()) {
    for (const control of row.querySelectorAll("input, .strike")) control.disabled = locked;
    drawOption(row, position, told, picks.includes(position));
  }
  $("clear").disabled = locked;
  $("sure").disabled = locked;
  const sure = sync.value(number, "sure") ?? null;
  $("sure").hidden = locked && sure === null;
  for (const input of document.querySelectorAll("#sure input")) input.checked = input.value === String(sure);
  if (!state.feedback) return;
  $("check").hidden = locked;
  $("check").textContent = isComplete(number) ? "Check answer" : "Show the answer";
  drawExplained(number);
  if (locked && !told) sync.ask(number);
}

// How sure ----------------------------------------------------------------------------------------------------------

function setSure(value) {
  if (isLocked(current) || (sync.value(current, "sure") ?? null) === value) return;
  sync.set(current, "sure", value);
  changed(current);
}

// By key, the same again takes it back.
const toggleSure = (value) => setSure((sync.value(current, "sure") ?? null) === value ? null : value);

// Checking ----------------------------------------------------------------------------------------------------------

function check() {
  if (!state.feedback || isLocked(current)) return;
  // What has the focus is switched off by the check: then it goes to what comes of it.
  const focused = document.activeElement;
  const isLost = ["options", "sure", "check"].some((id) => $(id).contains(focused));
  $("notice").textContent = "";
  sync.set(current, "check", true);
  changed(current);
  if (isLost) $("verdict").focus({ preventScroll: true });
  $("verdict").scrollIntoView({ block: "center" });
}

function onExplained(told) {
  for (const [key, item] of Object.entries(told)) {
    const number = Number(key);
    const isNew = !explained.has(number);
    explained.set(number, item);
    changed(number);
    if (!isNew || number !== current || document.visibilityState !== "visible") continue;
    const right = item.key?.map((position) => position + 1).join(" and ");
    say(item.withheld ?? `${verdict(number).text}. Correct: ${right}.`);
    $("verdict").scrollIntoView({ block: "center" });
  }
}

// Pausing -----------------------------------------------------------------------------------------------------------

let isLeaving = false;

async function pause() {
  keepNotes();
  leave();
  toast("Pausing …");
  if (await sync.handIn()) {
    $("pause-form").action += `?q=${current}`;
    await leaveBy($("pause-form"));
  } else {
    toast("Not paused: the server cannot be reached. Your answers are kept here, and the clock goes on.");
  }
}

// Another window paused the session: its questions are hidden here too, once everything is handed in.
async function onPaused() {
  if (isLeaving) return;
  isLeaving = true;
  keepNotes();
  await sync.handIn();
  await dropPage();
  window.location.replace(`${state.urls.attempt}?q=${current}`);
}

// Start -------------------------------------------------------------------------------------------------------------

rowPrototype.querySelector(".told")?.remove();
rowPrototype.classList.remove("is-key");

const { clear } = actions;
Object.assign(actions, {
  check,
  pause,
  sure: () => toggleSure(true),
  unsure: () => toggleSure(false),
  clear() {
    clear();
    setSure(null);
  },
});
Object.assign(extras, { verdict, draw, keys: { s: "sure", u: "unsure", c: "check" } });

$("sure").addEventListener("change", (event) => setSure(event.target.value === "true"));
sync.addEventListener("explained", ({ detail }) => onExplained(detail));
sync.addEventListener("paused", onPaused);
sync.addEventListener("status", () => state.feedback && drawExplained(current));

for (let number = 1; number <= state.shape.length; number += 1) changed(number);
