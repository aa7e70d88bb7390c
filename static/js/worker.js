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

// What was kept under this address, whatever the query asks: the page itself sees which question that is.
async function kept(request) {
  const name = await nameOfCopy();
  const cache = name && (await caches.open(name));
  return cache?.match(request, { ignoreSearch: request.mode === "navigate", ignoreVary: true });
}

async function drop() {
  const name = await nameOfCopy();
  if (name) await caches.delete(name);
  await self.registration.unregister();
}

async function page(request) {
  let answer;
  try {
    answer = await fetch(request);
  } catch (failure) {
    const copy = await kept(request);
    if (!copy || Date.now() - Number(copy.headers.get("Kept-At")) > LONGEST_MS) throw failure;
    return new Response(copy.body, { headers: HEADERS });
  }
  if (answer.type === "opaqueredirect" || REFUSALS.includes(answer.status)) await drop();
  return answer;
}

async function loaded(request) {
  try {
    return await fetch(request);
  } catch (failure) {
    const copy = await kept(request);
    if (copy) return copy;
    throw failure;
  }
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // Where browsers can, they do not even wake the worker for a save or a poll.
  const past = [{ requestMethod: "POST" }, { urlPattern: { pathname: `${PAGE}clock` } }];
  event.addRoutes?.(past.map((condition) => ({ condition, source: "network" }))).catch(() => {});
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (new URL(request.url).pathname === PAGE) event.respondWith(page(request));
  } else if (LOADED.includes(request.destination)) {
    event.respondWith(loaded(request));
  }
});
