/** Heat maps: layers over steps, or the values of a layer over steps, of which each cell is a colour. */

import { number } from "../lib/format.js";
import { drawAxes, drawCursor, drawRowName, fitted, line, plotOf, text } from "./axes.js";
import { mapped, named, onColour, place as placed } from "./palette.js";
import { scale, strangeAt } from "./scales.js";

const LEGEND = 26; // pixels above the plot
const STRIPE = 5; // pixels from stripe to stripe of a hatch

/** Where everything goes: rows from top to bottom, or an axis of values where the model has `y`. */
export function layout(model, size) {
  const narrow = size.width < 480;
  const left = model.y ? 56 : narrow ? 84 : 128;
  const plot = plotOf(size, { left, top: LEGEND + 10, right: 14 });
  const { steps, width = 1 } = model.x;
  const last = steps.length ? steps.at(-1) + Math.max(width, 1) : 1;
  const x = scale("linear", [steps[0] ?? 0, last], [plot.left, plot.right]);
  const y = model.y ? scale("linear", model.y.domain, [plot.bottom, plot.top]) : null;
  const height = (plot.bottom - plot.top) / Math.max(1, model.values.length);
  return Object.freeze({ plot, x, y, height, strip: model.y ? 0 : 18 });
}

/** Axes, the rows' names with the colour at the cursor beside them, the legend. */
export function frame(context, model, place, colours) {
  drawAxes(context, place, { x: model.x.label }, colours);
  if (!model.y) drawRows(context, model, place, colours);
  drawLegend(context, model, place, colours);
}

function drawRows(context, model, place, colours) {
  const { plot, height, strip } = place;
  const column = columnAt(model, model.cursor ?? Infinity);
  model.rows.forEach((_, row) => {
    const top = plot.top + row * height;
    const value = column < 0 ? null : model.values[row][column];
    context.fillStyle = colourOf(model.scale, value) ?? colours.grid;
    context.fillRect(plot.left - strip, top + 0.5, strip - 4, Math.max(1, height - 1));
    drawRowName(context, model, row, place, colours, strip + 6);
  });
}

function drawSelected(context, { selected }, { plot, height }, colours) {
  if (selected === null || selected === undefined) return;
  const top = plot.top + selected * height;
  for (const y of [top, top + height]) line(context, [plot.left, y], [plot.right, y], colours.ink, 1.5);
}

/** What colours mean, in numbers. */
function drawLegend(context, { scale: { kind, domain, label } }, { plot }, colours) {
  const [low, high] = domain.map((value) => number(value, 3));
  const width = Math.min(140, (plot.right - plot.left) / 3);
  const right = plot.right - high.length * 7 - 6;
  for (let i = 0; i < 40; i++) {
    context.fillStyle = named(mapped(kind, i / 39));
    context.fillRect(right - width + (i * width) / 40, 4, width / 40 + 0.5, 12);
  }
  text(context, low, right - width - 6, 10, colours.faint, "right");
  text(context, high, right + 6, 10, colours.faint);
  const room = right - width - low.length * 7 - 16;
  text(context, fitted(`${label}${kind === "log" ? ", logarithmic" : ""}`, room), 4, 10, colours.faint);
}

/** The cells, as an image with a row of pixels each that is stretched; what has no colour hatched; and the cursor. */
export function marks(context, model, place, colours) {
  const { plot } = place;
  if (model.x.steps.length && model.values.length) {
    context.imageSmoothingEnabled = false;
    context.drawImage(picture(model, columnsOf(model, place)), plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top);
    drawHatch(context, model, place, colours);
  }
  drawSelected(context, model, place, colours);
  drawCursor(context, place, model.cursor, colours);
}

/** The column of each half of a pixel: a column is as wide as the steps are that it holds for, which may differ. */
const columnsOf = (model, { plot, x }) =>
  Uint32Array.from({ length: Math.ceil(2 * (plot.right - plot.left)) }, (_, i) => columnAt(model, x.back(plot.left + (i + 0.5) / 2)));

function picture({ values, scale: colour, y }, columns) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns.length, values.length];
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns.length, values.length);
  const pixels = new Uint32Array(image.data.buffer);
  const table = Uint32Array.from({ length: 256 }, (_, i) => packed(mapped(colour.kind, i / 255)));
  values.forEach((row, i) => {
    const line = (y ? values.length - 1 - i : i) * columns.length; // an axis of values rises
    const cells = row.map((value) => {
      const part = placed(colour, value);
      return part === null ? 0 : table[Math.max(0, Math.min(255, Math.round(part * 255)))];
    });
    columns.forEach((column, pixel) => {
      pixels[line + pixel] = cells[column];
    });
  });
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Slanted stripes on paper where a cell has no place on the scale: not a colour, which could be taken for a value. */
function drawHatch(context, model, { plot, x, height }, colours) {
  const areas = model.values.flatMap((row, i) => {
    const top = plot.top + (model.y ? model.values.length - 1 - i : i) * height;
    return bare(model, row).map(([first, last]) => {
      const right = last < row.length ? x.at(model.x.steps[last]) : plot.right;
      return [x.at(model.x.steps[first]), top, Math.max(right, x.at(model.x.steps[first]) + 1), top + height];
    });
  });
  context.fillStyle = colours.paper;
  for (const [left, top, right, bottom] of areas) context.fillRect(left, top, right - left, bottom - top);
  context.strokeStyle = colours.ink;
  context.lineWidth = 1;
  context.beginPath();
  for (const area of areas) stripes(context, area);
  if (areas.length) context.stroke();
}

