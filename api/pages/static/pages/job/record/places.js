/** Where a job was trained: the attempts, and what its bits depend on. */

import { h } from "../../../lib/dom.js";
import { clock, duration } from "../../../lib/format.js";
import { tableOf } from "../../../lib/tables.js";

export function attemptTable({ attempts }) {
  if (!attempts.length) return h("p", { class: "faint", text: "No worker has taken it yet." });
  const rows = attempts.map(({ number, worker, host, started, ended, outcome, output }) => [
    String(number), worker, host, at(started), ended && at(ended), ended && duration((Date.parse(ended) - Date.parse(started)) / 1000),
    outcome ?? "under way",
    output ? h("details", {}, h("summary", { text: "output" }), h("pre", { tabindex: "0", text: output })) : null,
  ]);
  return tableOf("Attempts", ["attempt", "worker", "host", "began", "ended", "took", "outcome", "printed"], rows);
}

const at = (time) => h("time", { datetime: time, title: `${time}, the server's own`, text: clock(time) });

export function environmentOf({ environment, bit_exact: exact, differs, engine, engine_reason: reason, device, weights_sha256: weights }) {
  const rows = Object.entries(environment ?? {}).map(([name, value]) => [
    name.replaceAll("_", " "), value !== null && typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  return h("div", {},
    h("p", { text: exact
      ? "The result is, to the bit, that of one undisturbed run in this environment."
      : `The result may differ in its bits from that of one undisturbed run: it went on where this is otherwise: ${differs.join(", ")}.` }),
    h("p", { text: `Its steps are taken by the ${engine} engine: ${reason}. ${device ? `It runs on ${device}.` : ""}` }),
    weights && h("p", { class: "users" }, "SHA-256 of the final weights: ", h("code", { class: "cut", title: weights, text: weights })),
    rows.length ? tableOf("Environment", ["what", "value"], rows) : h("p", { class: "faint", text: "No attempt has begun." }));
}
