/** Lines over steps, with the band from least to greatest where values were joined, and marks for what is not finite. */

import { number } from "../lib/format.js";
import { drawAxes, drawCursor, drawMarks, drawName, LETTER, plotOf, text } from "./axes.js";
import { extent, robust, roomy, scale, strangeAt } from "./scales.js";

const DASHES = [[], [6, 4], [2, 3]];
const SIGNS = { NaN: "⊗", Infinity: "△", "-Infinity": "▽" };
const [LEAST, MOST] = [84, 140]; // pixels for names at lines' ends
const NARROW = 400; // pixels below which they have no room there
const LINE = 14; // pixels from text to text

/** Where everything goes. `outside`: how many values lie beyond what is drawn, because they would flatten the rest. */
export function layout(model, size) {
  const named = model.series.length > 1 && size.width >= NARROW;
  const room = Math.max(LEAST, Math.min(MOST, 12 + LETTER * Math.max(...model.series.map(({ name }) => name.length))));
  const plot = plotOf(size, { right: named ? room : 14 });
  const domain = domainOf(model);
  const x = scale(model.x.scale ?? "linear", xDomain(model), [plot.left, plot.right]);
  const y = scale(model.y.scale ?? "linear", domain, [plot.bottom, plot.top]);
  return Object.freeze({ plot, x, y, named, room });
}

function xDomain({ x }) {
  const [low, high] = x.domain;
  return low === high ? [low - 0.5, high + 0.5] : [x.scale === "log" ? Math.max(low, 1) : low, high];
}

function domainOf({ series, y }) {
  const kind = y.scale ?? "linear";
  const values = series.filter((each) => !each.faint).flatMap((each) => [each.y, each.low ?? [], each.high ?? []].flat());
  const taken = kind === "log" ? values.filter((value) => value > 0) : values;
  const found = y.domain ?? (y.clip ? robust(taken) : extent(taken));
  if (!found) return kind === "log" ? [0.1, 1] : [0, 1];
  if (kind === "linear") return roomy(found);
  return found[0] === found[1] ? [found[0] / 2, found[1] * 2] : found;
}

/** Axes, names of lines, marks. */
export function frame(context, model, place, colours) {
  drawAxes(context, place, { x: model.x.label }, colours);
  drawMarks(context, place, model.marks, colours);
  if (place.named) drawNames(context, model, place, colours);
}

/** The names that have no room at their lines' ends, for a line above the plot: [[name, colour]]. */
export const legend = ({ series }, { named }, colours) =>
  named || series.length < 2 ? [] : series.filter((each) => !each.faint).map(({ name, colour }) => [name, colours.lines[colour]]);

/** Each line's name at its end, moved apart where they would lie over each other. */
function drawNames(context, { series }, { plot, y, room }, colours) {
  const ends = series
    .map((each) => ({ ...each, value: each.y.findLast((value) => value !== null && y.takes(value)) }))
    .filter((each) => each.value !== undefined && !each.faint)
    .map((each) => ({ ...each, at: clamp(y.at(each.value), plot.top + 6, plot.bottom - 6) }))
    .sort((a, b) => a.at - b.at);
  const heights = apart(ends.map((each) => each.at), plot.bottom - 6);
  ends.forEach(({ name, colour }, i) => {
    drawName(context, name, room - 10, plot.right + 6, heights[i], colours.lines[colour]);
  });
}

/** Rising heights moved down until they are a line of text apart, and then up from where the last may be. */
function apart(heights, bottom) {
  let last = -Infinity;
  const moved = heights.map((height) => (last = Math.max(height, last + LINE)));
  return moved.map((height, i) => Math.min(height, bottom - (moved.length - 1 - i) * LINE));
}

/** Bands, lines, what lies outside, and the cursor. */
export function marks(context, model, place, colours) {
  for (const each of model.series) drawBand(context, each, place, colours);
  for (const each of model.series) drawLine(context, each, place, colours);
  for (const each of model.series) drawOutside(context, each, place, colours);
  drawCursor(context, place, model.cursor, colours);
}

function drawBand(context, { x: xs, low, high, colour }, { plot, x, y }, colours) {
  if (!low) return;
  context.globalAlpha = 0.22;
  context.fillStyle = colours.lines[colour];
  const height = (value) => clamp(y.takes(value) ? y.at(value) : plot.bottom, plot.top, plot.bottom);
  for (const [first, last] of runs(xs, (i) => low[i] !== null && high[i] !== null)) {
    context.beginPath();
    for (let i = first; i < last; i++) context[i === first ? "moveTo" : "lineTo"](x.at(xs[i]), height(high[i]));
    for (let i = last - 1; i >= first; i--) context.lineTo(x.at(xs[i]), height(low[i]));
    context.closePath();
    context.fill();
  }
  context.globalAlpha = 1;
}

function drawLine(context, { x: xs, y: ys, colour, dash = 0, faint }, { plot, x, y }, colours) {
  context.strokeStyle = colours.lines[colour];
  context.lineWidth = faint ? 1 : 1.5;
  context.globalAlpha = faint ? 0.35 : 1;
  context.setLineDash(DASHES[dash]);
  context.beginPath();
  for (const [first, last] of runs(xs, (i) => ys[i] !== null && y.takes(ys[i]))) {
    const height = (i) => clamp(y.at(ys[i]), plot.top - 1, plot.bottom + 1);
    for (let i = first; i < last; i++) context[i === first ? "moveTo" : "lineTo"](x.at(xs[i]), height(i));
    if (last - first === 1) dot(context, x.at(xs[first]), height(first)); // a point alone is to be seen
  }
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function dot(context, x, y) {
  context.moveTo(x - 1.2, y);
  for (const [right, down] of [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]]) context.lineTo(x + right, y + down);
}

