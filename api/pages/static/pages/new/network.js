/** What a document would run: its layers with shapes and counts, what is measured, and what should be looked at again. */

import { fill, h } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { tableOf } from "../../lib/tables.js";

const HEADS = ["layer", "kind", "input", "output", "activation", "BN", "parameters", "multiply-adds", "measured"];

/** Show it in `host`. */
export function showNetwork(host, checked) {
  const taps = new Set(checked.taps.map(({ layer }) => layer));
  const rows = checked.layers.map((layer) => [
    layer.name, layer.kind, layer.input.join("×"), layer.output.join("×"), layer.activation, layer.batch_norm ? "yes" : "no",
    count(layer.parameters), count(layer.multiply_adds), taps.has(layer.name) ? "activations" : "",
  ]);
  const total = `${plural(checked.layers.length, "layer")}, ${plural(checked.parameters, "parameter")}, ${count(
    checked.multiply_adds)} multiply-adds for an example.`;
  const engine = `${checked.engine === "compiled" ? "Compiled" : "Eager"} engine: ${checked.engine_reason}.`;
  fill(host,
    checked.warnings.map((text) => h("p", { class: "warn", text })),
    h("p", { text: total }),
    h("p", { class: "faint small", text: engine }),
    tableOf("Layers", HEADS, rows));
}
