// The service worker of one attempt: shows the copy that kept.js made of its exam page when the page is loaded while
// the network is away. What the server answers, a refusal too, is always given as it is. Saves, polls and all other
// pages pass by it. `HEADERS`, what every page of ours carries, is written above by exam_sim/exams/offline.py.

const PAGE = new URL(self.registration.scope).pathname;
const ATTEMPT = PAGE.split("/").at(-2);
const LOADED = ["script", "style", "image"];
// Whoever was not back for so long is not somebody in an exam without network.
const LONGEST_MS = 7 * 24 * 3600 * 1000;
// What says that the exam is over or that its candidate is not logged in.
const REFUSALS = [401, 403, 404, 410];

async function nameOfCopy() {
  return (await caches.keys()).find((name) => name.endsWith(`:${ATTEMPT}`));
}

async function copies() {
  const name = await nameOfCopy();
  return name && caches.open(name);
}

// What was kept under this address. The page itself sees which question its query asks for.
async function kept(address) {
  return (await copies())?.match(address, { ignoreVary: true });
}

// What the page loads, once, out of the browser's cache: no address of these ever changes its content.
async function keepLoaded() {
  const loads = JSON.parse((await kept(PAGE))?.headers.get("Loads") ?? "[]");
  await (await copies())?.addAll(loads);
}

async function drop() {
  const name = await nameOfCopy();
  if (name) await caches.delete(name);
  await self.registration.unregister();
}

// What a page loads from a site that was renewed meanwhile: it has new addresses.
async function keep(address, answer) {
  const cache = await copies();
  if (cache && !(await kept(address))) await cache.put(address, answer);
  else await answer.body?.cancel();
}

// The server's answer waits for no storage, and storage that fails (no room, forbidden) changes nothing of it.
const beside = (event, work) => event.waitUntil(work.catch(() => {}));

async function page(event) {
  let answer;
  try {
    answer = await fetch(event.request);
  } catch (failure) {
    const copy = await kept(PAGE);
    if (!copy || Date.now() - Number(copy.headers.get("Kept-At")) > LONGEST_MS) throw failure;
    return new Response(copy.body, { headers: HEADERS });
  }
  if (answer.type === "opaqueredirect" || REFUSALS.includes(answer.status)) beside(event, drop());
  return answer;
}

async function loaded(event) {
  const { request } = event;
  let answer;
  try {
    answer = await fetch(request);
  } catch (failure) {
    const copy = await kept(request.url);
    if (!copy) throw failure;
    return copy;
  }
  if (answer.ok) beside(event, keep(request.url, answer.clone()));
  return answer;
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepLoaded());
  // Where browsers can, they do not even wake the worker for a save or a poll.
  const past = [{ requestMethod: "POST" }, { urlPattern: { pathname: `${PAGE}clock` } }];
  event.addRoutes?.(past.map((condition) => ({ condition, source: "network" }))).catch(() => {});
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (new URL(request.url).pathname === PAGE) event.respondWith(page(event));
  } else if (LOADED.includes(request.destination)) {
    event.respondWith(loaded(event));
  }
});
