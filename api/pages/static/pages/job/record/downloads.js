/** The files that the API makes of a job's series, and whether every stored byte is as it was written. */

import { get, root } from "../../../lib/api.js";
import { h, say } from "../../../lib/dom.js";
import { bytes, plural } from "../../../lib/format.js";
import { sayError } from "../../../lib/shell.js";

/** By route the tables that a document has recorded: [what they are, route, names]. */
export function tablesOf({ recording: { activations_every: activations, histograms_every: histograms, units, diagnostics } }) {
  const inside = [activations && "activations", units && "units", histograms && "histograms"].filter(Boolean);
  return [
    ["Metrics", "metrics", ["train", "test"]],
    ["Inside the network", "activations", inside],
    ["Diagnostics", "diagnostics", diagnostics.map(({ name }) => name)],
  ].filter(([, , names]) => names.length);
}

export function downloads({ id, spec }) {
  const link = (route, table, format) => h("a", {
    href: `${root}jobs/${id}/${route}?format=${format}&table=${table}`, download: `${id}-${table}.${format}`, text: `${table}.${format}` });
  const lines = tablesOf(spec).map(([title, route, names]) => h("p", { class: "row" }, `${title}:`,
    names.flatMap((name) => ["csv", "parquet"].map((format) => link(route, name, format)))));
  return h("div", {},
    h("p", { text: "Every row that is recorded so far." }),
    lines, verification(id));
}

function verification(id) {
  const result = h("p", { role: "status" });
  const button = h("button", { type: "button", text: "Verify what is stored", on: { click: verify } });
  async function verify() {
    button.disabled = true;
    say(result, "Every byte that is stored of it is being read.");
    try {
      say(result, verdict((await get(`jobs/${id}?verify=true`)).verification));
    } catch (error) {
      say(result, "");
      sayError(error);
    } finally {
      button.disabled = false;
    }
  }
  return h("div", {}, h("p", {}, button), result);
}

/** What a reading of all that is stored of a job has found, in a sentence. */
export function verdict({ objects, bytes: size, damaged, complete }) {
  const wrong = damaged.map(({ key, reason }) => `${key}: ${reason}`);
  const missing = Object.keys(complete).filter((table) => !complete[table]);
  const rows = missing.length ? ` Rows are not there yet, or missing, in ${missing.join(", ")}.` : " Every row is there.";
  const read = `${plural(objects, "object")} of ${bytes(size)} read; `;
  return `${read}${wrong.length ? `damaged: ${wrong.join("; ")}.` : "all as they were written."}${rows}`;
}
