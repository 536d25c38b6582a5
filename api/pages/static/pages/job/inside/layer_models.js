/** The models of an opened layer's charts, from the answer about its activations. */

import { count } from "../../../lib/format.js";

/** Which charts a layer has: the statistic that it must have, and how they are drawn. */
const LINES = Object.freeze([
  { needs: "p50", name: "bands", title: "What the nonlinearity is given: median, with the band from 15th to 85th percentile",
    lines: [{ y: "p50", low: "p15", high: "p85", label: "median" }] },
  { needs: "min", name: "extremes", title: "Least value, mean and greatest value",
    lines: [{ y: "max", label: "greatest" }, { y: "mean", label: "mean" }, { y: "min", label: "least" }] },
  { needs: "saturated", name: "saturated", title: "Saturated share: where the slope is below 0.01", domain: [0, 1],
    lines: [{ y: "saturated", label: "saturated", thinned: true }] },
  { needs: "dead", name: "dead", title: "Dead share: units that give 0 for the whole mini-batch", domain: [0, 1],
    lines: [{ y: "dead", label: "dead", thinned: true }] },
  { needs: "gradient_norm", name: "weights", title: "Gradient norm, update ratio and weight norm", scale: "log",
    lines: [
      { y: "weight_norm", label: "weight norm", thinned: true },
      { y: "gradient_norm", label: "gradient norm", thinned: true },
      { y: "update_ratio", label: "update ratio", thinned: true },
    ] },
]);

/** The charts of lines that a layer has, each with the name that its file gets. */
export function lineModels(answer, layer, cursor) {
  const columns = answer.layers[layer] ?? {};
  return LINES.filter((chart) => columns[chart.needs]).map((chart) => ({
    name: chart.name,
    model: lines(chart, columns, answer, layer, cursor),
  }));
}

function lines(chart, columns, answer, layer, cursor) {
  const series = chart.lines.map((line, i) => ({
    name: line.label,
    colour: i,
    x: answer.step,
    y: columns[line.y],
    low: columns[line.thinned ? `${line.y}.min` : line.low],
    high: columns[line.thinned ? `${line.y}.max` : line.high],
    nonfinite: points(answer.nonfinite[`activations.${layer}.${line.y}`]),
  }));
  return model(chart, series, cursor, foot(answer, chart.lines.some((line) => line.thinned)));
}

/** A chart of the followed units: the band of each over the probe. */
export function unitsModel(answer, layer, cursor) {
  const units = answer.units?.[layer];
  if (!units || !answer.units.step.length) return null;
  const series = Object.entries(units).map(([unit, columns], i) => ({
    name: `unit ${unit}`,
    colour: i % 6,
    dash: Math.floor(i / 6) % 3,
    x: answer.units.step,
    y: columns.p50,
    low: columns.p15,
    high: columns.p85,
    nonfinite: points(answer.nonfinite[`units.${layer}.${unit}.p50`]),
  }));
  const title = "Single units over the probe: median, with the band from 15th to 85th percentile";
  return model({ title }, series, cursor, "The probe is a fixed set of test examples: what changes here is the network.");
}

/** The histograms as rows of a ridgeline: [{step, lo, hi, counts}]. */
export function histogramRows(answer, layer) {
  const found = answer.histograms?.[layer];
  if (!found) return [];
  return answer.histograms.step.map((step, i) => ({ step, lo: found.lo[i], hi: found.hi[i], counts: found.counts[i] }));
}

/** The ridgeline of them. */
export const ridgesModel = (rows, cursor) =>
  Object.freeze({
    kind: "ridges",
    title: "Histograms of what the nonlinearity is given, as a ridgeline",
    x: { label: "value" },
    rows,
    cursor,
    foot: `Some of ${count(rows.length)} histograms; the one at the cursor is coloured.`,
  });

/** From where to where lines reach along x. */
export function spanOf(series) {
  const ends = series.flatMap(({ x }) => (x.length ? [x[0], x.at(-1)] : []));
  return ends.length ? [Math.min(...ends), Math.max(...ends)] : [0, 1];
}

/** A model of lines over the steps. */
export function model({ title, scale = "linear", domain, label = "" }, series, cursor, foot) {
  return Object.freeze({
    kind: "lines",
    title,
    x: { label: "step", domain: spanOf(series), scale: "linear" },
    y: { label, scale, domain, clip: true },
    series,
    marks: [],
    cursor,
    foot,
  });
}

/** Runs of steps that are not finite: [[first, name, last]]; of several kinds that were joined, the first. */
export const points = (runs = []) =>
  runs.map(([first, last, kind]) => [first, typeof kind === "string" ? kind : Object.keys(kind)[0], last]);

const foot = (answer, thinned) =>
  answer.sampled
    ? `1 point = ${count(answer.bucket_width)} steps, of which it is the last${thinned ? "; band = least to greatest" : ""}.`
    : "1 point = 1 recorded step.";
