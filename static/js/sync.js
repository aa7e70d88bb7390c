// Answers and the clock, without the page: an outbox that survives reload, network loss and an expired log-in, and the
// exam's time anchored to the server's. `docs/sitting.md` says what the server promises in return.
//
// Times are milliseconds of exam time. The device's clock is used for one thing alone: to go on from a stored pair
// after a reload without network, until the server answers again.

import { Store } from "./kept.js";

const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const POLL_AFTER_MS = 30000;
const VISIT_AFTER_MS = 15000;
const TIMEOUT_MS = 15000;
// A wait that the server asks for is kept up to this: what stands in front of it may ask for anything.
const LONGEST_REST_MS = 60000;
const BATCH = 200;
// The poll asks again for this much of what it has asked for before: another device's events may have been under way.
const OVERLAP_MS = 60000;
// A reload takes less. Was the page away for longer, nobody knows whether the device's clock was moved meanwhile.
const RELOAD_MS = 60000;
const JUMP_MS = 2000;
// The server takes no intent that lies further ahead of it.
const AHEAD_MS = 5000;
// Of the polls, so many ask for what is new alone; the next asks for all: a device may hand in late what it did long ago.
const POLLS_TO_ALL = 10;
// Browsers refuse to let more than 64 KiB outlive the page.
const KEEPALIVE_BYTES = 60000;

const isNewer = (a, b) => !b || a.intent > b.intent || (a.intent === b.intent && a.id > b.id);

// As it is now: each log-in renews it, in another tab too.
export function csrfToken() {
  const found = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  return found ? decodeURIComponent(found.slice("csrftoken=".length)) : "";
}

// Fires: "change" {items: [number], foreign}, "status" {kind, count, kept, at}, "refused" {message}, "clock", "closed",
// "reached" (the server was asked and the exam goes on), "ending" (whether an End is under way), "dropped" (another tab
// dropped the copy of the page); in study sessions also "explained" {number: what a checked item tells} and "paused".
export class Sync extends EventTarget {
  // `isCopied`: the page is one that this browser kept, and what stood last is found beside the outbox.
  constructor(state, isCopied = false) {
    super();
    this.urls = state.urls;
    this.store = new Store(state.user, state.attempt);
    this.registers = new Map();
    this.visited = new Set(state.visited);
    this.outbox = new Map(this.store.events().map((event) => [event.id, event]));
    this.total = state.clock.total;
    this.failures = 0;
    this.trouble = null;
    this.receipts = 0;
    this.timer = null;
    this.busy = false;
    this.ending = false;
    this.closed = false;
    this.stopped = false;
    this.stuck = 0;
    this.restsUntil = 0;
    this.polls = 0;
    this.unkept = new Set();
    this.hasSlept = false;
    this.batch = BATCH;
    this.lastAnswer = performance.now();
    this.high = this.store.get("high") ?? 0;
    this.merge(state.registers);
    if (isCopied) this.recall();
    for (const event of this.outbox.values()) this.hold(event);
    this.anchorToPage(state.clock, isCopied);
    // Before a reload something was said here, and acknowledged, that the page does not know: it was made just before.
    const known = Math.max(0, ...[...this.registers.values()].map((register) => register.intent));
    this.overtaken = (this.store.get("said") ?? 0) > known;
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(this.store.prefix) : null;
    this.channel?.addEventListener("message", ({ data }) => {
      if (Array.isArray(data)) {
        this.receipts += 1;
        this.tell(this.merge(data), true);
      } else {
        this.fire("explained", data);
      }
    });
  }

  start() {
    const wake = () => document.visibilityState === "visible" && this.refresh(-1);
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("focus", wake);
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("pageshow", (event) => event.persisted && this.refresh(-1));
    window.addEventListener("storage", (event) => this.adopt(event));
    window.addEventListener("pagehide", () => this.noteTime());
    this.remember();
    setInterval(() => this.tick(), 1000);
    if (this.stale || this.overtaken) this.refresh(-1);
    this.send();
  }

  // The clock ------------------------------------------------------------------------------------------------------

  elapsed() {
    return this.anchor.elapsed + (this.stopped ? 0 : performance.now() - this.anchor.at);
  }

  // Milliseconds left, or null in an untimed attempt.
  remaining() {
    return this.total === null ? null : Math.max(0, this.total - this.elapsed());
  }

  // Whether time is over for certain; what rests on the device's clock alone ends nothing.
  isOver() {
    return this.total !== null && this.elapsed() - this.assumed >= this.total;
  }

