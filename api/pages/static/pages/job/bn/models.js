/** The models of charts of a diagnostic, and of batch against running statistics. */

import { number } from "../../../lib/format.js";
import { model, points } from "../inside/layer_models.js";
import { scaleOf } from "../inside/scales.js";

const MOST_LINES = 6; // more layers than that are a heat map
const FOOT = "1 point = 1 measurement, between two steps.";

/** What sampling alone makes of both gaps, at the layer where that is most; nothing where all normalization is frozen. */
export function floorSentence(layers) {
  const most = (name) => number(Math.max(...layers.map((layer) => layer.noise_floor?.[name] ?? 0)), 2);
  return most("mean_gap") === "0" ? "" : `Sampling alone makes them up to about ${most("mean_gap")} and ${most("variance_ratio")}.`;
}

/** The charts of what a diagnostic has measured: its columns, and by full name the runs that are not finite. */
export const diagnosticModels = (diagnostic, answer, nonfinite, cursor) =>
  diagnostic.charts.map((chart) => {
    if (!chart.layers) return ofNetwork(chart, answer, (y) => nonfinite[`${diagnostic.name}.${y}`], cursor);
    const { y } = chart.lines[0];
    const rows = Object.keys(answer).filter((name) => Object.hasOwn(answer[name], y));
    const values = rows.map((name) => answer[name][y]);
    const runs = (layer) => nonfinite[`${diagnostic.name}.${layer}.${y}`];
    return layersModel(chart, { steps: answer.step, rows, values, of: answer, runs }, cursor);
  });

function ofNetwork(chart, columns, runs, cursor) {
  const series = chart.lines.map(({ y, low, high, label }, colour) => ({
    name: label, colour, x: columns.step, y: columns[y], low: columns[low], high: columns[high], nonfinite: points(runs(y)),
  }));
  return model(chart, series, cursor, FOOT);
}

/** One measure of some layers: lines where they are few, else a heat map. */
export function layersModel(chart, { steps, rows, values, of = {}, runs, width }, cursor) {
  if (rows.length > MOST_LINES) return map(chart, { steps, rows, values, runs, width }, cursor);
  const { low, high } = chart.lines[0];
  const series = rows.map((name, colour) => ({
    name, colour, x: steps, y: values[colour], low: of[name]?.[low], high: of[name]?.[high], nonfinite: points(runs(name)),
  }));
  return model(chart, series, cursor, chart.foot ?? FOOT);
}

const map = (chart, { steps, rows, values, runs, width }, cursor) =>
  Object.freeze({
    kind: "heatmap",
    title: chart.title,
    x: { label: "step", steps, width: width ?? (steps.length > 1 ? steps[1] - steps[0] : 1) },
    rows,
    values,
    nonfinite: rows.map((name) => points(runs(name))),
    scale: scaleOf({ scale: chart.scale ?? "linear", label: chart.title }, values),
    cursor,
    selected: null,
    foot: chart.foot ?? FOOT,
  });
