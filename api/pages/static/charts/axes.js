/** The frame of a chart: where the plot is, the axes with their ticks and names, the cursor, and marks along x. */

import { number } from "../lib/format.js";
import { ticks } from "./scales.js";

export const LETTER = 7; // pixels of a letter, about
const ROW = 14; // pixels from a mark's word down to its neighbour's

/** The rectangle that data are drawn in. `right`: room for names at the ends of lines. */
export function plotOf({ width, height }, { left = 56, right = 12, top = 10, bottom = 38 } = {}) {
  return Object.freeze({ left, top, right: Math.max(left + 10, width - right), bottom: Math.max(top + 10, height - bottom) });
}

/** Grid, ticks and names of both axes. */
export function drawAxes(context, { plot, x, y }, names, colours) {
  context.font = colours.font;
  const wide = Math.max(2, Math.floor((plot.right - plot.left) / 90));
  const along = ticks(x, wide);
  for (const value of along) {
    const at = x.at(value);
    if (at < plot.left - 1 || at > plot.right + 1) continue;
    line(context, [at, plot.bottom], [at, plot.bottom + 4], colours.faint);
    text(context, told(value, along), at, plot.bottom + 7, colours.faint, "center", "top");
  }
  if (y) drawRows(context, { plot, y }, colours);
  line(context, [plot.left, plot.bottom], [plot.right, plot.bottom], colours.faint);
  text(context, names.x, plot.right, plot.bottom + 23, colours.faint, "right", "top");
}

function drawRows(context, { plot, y }, colours) {
  const up = ticks(y, Math.max(2, Math.floor((plot.bottom - plot.top) / 40)));
  for (const value of up) {
    const at = y.at(value);
    if (at < plot.top - 1 || at > plot.bottom + 1) continue;
    line(context, [plot.left, at], [plot.right, at], colours.grid);
    text(context, told(value, up), plot.left - 6, at, colours.faint, "right", "middle");
  }
}

/** A tick in as many digits as tell it from the others. */
const told = (value, all) =>
  number(value, [4, 5, 6, 7, 8].find((digits) => new Set(all.map((each) => number(each, digits))).size === all.length) ?? 9);

/** The step cursor. */
export function drawCursor(context, { plot, x }, value, colours) {
  if (value === null || value === undefined || !x.takes(value)) return;
  const at = x.at(value);
  if (at >= plot.left - 0.5 && at <= plot.right + 0.5) line(context, [at, plot.top], [at, plot.bottom], colours.accent);
}

/** Marks along x, such as resumptions: a dashed line with a word at its top, every other one lower. */
export function drawMarks(context, { plot, x }, marks, colours) {
  for (const [i, { x: value, label }] of (marks ?? []).entries()) {
    const at = x.at(value);
    if (!(at >= plot.left && at <= plot.right)) continue;
    context.setLineDash([2, 3]);
    line(context, [at, plot.top], [at, plot.bottom], colours.faint);
    context.setLineDash([]);
    const isLeft = at < (plot.left + plot.right) / 2;
    text(context, label, at + (isLeft ? 3 : -3), plot.top + ROW * (i % 2), colours.faint, isLeft ? "left" : "right", "top");
  }
}

/** A straight line. */
export function line(context, [x1, y1], [x2, y2], colour, width = 1) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** A text beside, above or in the middle of a point. */
export function text(context, words, x, y, colour, align = "left", baseline = "middle") {
  context.fillStyle = colour;
  context.textAlign = align;
  context.textBaseline = baseline;
  context.fillText(words, x, y);
}

/** Words, cut so that they fit into so many pixels. */
export function fitted(words, pixels) {
  const letters = Math.max(3, Math.floor(pixels / LETTER));
  return words.length > letters ? `${words.slice(0, letters - 1)}…` : words;
}

/** A name in so many pixels: cut in its middle, for layers' names begin alike; the whole is the tooltip of what is cut. */
export function drawName(context, whole, pixels, ...where) {
  const letters = Math.max(3, Math.floor(pixels / LETTER));
  const first = Math.floor(letters / 2);
  const isCut = whole.length > letters;
  context.tooltip = isCut && whole; // a canvas makes nothing of it
  text(context, isCut ? `${whole.slice(0, first)}…${whole.slice(first + 1 - letters)}` : whole, ...where);
  context.tooltip = false;
}

/** The name of a row beside the plot, unless rows are so low that names would lie over each other; the selected one in any case. */
export function drawRowName(context, { rows, selected }, row, { plot, height }, colours, gap) {
  if (row % Math.max(1, Math.ceil(13 / height)) && row !== selected) return;
  const [right, ink] = [plot.left - gap, row === selected ? colours.ink : colours.faint];
  drawName(context, rows[row], right - 2, right, plot.top + (row + 0.5) * height, ink, "right");
}