  anchorToPage(clock, isCopied) {
    const navigation = performance.getEntriesByType("navigation")[0];
    // Whether all that stands is to be asked for.
    this.stale = isCopied || navigation?.transferSize === 0;
    this.goOn(clock.elapsed);
    if (!this.stale) this.anchorTo(clock, navigation?.responseStart ?? performance.now());
    this.wall = Date.now() - performance.now();
    this.asked = clock.elapsed;
  }

  anchorTo(clock, at) {
    const off = clock.elapsed - this.anchor.elapsed - (at - this.anchor.at);
    this.anchor = { elapsed: clock.elapsed, at };
    this.total = clock.total;
    this.assumed = 0;
    this.doubtful = false;
    // What was done before a machine slept was not done later for it.
    if (this.unsure) this.correct(this.hasSlept ? Math.min(0, off) : off);
  }

  // From where the clock was last seen here. Less may be left than this says, if the device's clock was set back or
  // the machine slept; never is more left shown than there was.
  goOn(least) {
    const pair = this.store.get("pair");
    const since = pair ? Date.now() - pair.wall : 0;
    const known = Math.max(least, pair?.elapsed ?? 0);
    this.anchor = { elapsed: known + Math.max(0, since), at: performance.now() };
    this.total = pair?.total ?? this.total;
    this.assumed = (pair?.assumed ?? 0) + (since > RELOAD_MS ? since : 0);
    const wasAway = !pair || since < -JUMP_MS || since > RELOAD_MS;
    this.doubtful = wasAway || pair.doubtful;
    // What is stamped by the device's clock alone, until the server tells its own; then null. It was made after all that
    // was known here before.
    const isSame = !wasAway && pair.unsure?.length > 0;
    this.unsure = new Set(isSame ? pair.unsure : []);
    this.floor = isSame ? pair.floor : Math.max(0, ...[...this.registers.values()].map((register) => register.intent));
  }

  // What the device's clock alone had stamped was so much off. What is kept from before stays as it is (nobody knows the
  // clock of then), and older than what followed it (a pause looks like a clock that was off), unless it comes too late
  // in any case.
  correct(off) {
    const events = [...this.unsure].map((id) => this.outbox.get(id)).filter(Boolean);
    this.unsure = null;
    let last = this.isOver() && this.floor >= this.total ? 0 : this.floor;
    for (const event of events.sort((a, b) => a.intent_ms - b.intent_ms)) {
      last = Math.max(0, Math.floor(event.intent_ms + off), last + 1);
      this.stamp(event, last);
    }
    if (!events.length) return;
    this.climbFrom([...this.outbox.values()]);
    this.remember();
  }

  noteTime() {
    if (this.closed) return;
    const { total, assumed, doubtful, floor } = this;
    const unsure = [...(this.unsure ?? [])];
    this.store.set("pair", { elapsed: Math.floor(this.elapsed()), wall: Date.now(), total, assumed, doubtful, unsure, floor });
  }

  // What the server said of its clock shows that it is there.
  setClock(clock, at) {
    this.failures = 0;
    this.trouble = null;
    this.anchorTo(clock, at);
    this.stopped = clock.paused === true;
    this.wall = Date.now() - performance.now();
    this.noteTime();
    this.fire("clock");
    if (!clock.open) this.finish();
    else if (this.stopped) this.fire("paused");
  }

  tick() {
    const now = performance.now();
    // A machine that slept counts on by its wall clock alone: ask the server.
    const slept = Math.abs(Date.now() - now - this.wall) > JUMP_MS;
    const idle = now - this.lastAnswer;
    this.doubtful ||= slept;
    this.hasSlept ||= slept;
    this.noteTime();
    if (slept) {
      this.wall = Date.now() - now;
      this.refresh(-1);
    } else if (idle > POLL_AFTER_MS && document.visibilityState === "visible") {
      this.polls += 1;
      this.refresh(this.polls % POLLS_TO_ALL ? this.asked - OVERLAP_MS : -1);
    } else if (this.outbox.size && idle > VISIT_AFTER_MS && this.timer === null) {
      this.send();
    }
  }

  // What the candidate set -----------------------------------------------------------------------------------------

  value(item, kind) {
    return this.registers.get(`${item}:${kind}`)?.value;
  }

  set(item, kind, value) {
    if (this.closed) return;
    // Of text, the last is enough: each change holds all of it, and hours without network must fit into the storage.
    const outdated = kind === "scratchpad" ? [...this.outbox.values()].filter((event) => event.kind === kind) : [];
    const event = this.make(item, kind, value);
    for (const { id } of outdated) this.drop(id);
    this.hold(event);
    this.store.set("said", event.intent_ms);
    this.remember();
    this.channel?.postMessage([[item, kind, value, event.intent_ms, event.id]]);
    // At once, though something else may be on its way: what was saved before says nothing of this.
    this.status(this.trouble ?? "pending");
    this.send();
  }

