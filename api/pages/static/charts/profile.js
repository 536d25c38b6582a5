/** A value of each layer, by depth: the first layer at the top, a point a layer, and where it was at another step. */

import { number } from "../lib/format.js";
import { drawAxes, drawRowName, line, plotOf, text } from "./axes.js";
import { extent, roomy, scale } from "./scales.js";

/** Where everything goes. */
export function layout(model, size) {
  const plot = plotOf(size, { left: size.width < 480 ? 84 : 128 });
  const kind = model.x.scale ?? "linear";
  const all = [...model.values, ...(model.before ?? [])].filter((value) => value !== null && (kind !== "log" || value > 0));
  const found = extent(all) ?? [kind === "log" ? 0.1 : 0, 1];
  const domain = kind === "log" ? [found[0] / 2, found[1] * 2] : roomy(found, 0.08);
  const height = (plot.bottom - plot.top) / Math.max(1, model.rows.length);
  return Object.freeze({ plot, x: scale(kind, domain, [plot.left, plot.right]), y: null, height });
}

/** The axis of values and the layers' names. */
export function frame(context, model, place, colours) {
  drawAxes(context, place, { x: model.x.label }, colours);
  const { plot, height } = place;
  model.rows.forEach((_, i) => {
    const y = plot.top + (i + 0.5) * height;
    line(context, [plot.left, y], [plot.right, y], colours.grid, 0.5);
    drawRowName(context, model, i, place, colours, 8);
  });
}

/** The points, joined from layer to layer; what they were before, faint; at the axis what has no place on it. */
export function marks(context, model, place, colours) {
  context.font = colours.font;
  model.values.forEach((value, i) => {
    if (value !== null && place.x.takes(value)) return;
    const sign = value === null ? "not finite or not measured" : `◂ ${number(value)}`;
    text(context, sign, place.plot.left + 6, place.plot.top + (i + 0.5) * place.height, colours.lines[0]);
  });
  if (model.before) draw(context, model.before, place, colours.faint, colours);
  draw(context, model.values, place, colours.lines[0], colours);
}

function draw(context, values, { plot, x, height }, colour) {
  const points = values.map((value, i) => (value !== null && x.takes(value) ? [x.at(value), plot.top + (i + 0.5) * height] : null));
  points.forEach((point, i) => {
    if (!point) return;
    if (points[i - 1]) line(context, points[i - 1], point, colour, 1.5);
    context.fillStyle = colour;
    context.fillRect(point[0] - 3, point[1] - 3, 6, 6);
  });
}

/** The layer at a pixel's height. */
export function at(model, { plot, height }, _pixel, y) {
  const row = Math.floor((y - plot.top) / height);
  return { x: null, row: row >= 0 && row < model.rows.length ? row : null };
}

/** A layer's value in words, or all of them. */
export const read = (model, _x, row = model.selected) =>
  row === null || row === undefined
    ? model.rows.map((name, i) => `${name} ${number(model.values[i], 3)}`).join(", ")
    : `${model.rows[row]}: ${number(model.values[row])}${model.before ? `, at first ${number(model.before[row])}` : ""}`;

/** The cursor of steps has no place here. */
export const positions = () => [];

/** The profile in a sentence. */
export function describe(model) {
  const found = extent(model.values);
  const words = found
    ? `${model.x.label} by depth: ${number(model.values[0])} in ${model.rows[0]}, ${number(model.values.at(-1))} in ${model.rows.at(-1)}.`
    : "Nothing is recorded at this step.";
  return Object.freeze({ sentence: words, domain: found, points: model.rows.length, rows: model.rows, bucketWidth: 1, marks: 0 });
}

/** The numbers, a row a layer. */
export const table = (model) => ({
  head: ["layer", model.x.label, ...(model.before ? ["at first"] : [])],
  rows: model.rows.map((name, i) => [name, model.values[i], ...(model.before ? [model.before[i]] : [])]),
});
