/** A chart outside of its page: its numbers as CSV, its drawing with title and foot as SVG and PNG. */

import { text as words } from "./axes.js";
import { SvgContext, svgElement } from "./svg.js";

const LINE = 17; // pixels of a line of text
const LETTER = 6.5; // pixels of a letter, about
const EDGE = 8;
const OVER = 4; // pixels that marks may go beyond the plot: half a sign
const FINE = 2; // pixels of a PNG a pixel of the page

/** A table as RFC 4180 has it. */
export function csv({ head, rows }) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** The marks on a canvas, cut where the plot ends on the left and right: a zoomed chart's data go on beyond it. */
export function inside(context, kind, model, place, colours, height) {
  context.save();
  context.beginPath();
  context.rect(place.plot.left - OVER, 0, place.plot.right - place.plot.left + 2 * OVER, height);
  context.clip();
  kind.marks(context, model, place, colours);
  context.restore();
}

/** As SVG, by the same drawing as on the page. `file`: what it is of, for its foot. */
export function svg(kind, model, size, colours, file) {
  const sheet = layout(kind, model, size, file);
  const { width, height, top, place } = sheet;
  const root = svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  root.append(svgElement("title"));
  root.firstChild.textContent = model.title;
  drawTexts(new SvgContext(root), sheet, colours);
  const group = svgElement("g", { transform: `translate(${EDGE} ${top})` });
  kind.frame(new SvgContext(group), model, place, colours);
  const [left, wide] = [place.plot.left - OVER, place.plot.right - place.plot.left + 2 * OVER];
  const box = { x: left, y: 0, width: wide, height: size.height, viewBox: `${left} 0 ${wide} ${size.height}` };
  const cut = svgElement("svg", { ...box, overflow: "hidden" });
  kind.marks(new SvgContext(cut), model, place, colours);
  group.append(cut);
  root.append(group);
  return new XMLSerializer().serializeToString(root);
}

/** As a PNG's blob. */
export function png(kind, model, size, colours, file) {
  const sheet = layout(kind, model, size, file);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [sheet.width * FINE, sheet.height * FINE];
  const context = canvas.getContext("2d");
  context.scale(FINE, FINE);
  drawTexts(context, sheet, colours);
  context.translate(EDGE, sheet.top);
  kind.frame(context, model, sheet.place, colours);
  inside(context, kind, model, sheet.place, colours, size.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Where title, drawing and foot go. */
function layout(kind, model, size, file) {
  const fit = (text) => (text ? wrapped(text, Math.floor(size.width / LETTER)) : []);
  const [head, foot] = [fit(model.title), [...fit(model.foot), ...fit(file)]];
  const top = EDGE + LINE * head.length;
  const height = top + size.height + LINE * foot.length + EDGE;
  const width = size.width + 2 * EDGE;
  return { width, height, top, head, foot, under: top + size.height, place: kind.layout(model, size) };
}

function drawTexts(context, { width, height, head, foot, under }, colours) {
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, height);
  context.font = colours.font;
  head.forEach((line, i) => words(context, line, EDGE, EDGE + (i + 0.5) * LINE, colours.ink));
  foot.forEach((line, i) => words(context, line, EDGE, under + (i + 0.5) * LINE, colours.faint));
}

/** A text in lines of so many letters; a word that is longer has its own. */
function wrapped(text, letters) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (longer.length <= letters || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