  // Time on an item; rides with the next batch.
  visit(item, ms) {
    if (this.closed) return;
    this.visited.add(item);
    this.make(item, "visit", Math.max(0, Math.round(ms)));
    this.remember();
  }

  // A check that was made elsewhere: sent once more, it is a duplicate, and the reply tells what it explains.
  ask(item) {
    const register = this.registers.get(`${item}:check`);
    if (!register || this.outbox.has(register.id)) return;
    this.outbox.set(register.id, { id: register.id, item, kind: "check", value: true, intent_ms: register.intent });
    this.send();
  }

  make(item, kind, value) {
    const id = crypto.randomUUID?.() ?? randomUuid();
    const event = { id, item, kind, value, intent_ms: this.nextIntent() };
    this.keep(event);
    if (this.unsure?.add(id)) this.noteTime();
    return event;
  }

  keep(event) {
    this.outbox.set(event.id, event);
    this.unkept.add(event.id);
    this.keepRest();
  }

  // What found no room is tried again with each change: there may be some now.
  keepRest() {
    for (const id of this.unkept) {
      const event = this.outbox.get(id);
      if (!event || this.store.set(`event:${id}`, event)) this.unkept.delete(id);
    }
  }

  drop(id) {
    this.outbox.delete(id);
    this.store.remove(`event:${id}`);
    this.keepRest();
  }

  nextIntent() {
    this.high = Math.max(Math.floor(this.elapsed()), this.high + 1);
    this.store.set("high", this.high);
    return this.high;
  }

  hold(event) {
    if (event.kind === "visit") return;
    this.merge([[event.item, event.kind, event.value, event.intent_ms, event.id]]);
  }

  // Take over what is newer; the numbers of the items that changed.
  merge(registers) {
    const changed = new Set();
    for (const [item, kind, value, intent, id] of registers) {
      const key = `${item}:${kind}`;
      const held = this.registers.get(key);
      const next = { value, intent, id };
      if (!isNewer(next, held)) continue;
      this.registers.set(key, next);
      this.high = Math.max(this.high, intent);
      if (JSON.stringify(value) !== JSON.stringify(held?.value)) changed.add(item);
    }
    return [...changed];
  }

  // Start again from these and the outbox; the numbers of the items that changed.
  replace(registers) {
    const before = this.registers;
    this.registers = new Map();
    this.merge(registers);
    for (const event of this.outbox.values()) this.hold(event);
    const keys = new Set([...before.keys(), ...this.registers.keys()]);
    const text = (held, key) => JSON.stringify(held.get(key)?.value);
    return [...keys].filter((key) => text(before, key) !== text(this.registers, key)).map((key) => Number.parseInt(key, 10));
  }

  // What stands and was seen, for a copy of this page: it was made before. Not for whoever is logged out.
  remember() {
    if (this.closed || this.trouble === "login" || this.trouble === "gone") return;
    const registers = [...this.registers].map(([key, { value, intent, id }]) => [...key.split(":"), value, intent, id]);
    this.store.set("standing", { registers, visited: [...this.visited] });
  }

  recall() {
    const { registers, visited } = this.store.get("standing") ?? { registers: [], visited: [] };
    this.merge(registers);
    for (const item of visited) this.visited.add(item);
  }

  // Another tab of this browser kept an event, or the server has it: should that tab be closed, this one sends it.
  adopt({ key, newValue }) {
    const prefix = `${this.store.prefix}event:`;
    if (key === `${this.store.prefix}standing` && newValue === null) this.fire("dropped");
    if (!key?.startsWith(prefix)) return;
    if (newValue === null) {
      this.receipts += 1;
      this.outbox.delete(key.slice(prefix.length));
    } else {
      this.outbox.set(key.slice(prefix.length), JSON.parse(newValue));
    }
    if (this.trouble) this.status(this.trouble);
  }

  // The network ----------------------------------------------------------------------------------------------------

  waiting() {
    return [...this.outbox.values()].filter((event) => event.kind !== "visit").length;
  }

