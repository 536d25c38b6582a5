/** The list of jobs: what runs, how far it is, what went wrong, and what may be done. */

import { get, path } from "../lib/api.js";
import { oneOf, text, view as viewOf } from "../lib/address.js";
import { fill, h, isNew, one, say as put } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { repeat, sayComplaints, sayError, shell } from "../lib/shell.js";
import { keepingFocus } from "./focus.js";
import { COLUMNS, differing, searched } from "./jobs/asked.js";
import { build, empty, heads, keys, sync, tell } from "./jobs/frame.js";
import { rowOf } from "./jobs/row.js";
import { flat } from "./job/documents.js";
import { verbButtons } from "./verbs.js";
import { STATUSES } from "./words.js";

const PAGE = 50; // jobs
const SPARKS = 5000; // milliseconds between two requests for small lines
const FIELDS = { q: text(), status: oneOf(["", ...STATUSES]), sort: text(40) };

await shell(async () => {
  const view = viewOf(FIELDS);
  const parts = build(view);
  const rows = new Map();
  const chosen = new Set();
  const documents = new Map(); // by job {spec, flat}
  const steps = new Map(); // by job the step that its small line reaches
  let [jobs, next, counts, pages, sparked, request] = [[], null, null, 1, -Infinity, null];
  let [documented, refused] = [null, null]; // the views whose documents are here, and that the API has none of
  sayComplaints(view.complaints);

  async function look() {
    const { values } = view;
    if (refused === values) return;
    request?.abort();
    const mine = (request = new AbortController());
    const found = await listed(values, mine.signal).catch((error) => refuse(error, values));
    if (request !== mine || one("dialog[open]")) return; // what is asked about stays as it is
    ({ jobs, next, counts } = found);
    keepingFocus(draw, parts.search);
    await sparks();
  }

  const again = () => look().catch(sayError);

  /** The jobs of a view; their documents, which never change, only where there is one that is not known yet. */
  async function listed(values, signal) {
    const lean = documented === values && (await pagesOf(values, pages, COLUMNS, signal));
    if (lean && lean.jobs.every(({ id }) => documents.has(id))) return lean;
    const whole = await pagesOf(values, pages, `${COLUMNS},spec`, signal);
    for (const { id, spec } of whole.jobs) documents.set(id, { spec, flat: flat(spec) });
    documented = values;
    return whole;
  }

  /** What the API says of a view that makes no sense: it is not asked for again. */
  function refuse(error, values) {
    if (error.status !== 422) throw error;
    if (error.errors[0]?.parameter === "sort") {
      sayError(error);
      view.set({ sort: "" });
    } else if (view.values === values) {
      refused = values;
      tell(parts, error.message);
    }
    return { jobs: [], next: null, counts: null };
  }

  function draw() {
    const found = differing(jobs.map(({ id }) => documents.get(id).flat));
    heads(parts.head, found.places, view);
    put(parts.more, found.more ? `Their documents differ in ${plural(found.more, "more place")}.` : "");
    const there = new Set(jobs.map(({ id }) => id));
    for (const id of [...rows.keys()].filter((each) => !there.has(each))) forget(id);
    jobs.forEach((job, i) => {
      if (!rows.has(job.id)) rows.set(job.id, rowOf(job.id, { chosen: choose, done: again }));
      const { element, show } = rows.get(job.id);
      show(job, found.places, documents.get(job.id));
      if (parts.body.children[i] !== element) parts.body.insertBefore(element, parts.body.children[i] ?? null);
    });
    parts.next.hidden = next === null;
    parts.table.hidden = !jobs.length;
    parts.count(counts);
    empty(parts.empty, jobs.length || refused === view.values ? null : view.values, again);
    together();
  }

  function forget(id) {
    rows.get(id).element.remove();
    for (const each of [rows, chosen, documents, steps]) each.delete(id);
  }

  function choose(id, isChosen) {
    chosen[isChosen ? "add" : "delete"](id);
    together();
  }

  function release(ids) {
    for (const id of ids) {
      chosen.delete(id);
      if (rows.has(id)) rows.get(id).box.checked = false;
    }
    together();
  }

  /** What may be done with all that are selected. */
  function together() {
    const those = jobs.filter(({ id }) => chosen.has(id));
    if (!isNew(parts.together, those.map(({ id, allowed_actions: verbs }) => id + verbs).join())) return;
    if (!those.length) return fill(parts.together);
    const none = () => {
      release([...chosen]);
      rows.get(those[0].id)?.box.focus();
    };
    const done = (_, { went, refused: not }) => {
      if (not.length) keepingFocus(() => release(went.map(({ id }) => id)), parts.search);
      again();
    };
    fill(parts.together, `${plural(those.length, "job")} selected:`,
      h("button", { type: "button", class: "plain", text: "Select none", on: { click: none } }), verbButtons(those, done));
  }

  /** The small lines of those that have moved, by one request for all. */
  async function sparks() {
    const moved = jobs.filter(({ id, progress, latest }) => "test.accuracy" in latest && steps.get(id) !== progress.step);
    if (!moved.length || performance.now() - sparked < SPARKS) return;
    sparked = performance.now();
    const ids = moved.slice(0, 100).map(({ id }) => id);
    const answer = await get(path("series", { jobs: ids.join(), names: "test.accuracy", points: 60, digits: 3 }));
    for (const [id, { tables }] of Object.entries(answer.jobs)) rows.get(id)?.spark(tables.test?.["test.accuracy"] ?? []);
    for (const { id, progress } of moved) steps.set(id, progress.step);
  }

  async function more() {
    const shown = rows.size;
    [pages, documented] = [pages + 1, null];
    await again();
    if (parts.next.hidden) one("a", parts.body.rows[shown] ?? parts.body)?.focus();
  }

  view.on(() => {
    sync(parts, view);
    again((pages = 1));
  });
  parts.next.addEventListener("click", more);
  keys(parts, rows);
  await repeat(look, 2);
  performance.mark("complete");
});

/** So many pages of the list, one behind the other. */
async function pagesOf({ q, status, sort }, pages, fields, signal) {
  const asked = { fields, limit: PAGE, ...searched(q).asked, status: status || null, sort: sort || null };
  let found = { jobs: [], next: null };
  for (let page = 0; page < pages && (page === 0 || found.next !== null); page++) {
    const answer = await get(path("jobs", { ...asked, cursor: found.next, counts: page ? null : true }), { signal });
    found = { counts: found.counts ?? answer.counts, jobs: [...found.jobs, ...answer.jobs], next: answer.next };
  }
  return found;
}
