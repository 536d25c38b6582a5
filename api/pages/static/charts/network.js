/** A network as its layers, in the order in which examples go through them, each in the colour of a value. */

import { number } from "../lib/format.js";
import { drawName, fitted, line, text } from "./axes.js";
import { colourOf, inkOn } from "./heatmap.js";

const BOX = { width: 104, height: 46, gap: 22 };
const NO_AXIS = Object.freeze({ takes: () => false, at: () => 0, back: () => null });

/** The boxes, row by row. */
export function layout(model, { width }) {
  const wide = inRow(width);
  const boxes = model.layers.map((_, i) => ({
    left: 2 + (i % wide) * (BOX.width + BOX.gap),
    top: 6 + Math.floor(i / wide) * (BOX.height + BOX.gap),
  }));
  return Object.freeze({ boxes, x: NO_AXIS, y: null, plot: { left: 0, top: 0, right: width, bottom: heightFor(model, width) } });
}

const inRow = (width) => Math.max(1, Math.floor((width - 4 + BOX.gap) / (BOX.width + BOX.gap)));

/** How high it has to be to hold all layers at a width. */
export function heightFor(model, width) {
  return 12 + Math.ceil(model.layers.length / inRow(width)) * (BOX.height + BOX.gap) - BOX.gap;
}

/** The way from layer to layer. */
export function frame(context, _model, { boxes }, colours) {
  boxes.slice(1).forEach((to, i) => {
    const from = boxes[i];
    const [x, y] = [from.left + BOX.width, from.top + BOX.height / 2];
    if (to.top === from.top) line(context, [x, y], [to.left, y], colours.faint);
    else {
      line(context, [x, y], [x + 8, y], colours.faint);
      line(context, [x + 8, y], [x + 8, from.top + BOX.height + BOX.gap / 2], colours.faint);
      line(context, [x + 8, to.top - BOX.gap / 2], [to.left + 12, to.top - BOX.gap / 2], colours.faint);
      line(context, [to.left + 12, to.top - BOX.gap / 2], [to.left + 12, to.top], colours.faint);
    }
  });
}

/** The boxes with name, kind and value; an underline where a layer is normalized. */
export function marks(context, model, { boxes }, colours) {
  context.font = colours.font;
  model.layers.forEach((layer, i) => {
    const { left, top } = boxes[i];
    const fill = colourOf(model.scale, layer.value);
    const ink = inkOn(model.scale, layer.value) ?? colours.ink;
    context.fillStyle = fill ?? colours.grid;
    context.fillRect(left, top, BOX.width, BOX.height);
    drawName(context, layer.name, BOX.width - 10, left + 6, top + 12, ink);
    text(context, fitted(`${layer.kind} ${layer.output.join("×")}`, BOX.width - 6), left + 6, top + 26, ink);
    text(context, told(layer, 3), left + 6, top + 39, ink);
    if (layer.normalized) text(context, "BN", left + BOX.width - 6, top + 39, ink, "right");
    if (i === model.selected) outline(context, left, top, colours.ink);
  });
}

function outline(context, left, top, colour) {
  const [right, bottom] = [left + BOX.width + 1, top + BOX.height + 1];
  const corners = [[left - 1, top - 1], [right, top - 1], [right, bottom], [left - 1, bottom]];
  corners.forEach((from, i) => line(context, from, corners[(i + 1) % corners.length], colour, 2));
}

/** The layer at a point. */
export function at(_model, { boxes }, x, y) {
  const row = boxes.findIndex(({ left, top }) => x >= left && x <= left + BOX.width && y >= top && y <= top + BOX.height);
  return { x: null, row: row < 0 ? null : row };
}

/** A layer in words, or all. */
export const read = (model, _x, row = model.selected) =>
  row === null || row === undefined ? describe(model).sentence : spoken(model.layers[row]);

const spoken = ({ name, kind, output, normalized, ...layer }) =>
  `${name}, ${kind} to ${output.join("×")}${normalized ? ", batch-normalized" : ""}: ${told(layer)}`;

const told = ({ value, measured }, digits) => (value === null ? (measured ? "not finite" : "not measured") : number(value, digits));

/** The cursor of steps has no place here. */
export const positions = () => [];

/** The network in a sentence. */
export const describe = ({ layers }) =>
  Object.freeze({
    sentence: `${layers.length} layers: ${layers.map(spoken).join("; ")}.`,
    domain: null,
    points: layers.length,
    rows: layers.map((layer) => layer.name),
    bucketWidth: 1,
    marks: 0,
  });

/** A row a layer. */
export const table = ({ layers, scale }) => ({
  head: ["layer", "kind", "output", "batch normalization", scale.label],
  rows: layers.map(({ name, kind, output, normalized, value }) => [name, kind, output.join("×"), normalized ? "yes" : "no", value]),
});