  async request(url, options = {}) {
    const headers = { Accept: "application/json", ...options.headers };
    if (options.body) {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = csrfToken();
    }
    const response = await fetch(url, { ...options, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const at = performance.now();
    const data = response.ok ? await response.json().catch(() => null) : null;
    return { status: response.status, data, at, rest: Number(response.headers.get("Retry-After")) * 1000 };
  }

  retryNow() {
    clearTimeout(this.timer);
    this.timer = null;
    this.send();
  }

  async send() {
    if (this.busy || this.closed || this.ending) return;
    const rest = this.restsUntil - performance.now();
    if (rest > 0) {
      this.later(rest);
      return;
    }
    if (!this.outbox.size) {
      // Another tab handed in what was kept: what was wrong here may be over too.
      if (this.trouble) this.refresh(-1);
      return;
    }
    this.busy = true;
    this.status(this.trouble ?? "pending");
    let again = null;
    if (this.unsure && !(await this.refresh(-1))) again = this.failed(this.trouble ?? "offline");
    else if (this.outbox.size && !this.closed && !this.ending) again = await this.post(this.urls.events, { events: this.oldest() });
    this.busy = false;
    if (again !== null) this.later(again);
  }

  oldest() {
    return [...this.outbox.values()].sort((a, b) => a.intent_ms - b.intent_ms).slice(0, this.batch);
  }

  // Post a batch; milliseconds after which to go on, or null when nothing is left to do.
  async post(url, batch) {
    const body = JSON.stringify(batch);
    let answer;
    try {
      answer = await this.request(url, { method: "POST", body, keepalive: new TextEncoder().encode(body).length < KEEPALIVE_BYTES });
    } catch {
      return this.failed("offline");
    }
    const { status, data, at, rest } = answer;
    if (status === 429) return this.rest(rest, at);
    if (!data?.results || !data.clock) {
      // Not our answer, or one that a smaller batch may get past: nothing is thrown away for it.
      if (status === 400 || status === 413) this.batch = Math.max(1, Math.floor(this.batch / 2));
      return this.failed({ 401: "login", 403: "token", 404: "gone" }[status] ?? "offline");
    }
    this.receipts += 1;
    this.lastAnswer = performance.now();
    const before = this.outbox.size;
    this.settle(data, at);
    if (!this.outbox.size || this.closed) return null;
    // What was refused for its clock goes again at once, but not for ever: the server's own clock may be at fault.
    this.stuck = this.outbox.size < before ? 0 : this.stuck + 1;
    if (this.stuck === 2) this.refresh(-1);
    return this.stuck < 2 ? 0 : RETRY_MS[Math.min(this.stuck - 2, RETRY_MS.length - 1)];
  }

  settle(data, at) {
    const again = [];
    const messages = new Set();
    for (const [id, result] of Object.entries(data.results)) {
      const event = this.outbox.get(id);
      if (!event) continue;
      if (result.refused === "clock") {
        again.push(event);
      } else {
        this.drop(id);
        if (result.refused && event.kind !== "visit") messages.add(result.message);
      }
    }
    this.setClock(data.clock, at);
    if (this.stale) this.refresh(-1);
    if (again.length) this.stampAgain(again);
    this.tell(this.merge(data.registers), true);
    if (data.explained) {
      this.channel?.postMessage(data.explained);
      this.fire("explained", data.explained);
    }
    const tell = () => {
      for (const message of messages) this.fire("refused", { message });
      // Once the exam is over, what was kept may have come too late: then nobody says that it is saved.
      if (!this.waiting() && !this.closed) this.status("saved");
    };
    // What stands comes first: the last word is why something was not taken.
    if (messages.size && !this.closed) this.refresh(-1).finally(tell);
    else tell();
  }

  // These ran ahead of the server, and what was made after them does too: new intents by the fresh anchor, in the
  // order in which they were made.
  stampAgain(refused) {
    const first = Math.min(...refused.map((event) => event.intent_ms));
    const events = [...this.outbox.values()];
    const ahead = events.filter((event) => event.intent_ms >= first);
    this.climbFrom(events.filter((event) => event.intent_ms < first));
    ahead.sort((a, b) => a.intent_ms - b.intent_ms || (a.id < b.id ? -1 : 1));
    for (const event of ahead) this.stamp(event, this.nextIntent());
    this.remember();
  }

  stamp(event, intent) {
    event.intent_ms = intent;
    this.keep(event);
    if (event.kind === "visit") return;
    this.store.set("said", intent);
    const register = this.registers.get(`${event.item}:${event.kind}`);
    if (register?.id === event.id) register.intent = intent;
  }

  // New intents are greater than those of these events and of what stands. Only what the server cannot have taken, as
  // another tab ran ahead, is not to be outdone.
  climbFrom(events) {
    const latest = this.elapsed() + AHEAD_MS;
    const held = [...this.registers.values()].filter(({ id, intent }) => !this.outbox.has(id) && intent <= latest);
    this.high = Math.max(0, ...events.map((event) => event.intent_ms), ...held.map((register) => register.intent));
    this.store.set("high", this.high);
  }

  failed(kind) {
    this.inTrouble(kind);
    return RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
  }

  // The server has too much to do with this candidate. Meanwhile what is set here becomes one batch.
  rest(ms, at) {
    const wait = Math.min(ms > 0 ? ms : RETRY_MS[0], LONGEST_REST_MS);
    this.restsUntil = at + wait;
    this.inTrouble("busy");
    return wait;
  }

  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.retryNow(), ms);
  }

