/** What is kept of a job beside its series: document, attempts, events, environment, files. */

import { get } from "../../lib/api.js";
import { fill, h, isNew } from "../../lib/dom.js";
import { onPause, paused, sayError } from "../../lib/shell.js";
import { documentOf } from "./record/document.js";
import { downloads } from "./record/downloads.js";
import { eventTable, newEvents } from "./record/events.js";
import { attemptTable, environmentOf } from "./record/places.js";
import { fold } from "./fold.js";

const TITLES = {
  document: "Document",
  attempts: "Attempts",
  events: "Events and log",
  environment: "Environment",
  downloads: "Downloads",
};

/**
 * Make the sections, each a fold that asks for nothing before it is opened. `resumed(steps)` is told where attempts
 * went on. Returns {ready, job, log}.
 */
export function record(host, { id, view, job }, { resumed }) {
  const parts = Object.fromEntries(Object.keys(TITLES).map((name) => [name, h("div")]));
  const whenOpen = { document: once(() => documentOf(parts.document, job())), events: () => read() };
  fill(host, h("h2", { text: "Record" }), Object.entries(TITLES).map(([name, title]) =>
    fold({ name, title, id: `record-${name}`, opened: whenOpen[name] }, parts[name], view)));
  const attempts = renewed(parts.attempts, attemptTable, (now) => now.attempts);
  const environment = renewed(parts.environment, environmentOf, (now) => [now.environment, now.device, now.differs, now.weights_sha256]);
  let [events, reading] = [[], null];

  async function more() {
    const news = await newEvents(id, events.at(-1)?.number ?? 0);
    events = [...events, ...news];
    if (news.length || !parts.events.firstChild) fill(parts.events, eventTable(events));
  }
  const read = () => (reading ??= more().catch(sayError).finally(() => (reading = null)));
  const log = () => parts.events.closest("details").open && !paused() && read();

  async function resumptions() {
    if (job().attempts.length < 2) return;
    const { events: found } = await get(`jobs/${id}/events?type=resumed&limit=1000`);
    resumed(found.map(({ data }) => data.step).filter((step) => step !== undefined));
  }

  fill(parts.downloads, downloads(job()));
  onPause((isPaused) => isPaused || log());
  return Object.freeze({
    ready: resumptions().catch(sayError),
    log({ events: news }) {
      if (news.some(({ type }) => type === "resumed")) resumptions().catch(sayError);
      log();
    },
    job(now) {
      attempts(now);
      environment(now);
    },
  });
}

/** Draws a part where what it is drawn from has changed: what a reader has opened or selected in it stays. */
const renewed = (part, draw, of) => (job) => isNew(part, JSON.stringify(of(job))) && fill(part, draw(job));

function once(act) {
  let done = null;
  return () => (done ??= act().catch(sayError));
}
