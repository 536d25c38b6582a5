/** What stands around the rows of the list: search, chips, heads, what is said where no job is, and the keys. */

import { root, send } from "../../lib/api.js";
import { fill, h, isNew, one, say as put } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { onKeys, sayError } from "../../lib/shell.js";
import { STATUSES, statusOf } from "../words.js";
import { searched } from "./asked.js";
import { HEADS } from "./row.js";

const TYPED = 50; // milliseconds after the last letter
const PAPER = { architecture: "mlp", batch_norm: true };

/** The parts of the page; `count` shows on the chips how many jobs there are by status, null: nobody knows. */
export function build(view) {
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
  const search = h("input", { type: "search", "aria-label": "Search jobs", "aria-describedby": "search-help search-told",
    on: { input: typed }, placeholder: "name, tag:demo, test.accuracy>0.9", size: "34" });
  const chips = ["", ...STATUSES].map((status) =>
    h("button", { type: "button", "data-status": status, on: { click: () => choose(status) } },
      status ? `${statusOf(status).sign} ${status} ` : "all ", h("span")));
  const show = (counts) => {
    const all = counts && Object.values(counts).reduce((sum, each) => sum + each, 0);
    for (const chip of chips) put(chip.lastChild, counts ? count(counts[chip.dataset.status] ?? all) : "");
  };
  const parts = { search, chips, count: show, head: h("tr"), body: h("tbody"), empty: h("div"), more: h("p", { class: "faint small" }),
    told: h("p", { id: "search-told", class: "bad small", "aria-live": "polite" }),
    together: h("div", { class: "row", role: "group", "aria-label": "Selected jobs" }),
    next: h("button", { type: "button", hidden: true, text: "More jobs" }) };
  parts.table = h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Jobs", hidden: true },
    h("table", { class: "jobs blocks" }, h("thead", {}, parts.head), parts.body));
  fill(one("#page"), h("div", { class: "row" }, search, h("div", { class: "row", role: "group", "aria-label": "Status" }, chips)),
    parts.told,
    h("p", { id: "search-help", class: "faint small", text: "Words begin a name; also tag:, id:, dataset:, bn:yes, and metrics as in best.test.accuracy>0.9." }),
    parts.together, parts.table, parts.more, parts.next, parts.empty);
  sync(parts, view);
  return parts;
}

/** Show the view as it is asked for, and which of its words make no sense. */
export function sync(parts, { values }) {
  const { search, chips } = parts;
  if (document.activeElement !== search) search.value = values.q;
  for (const chip of chips) chip.setAttribute("aria-pressed", chip.dataset.status === values.status);
  const { unknown } = searched(values.q);
  tell(parts, unknown.length ? `Not understood, and ignored: ${unknown.join(", ")}. With name: before it, any word begins a name.` : "");
}

/** Say under the search what is wrong with it. */
export function tell({ search, told }, wrong) {
  put(told, wrong);
  search.setAttribute("aria-invalid", wrong !== "");
}

/** The heads, which sort: first the greatest, then the least, then as it was. */
export function heads(row, places, view) {
  const { sort } = view.values;
  if (!isNew(row, [sort, ...places].join("\0"))) return;
  const turn = (by) => view.set({ sort: sort === `-${by}` ? by : sort === by ? "" : `-${by}` }, { push: true });
  const order = (by) => ({ [by]: "ascending", [`-${by}`]: "descending" })[sort] ?? "none";
  const cells = HEADS.map(([name, by]) => {
    if (!by) return name ? h("th", { scope: "col", text: name }) : h("td");
    const sign = { ascending: " ↑", descending: " ↓" }[order(by)] ?? "";
    return h("th", { scope: "col", "aria-sort": order(by) },
      h("button", { type: "button", id: `by-${by}`, class: "plain", text: name + sign, on: { click: () => turn(by) } }));
  });
  fill(row, cells, places.map((place) => h("th", { scope: "col", class: "place" }, broken(place))), h("th", { scope: "col", text: "Do" }));
}

/** A place in a document, which may go on in another line behind each of its dots. */
const broken = (place) => place.split(/(?<=\.)/).flatMap((part) => [part, h("wbr")]);

/** What stands where no job does: how to begin, or that nothing fits. */
export function empty(host, values, again) {
  if (!isNew(host, JSON.stringify(values))) return;
  if (values === null) return fill(host);
  if (values.q || values.status) return fill(host, h("p", { text: "No job is such: search and chips say what is asked for." }));
  const train = () => send("POST", "jobs", PAPER).then(again, sayError);
  return fill(host, h("p", { text: "Nothing trains here yet. A network of the paper is one request away:" }),
    h("pre", { tabindex: "0", text: `curl --json '${JSON.stringify(PAPER)}' ${root}jobs` }),
    h("div", { class: "row" }, h("button", { type: "button", class: "main", text: "Train the paper's network", on: { click: train } }),
      h("a", { class: "button", href: "new", text: "Describe another one" })));
}

/** j and k go through the rows, x selects, Enter opens: it is the row's link that has the focus. */
export function keys({ body }, rows) {
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
  onKeys({ j: () => go(1), k: () => go(-1), x: select });
}
