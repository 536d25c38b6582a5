/** Histograms over steps: as ridges, one behind the other, or as a heat map whose other axis is their values. */

import { number } from "../lib/format.js";
import { drawAxes, line, plotOf, text } from "./axes.js";
import { scale } from "./scales.js";

const SHOWN = 24; // ridges that can be told apart
const HEIGHT = 3.2; // of the highest peak, in distances between two ridges
const ABOVE = 26; // pixels that the first ridge has above the plot

/** Where everything goes: the newest in front, at the bottom. */
export function layout(model, size) {
  const plot = plotOf(size, { left: 64, top: 34 });
  const rows = shown(model);
  const low = Math.min(...rows.map((row) => row.lo));
  const high = Math.max(...rows.map((row) => row.hi));
  const x = scale("linear", rows.length && high > low ? [low, high] : [0, 1], [plot.left, plot.right]);
  const gap = (plot.bottom - plot.top) / Math.max(1, rows.length);
  const peak = Math.min(gap * HEIGHT, gap + ABOVE);
  return Object.freeze({ plot, x, y: null, gap, peak, rows, most: Math.max(1e-12, ...rows.map(density).map((all) => Math.max(...all))) });
}

/** At most so many of them, the first and the last among them. */
function shown({ rows }) {
  if (rows.length <= SHOWN) return rows;
  return Array.from({ length: SHOWN }, (_, i) => rows[Math.round((i * (rows.length - 1)) / (SHOWN - 1))]);
}

/** The share of values a unit of value, so that histograms of other ranges can be compared. */
function density({ lo, hi, counts }) {
  const all = counts.reduce((sum, count) => sum + count, 0) || 1;
  const bin = (hi - lo) / counts.length || 1;
  return counts.map((count) => count / all / bin);
}

/** The axis of values, and the steps of some ridges. */
export function frame(context, model, place, colours) {
  drawAxes(context, place, { x: model.x.label }, colours);
  const every = Math.max(1, Math.ceil(14 / place.gap));
  place.rows.forEach(({ step }, i) => {
    if (i % every) return;
    text(context, number(step, 6), place.plot.left - 8, place.plot.top + (i + 1) * place.gap, colours.faint, "right");
  });
}

/** The ridges; the one at the cursor in the colour of marks. */
export function marks(context, model, { plot, x, gap, peak, rows, most }, colours) {
  const chosen = rows.findLast((row) => row.step <= (model.cursor ?? Infinity));
  rows.forEach((row, i) => {
    const base = plot.top + (i + 1) * gap;
    const bin = (row.hi - row.lo) / row.counts.length;
    const points = density(row).map((value, j) => [x.at(row.lo + (j + 0.5) * bin), base - (value / most) * peak]);
    outline(context, points, base);
    context.fillStyle = colours.paper;
    context.globalAlpha = 0.85;
    context.fill();
    context.globalAlpha = 1;
    const mine = row === chosen;
    context.strokeStyle = mine ? colours.accent : colours.faint;
    context.lineWidth = mine ? 2 : 1;
    context.stroke();
    line(context, [plot.left, base], [plot.right, base], colours.grid, 0.5);
  });
}

function outline(context, points, base) {
  context.beginPath();
  context.moveTo(points[0][0], base);
  for (const [x, y] of points) context.lineTo(x, y);
  context.lineTo(points.at(-1)[0], base);
}

/** The ridge at a pixel's height. */
export function at(_model, { plot, gap, rows }, _pixel, height) {
  const i = Math.max(0, Math.min(rows.length - 1, Math.floor((height - plot.top) / gap)));
  return { x: rows[i]?.step ?? null, row: null };
}

/** A histogram in words. */
export function read({ rows }, step) {
  const row = rows.findLast((each) => each.step <= step) ?? rows[0];
  if (!row) return "no histogram is recorded yet";
  const peak = row.counts.indexOf(Math.max(...row.counts));
  const bin = (row.hi - row.lo) / row.counts.length;
  return `step ${number(row.step, 6)}: from ${number(row.lo)} to ${number(row.hi)}, most at ${number(row.lo + (peak + 0.5) * bin)}`;
}

/** Where the cursor may stand. */
export const positions = ({ rows }) => rows.map((row) => row.step);

/** The ridges in a sentence. */
export function describe(model) {
  const { rows } = model;
  const words = rows.length
    ? `${rows.length} histograms; at first ${read(model, rows[0].step)}; at last ${read(model, rows.at(-1).step)}.`
    : "No histogram is recorded yet.";
  return Object.freeze({ sentence: words, domain: null, points: rows.length, bucketWidth: 1, marks: 0 });
}

/** The counts, a row a histogram. */
export const table = ({ rows }) => ({
  head: ["step", "least", "greatest", ...(rows[0]?.counts ?? []).map((_, i) => `bin ${i + 1}`)],
  rows: rows.map(({ step, lo, hi, counts }) => [step, lo, hi, ...counts]),
});

/** The same histograms as a heat map: all on one axis of values, `bins` wide, log(1 + count) as colour. */
export function histogramMap({ title, rows, cursor, foot }, bins = 64) {
  const low = Math.min(...rows.map((row) => row.lo));
  const high = Math.max(...rows.map((row) => row.hi));
  const width = (high - low) / bins || 1;
  const columns = rows.map((row) => spread(row, low, width, bins));
  const values = Array.from({ length: bins }, (_, i) => columns.map((column) => Math.log1p(column[i])));
  const most = Math.max(1e-9, ...values.flat());
  return Object.freeze({
    kind: "heatmap",
    title,
    x: { label: "step", steps: rows.map((row) => row.step), width: rows.length > 1 ? rows[1].step - rows[0].step : 1 },
    y: { label: "value", domain: rows.length ? [low, high > low ? high : low + 1] : [0, 1] },
    rows: values.map((_, i) => number(low + i * width, 3)),
    values,
    scale: { kind: "linear", domain: [0, most], label: "log(1 + count)" },
    cursor,
    foot,
  });
}

/** A histogram's counts on other bins, each shared out by how much of it lies in which. */
function spread({ lo, hi, counts }, low, width, bins) {
  const found = Array(bins).fill(0);
  const own = (hi - lo) / counts.length;
  counts.forEach((count, i) => {
    if (!count) return;
    const [from, to] = [(lo + i * own - low) / width, (lo + (i + 1) * own - low) / width];
    const span = to - from || 1;
    for (let bin = Math.max(0, Math.floor(from)); bin < Math.min(bins, Math.ceil(to) || 1); bin++) {
      const part = to > from ? Math.max(0, Math.min(to, bin + 1) - Math.max(from, bin)) / span : 1;
      found[bin] += count * part;
    }
  });
  return found;
}
