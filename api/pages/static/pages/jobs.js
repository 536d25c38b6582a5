/** The list of jobs: what runs, how far it is, what went wrong, and what may be done. */

import { get, path, root, send } from "../lib/api.js";
import { oneOf, text, view as viewOf } from "../lib/address.js";
import { fill, h, one, say as put } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { repeat, sayComplaints, sayError, shell } from "../lib/shell.js";
import { COLUMNS, differing, searched } from "./jobs/asked.js";
import { HEADS, rowOf } from "./jobs/row.js";
import { flat } from "./job/documents.js";
import { verbButtons } from "./verbs.js";
import { STATUSES, statusOf } from "./words.js";

const PAGE = 50; // jobs
const TYPED = 150; // milliseconds after the last letter
const SPARKS = 5000; // milliseconds between two requests for small lines
const PAPER = { architecture: "mlp", batch_norm: true };
const FIELDS = { q: text(), status: oneOf(["", ...STATUSES]), sort: text(40) };

await shell(async () => {
  const view = viewOf(FIELDS);
  const parts = build(view);
  const rows = new Map();
  const chosen = new Set();
  const steps = new Map(); // by job the step that its small line reaches
  let [jobs, next, pages, sparked, request, places] = [[], null, 1, 0, null, []];
  sayComplaints(view.complaints);

  async function look() {
    request?.abort();
    const mine = (request = new AbortController());
    const found = await pagesOf(view.values, pages, mine.signal);
    if (request !== mine) return;
    [jobs, next] = [found.jobs, found.next];
    draw();
    await sparks();
  }

  const again = () => look().catch(sayError);

  function draw() {
    const flats = new Map(jobs.map((job) => [job.id, flat(job.spec)]));
    const found = differing([...flats.values()]);
    places = found.places;
    heads(parts.head, places, view);
    put(parts.more, found.more ? `Their documents differ in ${plural(found.more, "more place")}.` : "");
    const there = new Set(jobs.map(({ id }) => id));
    for (const id of [...rows.keys()].filter((each) => !there.has(each))) forget(id);
    jobs.forEach((job, i) => {
      if (!rows.has(job.id)) rows.set(job.id, rowOf(job.id, { chosen: choose, done: again }));
      const { element, show } = rows.get(job.id);
      show(job, places, flats.get(job.id));
      if (parts.body.children[i] !== element) parts.body.insertBefore(element, parts.body.children[i] ?? null);
    });
    parts.next.hidden = next === null;
    parts.table.hidden = !jobs.length;
    empty(parts.empty, jobs.length ? null : view.values, again);
    together();
  }

  function forget(id) {
    rows.get(id).element.remove();
    rows.delete(id);
    chosen.delete(id);
  }

  function choose(id, isChosen) {
    chosen[isChosen ? "add" : "delete"](id);
    together();
  }

  /** What may be done with all that are selected. */
  function together() {
    const those = jobs.filter(({ id }) => chosen.has(id));
    const told = those.map(({ id, allowed_actions: verbs }) => id + verbs).join();
    if (parts.together.dataset.told === told) return;
    parts.together.dataset.told = told;
    fill(parts.together, those.length > 0 && `${plural(those.length, "job")} selected: `,
      those.length > 0 && verbButtons(those, () => ((parts.together.dataset.told = ""), again())));
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

  view.on(() => {
    sync(parts, view);
    again((pages = 1));
  });
  parts.next.addEventListener("click", () => again((pages += 1)));
  keys(parts, rows);
  await repeat(look, 2);
  performance.mark("complete");
});

/** So many pages of the list, one behind the other. */
async function pagesOf({ q, status, sort }, pages, signal) {
  const asked = { fields: COLUMNS, limit: PAGE, ...searched(q), status: status || null, sort: sort || null };
  let [jobs, cursor] = [[], null];
  for (let page = 0; page < pages; page++) {
    const answer = await get(path("jobs", { ...asked, cursor }), { signal });
    jobs = [...jobs, ...answer.jobs];
    cursor = answer.next;
    if (cursor === null) break;
  }
  return { jobs, next: cursor };
}

function build(view) {
  let timer = null;
  const settled = () => {
    clearTimeout(timer);
    if (search.value !== view.values.q) view.set({ q: search.value });
  };
  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(settled, TYPED);
  };
  const choose = (status) => {
    settled(); // what has been typed is a view of its own, which the back button leads to
    view.set({ status }, { push: true });
  };
  const search = h("input", { type: "search", "aria-label": "Search jobs", "aria-describedby": "search-help", on: { input: typed },
    placeholder: "name, tag:demo, test.accuracy>0.9", size: "34" });
  const chips = ["", ...STATUSES].map((status) =>
    h("button", { type: "button", "data-status": status, text: status ? `${statusOf(status).sign} ${status}` : "all",
      on: { click: () => choose(status) } }));
  const parts = { search, chips, head: h("tr"), body: h("tbody"), empty: h("div"), more: h("p", { class: "faint small" }),
    together: h("div", { class: "row", role: "group", "aria-label": "Selected jobs" }),
    next: h("button", { type: "button", hidden: true, text: "More jobs" }) };
  parts.table = h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Jobs", hidden: true },
    h("table", { class: "jobs" }, h("thead", {}, parts.head), parts.body));
  fill(one("#page"), h("div", { class: "row" }, search, h("div", { class: "row", role: "group", "aria-label": "Status" }, chips)),
    h("p", { id: "search-help", class: "faint small", text: "Words begin a name; also tag:, id:, dataset:, bn:yes, and metrics as in best.test.accuracy>0.9." }),
    parts.together, parts.table, parts.more, parts.next, parts.empty);
  sync(parts, view);
  return parts;
}