  // Read the clock and the registers newer than `since`; -1 reads all, and then what stands is what the server holds
  // and what is still to be sent (so that what was refused disappears). Whether the server told.
  refresh(since) {
    if (this.closed) return Promise.resolve(false);
    this.stale ||= since === -1;
    this.refreshing ??= this.poll(since).finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  // All, once it is asked for, until it has come: what was saved here meanwhile may be missing from a reply.
  async poll(since) {
    for (let round = 0; round < 3 && !this.closed; round += 1) {
      if (!(await this.read(this.stale ? -1 : since))) return false;
      if (!this.stale) break;
    }
    this.retryNow();
    return true;
  }

  async read(since) {
    const { receipts } = this;
    const again = performance.now() - POLL_AFTER_MS + 5000;
    try {
      const { status, data, at } = await this.request(`${this.urls.clock}?since=${since}`);
      this.lastAnswer = data ? performance.now() : again;
      if (!data) {
        if (status === 401 || status === 404) this.inTrouble(status === 401 ? "login" : "gone");
        return false;
      }
      const wasInTrouble = this.trouble !== null;
      this.setClock(data.clock, at);
      if (wasInTrouble && !this.waiting() && !this.closed) this.status("saved");
      this.asked = data.clock.elapsed;
      const whole = since === -1 && receipts === this.receipts;
      if (whole) this.stale = false;
      this.tell(whole ? this.replace(data.registers) : this.merge(data.registers), true);
      if (!this.closed && !this.stopped) this.fire("reached");
      return true;
    } catch {
      this.lastAnswer = again;
      this.inTrouble("offline");
      return false;
    }
  }

  // Hand in everything that is left; whether that came about.
  async handIn() {
    this.ending = true;
    clearTimeout(this.timer);
    try {
      if (this.unsure && !(await this.refresh(-1))) return false;
      while (this.outbox.size && !this.closed) {
        if (await this.post(this.urls.events, { events: this.oldest() })) return false;
      }
      return true;
    } finally {
      this.ending = false;
      if (this.outbox.size && !this.closed) this.later(RETRY_MS[0]);
    }
  }

  // Hand in everything that is left and close the exam; true once the server has closed it. `at_zero` says that the
  // clock ends it and not the candidate: the server then does so only if its own clock says the same. While the End
  // itself is under way it cannot be called off: so it is posted `isAgain` only once the server has answered a question
  // that does no harm, and `isWanted` is asked before.
  async end(atZero, isAgain, isWanted) {
    this.ending = true;
    clearTimeout(this.timer);
    try {
      if ((this.unsure || isAgain) && !(await this.refresh(-1))) return false;
      while (this.outbox.size > this.batch && isWanted()) {
        if (await this.post(this.urls.events, { events: this.oldest() })) return false;
      }
      for (let round = 0; round < 3 && isWanted() && !this.closed && !(atZero && this.remaining() > 0); round += 1) {
        this.fire("ending", true);
        if (await this.post(this.urls.end, { events: this.oldest(), at_zero: atZero })) return false;
      }
      return this.closed;
    } finally {
      this.ending = false;
      if (!this.closed) this.fire("ending", false);
      if (!this.closed) this.later(RETRY_MS[0]);
    }
  }

  // The server has closed the exam. What is still here is handed in, so that the review can list what came too late.
  async finish() {
    if (this.closed) return;
    this.closed = true;
    for (let before = Infinity; this.outbox.size && this.outbox.size < before; ) {
      before = this.outbox.size;
      if (await this.post(this.urls.events, { events: this.oldest() })) break;
    }
    if (!this.outbox.size) this.store.clear();
    this.fire("closed");
  }

  // Telling the page -----------------------------------------------------------------------------------------------

  inTrouble(kind) {
    this.trouble = kind;
    this.status(kind);
  }

  status(kind) {
    this.fire("status", { kind, count: this.waiting(), kept: !this.unkept.size, at: new Date() });
  }

  tell(items, foreign) {
    if (!items.length) return;
    this.remember();
    this.fire("change", { items, foreign });
  }

  fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

// Where pages come over plain http, browsers keep crypto.randomUUID to themselves.
function randomUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
