/** The models of the charts of a whole network: map, network, gradient by depth. */

import { count, number } from "../../../lib/format.js";
import { points } from "./layer_models.js";
import { column, valuesAt } from "./matrix.js";

/** The map of layers by steps. */
export const mapModel = (statistic, matrix, scale, { cursor, layer, live }) =>
  Object.freeze({
    kind: "heatmap",
    title: `${capital(statistic.label)} of each layer by step`,
    x: { label: "step", steps: matrix.steps, width: matrix.width },
    rows: matrix.rows,
    values: matrix.values,
    nonfinite: matrix.rows.map((name) => points(matrix.runs[name])),
    scale,
    cursor,
    selected: place(matrix.rows, layer),
    foot: [
      matrix.sampled ? `1 column = ${count(matrix.width)} steps, coloured by the last one.` : "1 column = 1 recorded step.",
      scale.hatched ? `Hatched: ${scale.kind === "log" ? "zero, which has no place on a logarithmic scale, or " : ""}not finite.` : "",
      scale.clipped ? "A few values lie beyond the scale and have its end's colour." : "",
      live ? "While it trains: renewed every 3 seconds, at most 300 columns." : "",
    ].filter(Boolean).join(" "),
  });

/** The network as its layers, coloured by the statistic at the cursor's step. */
export function networkModel(statistic, matrix, scale, network, { cursor, layer }) {
  const values = valuesAt(matrix, cursor);
  const names = network.layers.map((each) => each.name);
  return Object.freeze({
    kind: "network",
    title: `The network at step ${said(matrix, cursor)}, coloured by ${statistic.label}`,
    layers: network.layers.map((each) => {
      const row = matrix.rows.indexOf(each.name);
      const { name, kind, output } = each;
      return { name, kind, output, normalized: each.batch_norm, measured: row >= 0, value: values[row] ?? null };
    }),
    scale,
    selected: place(names, layer),
    foot: "Layers in the order in which an example passes them; one without a colour has no such statistic.",
  });
}

/** The gradient's norm by depth, and as it was first. */
export function gradientModel(matrix, { cursor, layer }) {
  const values = valuesAt(matrix, cursor);
  return Object.freeze({
    kind: "profile",
    title: `Gradient norm by depth at step ${said(matrix, cursor)}`,
    rows: matrix.rows,
    values,
    x: { label: "norm of the gradient by the layer's weights", scale: "log" },
    before: valuesAt(matrix, matrix.steps[0]),
    selected: place(matrix.rows, layer),
    foot: `${slope(matrix.rows, values)} Before: step ${count(matrix.steps[0])}, the first of this range.`,
  });
}

/** How the first layer's gradient compares to the last one's, as a sentence; empty where there is nothing to compare. */
export function slope(names, values) {
  const [first, last] = [values[0], values.at(-1)];
  if (values.length < 2 || first === null || !last) return "";
  if (first === 0) return `No gradient reaches ${names[0]}.`;
  const ratio = first / last;
  const often = number(Math.max(ratio, 1 / ratio), 2);
  const how = ratio < 0.5 ? `${often} times smaller than` : ratio > 2 ? `${often} times` : "of the same order as";
  return `The gradient of ${names[0]} is ${how} that of ${names.at(-1)}.`;
}

/** A layer in a sentence, and how many values are measured of it. */
export const layerSentence = (layer, tap) =>
  [
    `${layer.kind} from ${shape(layer.input)} to ${shape(layer.output)}`,
    layer.activation === "none" ? null : layer.activation,
    layer.batch_norm ? "batch normalization" : null,
    layer.parameters ? `${count(layer.parameters)} parameters` : "no parameters",
  ].filter(Boolean).join(", ")
  + (tap ? `. Percentiles, shares and histograms are of ${count(tap.sample)} values of each mini-batch.` : ".");

const shape = (sizes) => sizes.join(" × ");
const capital = (text) => text[0].toUpperCase() + text.slice(1);

const said = (matrix, cursor) => count(matrix.steps[column(matrix.steps, cursor)]);
const place = (names, name) => (names.includes(name) ? names.indexOf(name) : null);