/** Along x + y = constant, so that stripes go on from cell to cell; at least one an area. */
function stripes(context, [left, top, right, bottom]) {
  const first = Math.ceil((left + top) / STRIPE) * STRIPE;
  const sums = first < right + bottom ? first : (left + top + right + bottom) / 2;
  for (let sum = sums; sum < right + bottom; sum += STRIPE) {
    context.moveTo(Math.max(left, sum - bottom), Math.min(bottom, sum - left));
    context.lineTo(Math.min(right, sum - top), Math.max(top, sum - right));
  }
}

/** Stretches of columns whose cells have no colour, as [first, behind the last]. */
function bare({ scale: colour }, row) {
  const starts = row.map((value) => placed(colour, value) === null);
  return starts.flatMap((none, i) => {
    if (!none || starts[i - 1]) return [];
    const end = starts.indexOf(false, i);
    return [[i, end < 0 ? row.length : end]];
  });
}

/** As pixels are kept: alpha, blue, green, red. */
const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** The colour of a value on a scale; null: it has none. */
export function colourOf(colour, value) {
  const part = placed(colour, value);
  return part === null ? null : named(mapped(colour.kind, part));
}

/** What can be read on the colour of a value. */
export function inkOn(colour, value) {
  const part = placed(colour, value);
  return part === null ? null : onColour(mapped(colour.kind, part));
}

/** The column that holds at a step: the last one until then; -1 where there is none. */
export function columnAt({ x: { steps } }, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, steps.length ? 0 : -1);
}

/** The step and the row at a pixel. */
export function at(model, place, pixel, height) {
  const column = columnAt(model, place.x.back(pixel));
  const part = (height - place.plot.top) / (place.plot.bottom - place.plot.top);
  const row = model.y || part < 0 || part >= 1 ? null : Math.floor(part * model.values.length);
  return { x: column < 0 ? null : model.x.steps[column], row };
}

/** The values at a step, in words: of the selected row, or the least and greatest. */
export function read(model, step, row = model.selected) {
  const column = columnAt(model, step);
  if (column < 0) return "nothing is recorded yet";
  const head = `${model.x.label} ${number(model.x.steps[column], 6)}`;
  if (model.y) return `${head}: ${spoken(model, column)}`;
  if (row !== null && row !== undefined) return `${head}, ${model.rows[row]}: ${number(model.values[row][column])}`;
  return `${head}: ${model.rows.map((name, i) => `${name} ${number(model.values[i][column], 3)}`).join(", ")}`;
}

function spoken({ y, values }, column) {
  const filled = values.flatMap((row, i) => (row[column] > 0 ? [i] : []));
  if (!filled.length) return "empty";
  const bin = (y.domain[1] - y.domain[0]) / values.length;
  return `values from ${number(y.domain[0] + filled[0] * bin, 3)} to ${number(y.domain[0] + (filled.at(-1) + 1) * bin, 3)}`;
}

/** Where the cursor may stand. */
export const positions = (model) => model.x.steps;

/** The map in a sentence, and what tests ask of it. */
export function describe(model) {
  const cells = model.values.flat();
  const finite = cells.filter((value) => value !== null);
  const strange = cells.length - finite.length;
  const rows = model.y ? "a layer's values" : `${model.values.length} rows`;
  const { steps, label } = model.x;
  const span = steps.length ? `${label} ${number(steps[0], 6)} to ${number(steps.at(-1), 6)}` : "nothing yet";
  return Object.freeze({
    sentence: `${model.scale.label} of ${rows} over ${span}, from ${number(model.scale.domain[0], 3)} to ${number(
      model.scale.domain[1], 3)}${strange ? `; ${strange} cells have no finite value` : ""}.`,
    domain: steps.length ? [steps[0], steps.at(-1)] : null,
    points: steps.length,
    rows: model.rows,
    bucketWidth: model.x.width ?? 1,
    marks: strange,
  });
}

/** The numbers, a row a step; what is not finite by its name. `nonfinite`: by row the runs, [[first, name, last]]. */
export function table(model) {
  const names = model.rows ?? model.values.map((_, i) => number(model.y.domain[0] + i, 3));
  const cell = (step, i) => (row, layer) => row[i] ?? strangeAt(model.nonfinite?.[layer], step);
  return { head: [model.x.label, ...names], rows: model.x.steps.map((step, i) => [step, ...model.values.map(cell(step, i))]) };
}
