// What this browser keeps of exams, and what it gives up again.
//
// In local storage: the outbox (changes that the server has not acknowledged), which outlives all but its account and
// 30 days in which nobody came back for it, and beside it what stood last and when. In the cache storage: a copy of the
// page of each open exam with what the page loads, so that a reload shows it while the network is away; worker.js alone
// gives it out. A copy belongs to one person and goes with the exam's end and with the log-in; this module is on every
// page, to see that all that goes.

const COPY = /^exam:([^:]+):([^:]+)$/;
const STANDING = /^exam:([^:]+):([^:]+):standing$/;
const ITS_OWN = /^exam:[^:]+:[^:]+:/;
const LONGEST_LEFT_MS = 30 * 24 * 3600 * 1000;
const copyName = (user, attempt) => `exam:${user}:${attempt}`;

// A key for each event, so that two tabs never write the same entry. Without storage the outbox lives in this page.
export class Store {
  constructor(user, attempt) {
    this.prefix = `exam:${user}:${attempt}:`;
  }

  get(name) {
    try {
      return JSON.parse(localStorage.getItem(this.prefix + name));
    } catch {
      return null;
    }
  }

  // Whether it is kept; full or forbidden, the copy in memory has to do. Somebody is here: nothing was left behind.
  set(name, value) {
    try {
      localStorage.removeItem(`${this.prefix}left`);
      localStorage.setItem(this.prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  remove(name) {
    try {
      localStorage.removeItem(this.prefix + name);
    } catch {
      // Forbidden: then there is nothing to remove.
    }
  }

  clear() {
    for (const name of ["high", "left", "pair", "said", "standing"]) this.remove(name);
  }

  events() {
    try {
      const prefix = `${this.prefix}event:`;
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
      return keys.map((key) => this.get(key.slice(this.prefix.length))).filter(Boolean);
    } catch {
      return [];
    }
  }
}

// Copies of pages ---------------------------------------------------------------------------------------------------

export const isCopy = document.documentElement.dataset.copy === "true";

// The page as it came, to be called before a script changes it. It is not fetched once more: that would cost the server
// a second page for each that it makes.
export function pageAsItCame() {
  const root = document.documentElement;
  root.dataset.copy = "true";
  const html = `<!doctype html>\n${root.outerHTML}`;
  if (!isCopy) delete root.dataset.copy;
  return html;
}

// Keep `html` for a reload without network. `addresses` is what it loads, which the worker fetches before it is
// installed. Where browsers have no workers, all else works without.
export async function keepCopy(html, addresses, { user, attempt, urls }) {
  if (!globalThis.caches || !navigator.serviceWorker) return;
  try {
    const cache = await caches.open(copyName(user, attempt));
    const loads = JSON.stringify([...new Set(addresses)]);
    await cache.put(urls.attempt, new Response(html, { headers: { "Kept-At": String(Date.now()), Loads: loads } }));
    await navigator.serviceWorker.register(urls.worker, { updateViaCache: "none" });
  } catch {
    // No room, or no worker allowed: half a copy is none.
    await dropCopies((owner, of) => of === attempt);
  }
}

// Drop the copies for whose owner and attempt `isMeant` is true, and what stood; never the outbox.
export async function dropCopies(isMeant) {
  try {
    const meant = (key, pattern) => {
      const [, owner, attempt] = key.match(pattern) ?? [];
      return owner !== undefined && isMeant(owner, attempt);
    };
    for (const key of Object.keys(localStorage)) if (meant(key, STANDING)) localStorage.removeItem(key);
    if (!globalThis.caches) return;
    const names = (await caches.keys()).filter((name) => meant(name, COPY));
    await Promise.all(names.map((name) => caches.delete(name)));
    const scopes = names.map((name) => `/${name.match(COPY)[2]}/`);
    const workers = names.length ? await navigator.serviceWorker.getRegistrations() : [];
    const idle = workers.filter(({ scope }) => scopes.some((end) => scope.endsWith(end)));
    await Promise.all(idle.map((worker) => worker.unregister()));
  } catch {
    // Storage is forbidden here: then nothing is kept either.
  }
}

// What was left behind ----------------------------------------------------------------------------------------------

function forget(prefix) {
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
}

// By attempt, `left` says on which day a page found what is kept for it and no page of the attempt open: everything is
// older than the end of that day. `today` is the server's: the device's clock may be off by years, and throw away what
// is new.
function forgetWhatIsOld(today) {
  for (const prefix of new Set(Object.keys(localStorage).map((key) => key.match(ITS_OWN)?.[0]))) {
    if (!prefix) continue;
    const left = localStorage.getItem(`${prefix}left`);
    if (left === null) localStorage.setItem(`${prefix}left`, today);
    else if (Date.parse(today) - Date.parse(left) > LONGEST_LEFT_MS) forget(prefix);
  }
}

// A page out of a cache says what day it was long ago.
const isFresh = !isCopy && performance.getEntriesByType("navigation")[0]?.transferSize > 0;

try {
  const { today } = document.querySelector("script[data-user]").dataset;
  for (const { dataset } of document.querySelectorAll("[data-forget]")) forget(`exam:${dataset.forget}:`);
  if (isFresh) forgetWhatIsOld(today);
} catch {
  // Forbidden, or so full that no time can be noted.
}

// Every page says whose it is (nobody's, when nobody is logged in), and which attempt it shows to be over or to rest.
const { user } = document.querySelector("script[data-user]").dataset;
const done = document.querySelector("[data-drop-copy]")?.dataset.dropCopy;
dropCopies((owner, attempt) => owner !== user || attempt === done);