/** What is not finite, or beyond the axis, or not positive on a logarithmic one: signs at the frame, at most one a place. */
function drawOutside(context, series, { plot, x, y }, colours) {
  context.font = colours.font;
  const taken = [];
  for (const [value, sign, high] of outside(series, y)) {
    const at = x.at(value);
    if (!(at >= plot.left - 1 && at <= plot.right + 1) || taken.some((other) => Math.abs(at - other) < 9)) continue;
    taken.push(at);
    text(context, sign, at, high ? plot.top + 6 : plot.bottom - 7, colours.lines[series.colour], "center");
  }
}

function outside({ x: xs, y: ys, nonfinite = [] }, y) {
  const [low, high] = y.domain;
  const named = nonfinite.flatMap(([first, name, last = first]) =>
    [...new Set([first, last])].map((step) => [step, SIGNS[name], name !== "-Infinity"]));
  const beyond = xs.flatMap((step, i) => {
    const value = ys[i];
    if (value === null || !Number.isFinite(value)) return [];
    if (value > high) return [[step, "▴", true]];
    return value < low ? [[step, "▾", false]] : [];
  });
  return [...named, ...beyond]; // what is not finite has its place first
}

/** Whether anything is outside of what is drawn, which the foot of a chart says. */
export const isClipped = (model, size = { width: 600, height: 200 }) => {
  const { y } = layout(model, size);
  return model.series.some((each) => outside({ ...each, nonfinite: [] }, y).length > 0);
};

/** What stands at a pixel: the value of x there. */
export const at = (model, { x }, pixel) => ({ x: nearest(model, x.back(pixel)), row: null });

/** The values of all lines at a step, in words. */
export function read(model, value) {
  const told = model.series.filter((each) => !each.faint).map((each) => spoken(each, value));
  return `${model.x.label} ${number(value, 6)}: ${told.join(", ") || "nothing"}`;
}

function spoken({ name, x: xs, y: ys, low, high, nonfinite }, value) {
  const i = indexOf(xs, value);
  if (i < 0) return `${name} –`;
  const band = low && low[i] !== high[i] ? ` (${number(low[i])} to ${number(high[i])})` : "";
  return `${name} ${(ys[i] === null && strangeAt(nonfinite, xs[i])) || number(ys[i])}${band}`;
}

/** Where the cursor may stand. */
export const positions = (model) => [...new Set(model.series.flatMap((each) => each.x))].sort((a, b) => a - b);

/** The chart in a sentence, and what tests ask of it. */
export function describe(model) {
  const told = model.series.filter((each) => !each.faint).map(sentence);
  return Object.freeze({
    sentence: told.length ? `${told.join("; ")}.` : "Nothing is recorded yet.",
    domain: model.x.domain,
    points: Math.max(0, ...model.series.map((each) => each.x.length)),
    bucketWidth: model.x.width ?? 1,
    marks: (model.marks ?? []).length,
  });
}

function sentence({ name, x: xs, y: ys, nonfinite = [] }) {
  const there = ys.flatMap((value, i) => (value !== null && Number.isFinite(value) ? [[xs[i], value]] : []));
  const strange = nonfinite.length ? `, ${nonfinite.length} not finite` : "";
  if (!there.length) return `${name} has no finite value${strange}`;
  const [first, last] = [there[0], there.at(-1)];
  const least = there.reduce((a, b) => (b[1] < a[1] ? b : a));
  const greatest = there.reduce((a, b) => (b[1] > a[1] ? b : a));
  if (least[1] === greatest[1]) return `${name} is ${number(first[1])} throughout${strange}`;
  const verb = last[1] < first[1] ? "falls" : "rises";
  const extremes = `least ${number(least[1])} at ${number(least[0], 6)}, greatest ${number(greatest[1])} at ${number(greatest[0], 6)}`;
  return `${name} ${verb} from ${number(first[1])} to ${number(last[1])}; ${extremes}${strange}`;
}

/** The numbers, a row a step: lines of other steps leave theirs empty; what is not finite is there by its name. */
export function table(model) {
  const shown = model.series.filter((each) => !each.faint);
  const columns = shown.flatMap((each) => [
    [each.name, each.y, each, each.nonfinite ?? []],
    ...(each.low ? [[`${each.name}, least`, each.low, each], [`${each.name}, greatest`, each.high, each]] : []),
  ]);
  const places = new Map(shown.map((each) => [each, new Map(each.x.map((step, i) => [step, i]))]));
  const ends = shown.flatMap(({ nonfinite = [] }) => nonfinite.flatMap(([first, , last = first]) => [first, last]));
  const steps = [...new Set([...positions(model), ...ends])].sort((a, b) => a - b);
  const cell = (step) => ([, values, each, runs]) => values[places.get(each).get(step)] ?? strangeAt(runs, step);
  return { head: [model.x.label, ...columns.map(([name]) => name)], rows: steps.map((step) => [step, ...columns.map(cell(step))]) };
}

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

function nearest(model, value) {
  const all = positions(model);
  if (!all.length) return null;
  const i = lower(all, value);
  return i > 0 && (i === all.length || value - all[i - 1] < all[i] - value) ? all[i - 1] : all[i];
}

/** The first index whose value is not less. */
function lower(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The row that holds at a value: the last one until then. */
function indexOf(xs, value) {
  const i = lower(xs, value);
  return xs[i] === value ? i : i - 1;
}

/** Stretches of indices at which something holds, as [first, behind the last]. */
function runs(xs, holds) {
  const found = [];
  let first = -1;
  for (let i = 0; i <= xs.length; i++) {
    const held = i < xs.length && holds(i);
    if (held && first < 0) first = i;
    if (!held && first >= 0) {
      found.push([first, i]);
      first = -1;
    }
  }
  return found;
}
