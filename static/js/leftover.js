// On the page of an exam that is over: hand in what this browser still keeps of it (it was closed while the network
// or the log-in was lost). Nothing of it counts any more; what the server does not know yet is listed as late.

import { Sync } from "./sync.js";

const { user, attempt, events } = document.querySelector("[data-leftover]").dataset;
const closed = { elapsed: 0, total: 0, open: false };
const sync = new Sync({ user, attempt, urls: { events }, registers: [], clock: closed });
if (sync.outbox.size) sync.finish();