function sync({ search, chips }, { values }) {
  if (document.activeElement !== search) search.value = values.q;
  for (const chip of chips) chip.setAttribute("aria-pressed", chip.dataset.status === values.status);
}

/** The heads, which sort: first the greatest, then the least, then as it was. */
function heads(row, places, view) {
  const { sort } = view.values;
  const told = [sort, ...places].join("\0");
  if (row.dataset.told === told) return;
  row.dataset.told = told;
  const turn = (by) => view.set({ sort: sort === `-${by}` ? by : sort === by ? "" : `-${by}` }, { push: true });
  const order = (by) => ({ [by]: "ascending", [`-${by}`]: "descending" })[sort] ?? "none";
  const cells = HEADS.map(([name, by]) => {
    if (!by) return name ? h("th", { scope: "col", text: name }) : h("td");
    const sign = { ascending: " ↑", descending: " ↓" }[order(by)] ?? "";
    return h("th", { scope: "col", "aria-sort": order(by) },
      h("button", { type: "button", class: "plain", text: name + sign, on: { click: () => turn(by) } }));
  });
  fill(row, cells, places.map((place) => h("th", { scope: "col", text: place })), h("th", { scope: "col", text: "Do" }));
}

/** What stands where no job does: how to begin, or that nothing fits. */
function empty(host, values, again) {
  const told = values === null ? "" : JSON.stringify(values);
  if (host.dataset.told === told) return;
  host.dataset.told = told;
  if (values === null) return fill(host);
  if (values.q || values.status) return fill(host, h("p", { text: "No job is such; the search box and the chips above say what is asked for." }));
  const train = () => send("POST", "jobs", PAPER).then(again, sayError);
  return fill(host, h("p", { text: "Nothing trains here yet. A network of the paper is one request away:" }),
    h("pre", { tabindex: "0", text: `curl --json '${JSON.stringify(PAPER)}' ${root}jobs` }),
    h("div", { class: "row" }, h("button", { type: "button", class: "main", text: "Train the paper's network", on: { click: train } }),
      h("a", { class: "button", href: "new", text: `Describe another one` })));
}

/** j and k go through the rows, x selects, Enter opens: it is the row's link that has the focus. */
function keys({ body }, rows) {
  const links = () => [...body.querySelectorAll("th a")];
  const go = (far) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    all[Math.max(0, Math.min(all.length - 1, at < 0 ? (far > 0 ? 0 : all.length - 1) : at + far))]?.focus();
  };
  const select = () => {
    const row = document.activeElement.closest("tr");
    if (row) rows.get(row.id.replace("job-", ""))?.box.click();
  };
  const acts = { j: () => go(1), k: () => go(-1), x: select };
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    acts[event.key]?.();
  });
}
