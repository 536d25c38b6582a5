/** A job's page: the sections, the one event stream that moves them, and the view that they share. */

import { Away, get } from "../lib/api.js";
import { flag, list, oneOf, text, view as viewOf, whole } from "../lib/address.js";
import { fill, h, one } from "../lib/dom.js";
import { follow } from "../lib/live.js";
import { repeat, say, sayComplaints, sayError, shell } from "../lib/shell.js";
import { ask } from "./job/ask.js";
import { cursorOf, mended } from "./job/cursor.js";
import { curves } from "./job/curves.js";
import { findings } from "./job/findings.js";
import { head } from "./job/head.js";
import { inside } from "./job/inside.js";
import { record } from "./job/record.js";
import { nameOf } from "./words.js";

const FIELDS = {
  x: oneOf(["step", "epoch", "time"]),
  y: oneOf(["linear", "log"]),
  smooth: whole(0),
  all: flag(),
  step: whole(), from: whole(), to: whole(),
  statistic: text(), layer: text(),
  open: list(),
};
const FOLLOWED = ["train.loss"]; // that something new is there is enough: what is drawn is asked for as it is drawn

const LATER = 5; // seconds until what the first look does without, and from one of these looks to the next

await shell(async () => {
  const named = location.pathname.split("/").at(-1);
  const id = await idOf(named);
  if (!id) return;
  let job = await get(`jobs/${id}`);
  const view = viewOf(FIELDS);
  const complaints = [...view.complaints, ...mended(view)];
  const context = Object.freeze({ id, view, cursor: cursorOf(view, () => job.progress.step), job: () => job });
  const sections = build(context, look);
  sayComplaints(complaints);
  for (const section of sections) section.job?.(job);
  view.on(() => sections.forEach((section) => section.view?.()));
  const told = (kind) => (event) => sections.forEach((section) => section[kind]?.(event));
  const close = job.finished ? () => {} : follow([id], FOLLOWED, {
    rows: told("rows"),
    log: told("log"),
    reset: told("reset"),
    status: () => look(),
    progress: (progress) => show({ ...job, progress }),
    end: (event) => (event.status === "deleted" ? gone() : event.status === job.status || look()),
    gone: () => say("The server does not answer; this page goes on when it is back.", { bad: true }),
    back: () => say("The server is back."),
  }, `${id}:${job.attempts.at(-1)?.number ?? 0}:${job.progress.step}`);
  await Promise.all(sections.map((section) => section.ready));
  performance.mark("complete");
  sections[0].twin().catch(sayError);
  setTimeout(repeat, LATER * 1000, later, LATER);

  async function later() {
    await sections[0].worker();
    if (named === "latest") await tellNewer(id);
  }

  function show(now) {
    job = now;
    for (const section of sections) section.job?.(job);
  }

  /** The job anew; after a verb what that has brought about: a retry is a job of its own, and of a deleted one nothing is left. */
  async function look(verb, { answers = [] } = {}) {
    if (verb === "retry" && answers[0]) return location.assign(answers[0].id);
    try {
      show(await get(`jobs/${id}`));
    } catch (error) {
      const isGone = error.status === 410 || error.status === 404;
      if (isGone && verb === "delete") location.assign("..");
      else if (isGone) gone();
      else if (!(error instanceof Away)) sayError(error);
    }
  }

  function gone() {
    close();
    job = { ...job, status: "deleted", allowed_actions: [], waiting_for: null, requested: null };
    sections[0].job(job); // the others have nothing left to ask for
    say("This job was deleted; what is drawn here is all that is left of it.", { bad: true });
  }
});

/** The job that the address names; `latest` is the newest one. */
async function idOf(named) {
  if (named !== "latest") return named;
  const { jobs } = await get("jobs?limit=1&fields=id");
  if (jobs.length) history.replaceState(null, "", location.pathname.replace(/latest$/, jobs[0].id) + location.search);
  else fill(one("#page"), h("p", {}, "There is no job yet: ", h("a", { href: "../new", text: "train a network" }), "."));
  return jobs[0]?.id;
}

/** A job that was submitted since: a link to it, for nobody wants a page to go away while it is read. */
async function tellNewer(id) {
  const { jobs: [newest] } = await get("jobs?limit=1&fields=id,name");
  if (newest?.id > id) fill(one("#newer"), "A newer job: ", h("a", { href: "latest", class: "users", text: nameOf(newest) }));
}

function build(context, look) {
  const place = (id, name) => h(name ? "section" : "div", { id, tabindex: "-1", "aria-label": name });
  const places = { head: place("head"), findings: place("findings", "Findings"), curves: place("curves", "Curves"),
    inside: place("layers"), ask: place("ask", "Ask it"), record: place("record") };
  fill(one("#page"), h("p", { id: "newer", role: "status" }), ...Object.values(places));
  const shown = curves(places.curves, context);
  ask(places.ask, context);
  return [
    head(places.head, { again: look }),
    findings(places.findings, context),
    shown,
    inside(places.inside, context),
    record(places.record, context, { resumed: shown.events }),
  ];
}
