/** What is kept of a job beside its series: document, attempts, events, environment, files. */

import { get, path, root, requests, send } from "../../lib/api.js";
import { fill, h, say } from "../../lib/dom.js";
import { clock, duration } from "../../lib/format.js";
import { sayError } from "../../lib/shell.js";
import { differences } from "./documents.js";

const EVENTS = 500; // of one request
const FILES = [
  ["Metrics of each step", "metrics", ["train", "test"]],
  ["Activations of each step", "activations", ["activations", "units", "histograms"]],
];

/** Make the sections. `resumed(steps)` is told where attempts went on. Returns {job, log, ready}. */
export function record(host, { id, view }, { resumed }) {
  const parts = Object.fromEntries(["document", "attempts", "events", "environment", "downloads"].map((name) => [name, h("div")]));
  const titles = { document: "Document", attempts: "Attempts", events: "Events and log", environment: "Environment", downloads: "Downloads" };
  fill(host, h("h2", { text: "Record" }), Object.entries(parts).map(([name, part]) => fold(name, titles[name], part, view)));
  let [events, reading, isShown] = [[], null, false];

  /** What is new since the last event that is known. */
  async function more() {
    const answer = await get(path(`jobs/${id}/events`, { after: events.at(-1)?.number, limit: EVENTS }));
    events = [...events, ...answer.events];
    fill(parts.events, eventTable(events));
    resumed(events.filter(({ type, data }) => type === "resumed" && data.step !== undefined).map(({ data }) => data.step));
    if (answer.next !== null && answer.events.length === EVENTS) await more();
  }
  const read = () => (reading ??= more().catch(sayError).finally(() => (reading = null)));

  return Object.freeze({
    ready: read(),
    log: read,
    job(job) {
      fill(parts.attempts, attemptTable(job.attempts));
      fill(parts.environment, environmentOf(job));
      if (isShown) return;
      isShown = true;
      fill(parts.downloads, downloads(id, job));
      documentOf(parts.document, job).catch(sayError);
    },
  });
}

/** A fold whose state is in the address. */
function fold(name, title, part, view) {
  const made = h("details", { open: view.values.open.includes(name), id: `record-${name}` }, h("summary", {}, h("strong", { text: title })), part);
  made.addEventListener("toggle", () => {
    const others = view.values.open.filter((each) => each !== name);
    const open = made.open ? [...others, name] : others;
    if (open.join() !== view.values.open.join()) view.set({ open });
  });
  return made;
}

/** The document: first what it says otherwise than the defaults, which are asked for when it is opened. */
async function documentOf(part, { id, spec }) {
  const otherwise = h("div");
  const whole = h("pre", { tabindex: "0", text: JSON.stringify(spec, null, 2) });
  const line = requests(`jobs/${id}`).curl;
  fill(part, otherwise, h("details", {}, h("summary", { text: "The whole document" }), whole),
    h("p", { class: "small" }, "Posted again, it gives the same series: ", h("code", { text: `${line} | jq .spec` })));
  const opened = new Promise((resolve) => {
    const box = part.closest("details");
    if (box.open) resolve();
    else box.addEventListener("toggle", resolve, { once: true });
  });
  await opened;
  const { spec: plain } = await send("POST", "jobs/validate", {});
  const found = differences(plain, spec);
  const row = ({ place, usual, own }) => h("tr", {}, h("td", { text: place }), h("td", { class: "users", text: own }), h("td", { class: "faint", text: usual }));
  fill(otherwise, found.length
    ? h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "What differs from the defaults" },
      h("table", {}, headOf(["what differs", "here", "by default"]), h("tbody", {}, found.map(row))))
    : h("p", { text: "Everything is as it is by default." }));
}

const headOf = (names) => h("thead", {}, h("tr", {}, names.map((text) => h("th", { scope: "col", text }))));

function tableOf(label, names, rows) {
  const line = (cells) => h("tr", {}, cells.map((cell) => h("td", { class: "users" }, cell ?? "–")));
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label },
    h("table", {}, headOf(names), h("tbody", {}, rows.map(line))));
}

function attemptTable(attempts) {
  if (!attempts.length) return h("p", { class: "faint", text: "No worker has taken it yet." });
  const rows = attempts.map((each) => [
    String(each.number), each.worker, each.host, clock(each.started), each.ended && clock(each.ended), each.outcome ?? "under way",
    each.output ? h("details", {}, h("summary", { text: "output" }), h("pre", { tabindex: "0", text: each.output })) : null,
  ]);
  return tableOf("Attempts", ["attempt", "worker", "host", "began", "ended", "outcome", "printed"], rows);
}

function eventTable(events) {
  const rows = events.toReversed().map((each) => [
    h("time", { datetime: each.time, title: each.time, text: clock(each.time) }), each.type,
    h("span", { class: { warning: "warn", error: "bad" }[each.level], text: each.level }), each.by,
    each.type === "output" ? h("pre", { tabindex: "0", text: each.message }) : each.message,
  ]);
  return tableOf("Events", ["time", "type", "level", "by", "message"], rows);
}

function environmentOf({ environment, bit_exact: exact, differs, engine, engine_reason: reason, device }) {
  const told = exact
    ? "The result is, to the bit, that of one undisturbed run in this environment."
    : `It went on after interruptions in an environment that differs in ${differs.join(", ")}.`;
  const rows = Object.entries(environment ?? {}).map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
  return h("div", {}, h("p", { text: told }), h("p", { text: `Engine ${engine}: ${reason}. Device: ${device ?? "none yet"}.` }),
    rows.length ? tableOf("Environment", ["what", "value"], rows) : h("p", { class: "faint", text: "It has not begun." }));
}

function downloads(id, { spec }) {
  const link = (base, table, format) =>
    h("a", { href: `${root}jobs/${id}/${base}?format=${format}&table=${table}`, download: `${id}-${table}.${format}`, text: `${table}.${format}` });
  const diagnostics = spec.recording.diagnostics.map(({ name }) => name);
  const rows = [...FILES, ...(diagnostics.length ? [["Diagnostics", "diagnostics", diagnostics]] : [])];
  const result = h("p", { role: "status" });
  const verify = async () => {
    say(result, "Reading everything that is stored of it …");
    const begun = performance.now();
    const { verification: found } = await get(`jobs/${id}?verify=true`).catch((error) => (sayError(error), {}));
    if (found) say(result, verdict(found, (performance.now() - begun) / 1000));
  };
  return h("div", {},
    rows.map(([title, base, tables]) => h("p", {}, `${title}: `, tables.flatMap((table) =>
      ["csv", "parquet"].flatMap((format) => [link(base, table, format), " "])))),
    h("p", {}, h("button", { type: "button", text: "Verify what is stored", on: { click: verify } })), result);
}

function verdict({ objects, bytes, damaged }, seconds) {
  const read = `${objects} objects, ${bytes} bytes read in ${duration(seconds)}`;
  return damaged.length ? `${read}; damaged: ${damaged.map(({ key, reason }) => `${key} (${reason})`).join(", ")}.` : `${read}; all as it was written.`;
}
