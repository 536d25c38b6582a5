/** What can be taken from a chart: its numbers as a table and CSV, its drawing as SVG and PNG, its very request. */

import { count, number } from "../lib/format.js";
import { text as words } from "./axes.js";
import { coloursOf } from "./palette.js";
import { SvgContext, svgElement } from "./svg.js";

const MOST_ROWS = 1000; // of a table on the page; CSV has all
const HEAD = 28; // pixels above an exported drawing, for its title
const FOOT = 24;

/** The menu under a chart. */
export function dataMenu({ figure, tools }, kind, model, { requests, file, size }) {
  const out = document.createElement("div");
  out.className = "chart-out";
  const actions = {
    Table: () => show(out, tableOf(kind.table(model()))),
    CSV: () => download(`${name()}.csv`, new Blob([csv(kind.table(model()))], { type: "text/csv" })),
    SVG: () => download(`${name()}.svg`, new Blob([svg(figure, kind, model(), size())], { type: "image/svg+xml" })),
    PNG: async () => download(`${name()}.png`, await png(figure, kind, model(), size())),
    ...(requests && { curl: () => show(out, code(requests().curl)), Python: () => show(out, code(requests().python)) }),
  };
  const name = () => `${file ?? "chart"}-${model().title}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 80);
  const fold = document.createElement("details");
  const summary = fold.appendChild(document.createElement("summary"));
  summary.textContent = "Data";
  const row = fold.appendChild(document.createElement("div"));
  row.className = "row";
  for (const [label, act] of Object.entries(actions)) row.append(button(label, act));
  fold.append(out);
  tools.append(fold);
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

/** Put something below the menu, or take it away where it is there. */
function show(out, node) {
  const same = out.firstChild?.dataset.key === node.dataset.key && out.firstChild.textContent === node.textContent;
  out.replaceChildren(...(same ? [] : [node]));
}

function tableOf({ head, rows }) {
  const box = document.createElement("div");
  box.className = "wide tall";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "The chart's numbers");
  const table = box.appendChild(document.createElement("table"));
  if (rows.length > MOST_ROWS) {
    table.createCaption().textContent = `The first ${count(MOST_ROWS)} of ${count(rows.length)} rows; CSV has all.`;
  }
  const top = table.createTHead().insertRow();
  for (const cell of head) {
    const made = top.appendChild(document.createElement("th"));
    made.scope = "col";
    made.textContent = cell;
  }
  const body = table.createTBody();
  for (const row of rows.slice(0, MOST_ROWS)) {
    const line = body.insertRow();
    for (const cell of row) line.insertCell().textContent = typeof cell === "number" ? number(cell, 6) : (cell ?? "");
  }
  return box;
}

function code(text) {
  const box = document.createElement("div");
  const shown = box.appendChild(document.createElement("pre"));
  shown.tabIndex = 0;
  shown.textContent = text;
  box.append(button("Copy", () => navigator.clipboard.writeText(text)));
  return box;
}

/** A table as RFC 4180 has it. */
export function csv({ head, rows }) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** The drawing with its title above and its foot below, on any context. */
function draw(context, figure, kind, model, { width, height }) {
  const colours = coloursOf(figure);
  const place = kind.layout(model, { width, height });
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, width, height + HEAD + FOOT);
  context.font = colours.font;
  words(context, model.title, 8, HEAD / 2, colours.ink);
  words(context, model.foot ?? "", 8, HEAD + height + FOOT / 2, colours.faint);
  return { place, colours };
}

/** As SVG, by the same drawing as on the page. */
function svg(figure, kind, model, { width, height }) {
  const root = svgElement("svg", { width, height: height + HEAD + FOOT, viewBox: `0 0 ${width} ${height + HEAD + FOOT}` });
  const { place, colours } = draw(new SvgContext(root), figure, kind, model, { width, height });
  const group = svgElement("g", { transform: `translate(0 ${HEAD})` });
  const context = new SvgContext(group);
  kind.frame(context, model, place, colours);
  kind.marks(context, model, place, colours);
  root.append(group);
  return new XMLSerializer().serializeToString(root);
}

/** As PNG, twice as fine as it stands on the page. */
function png(figure, kind, model, { width, height }) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * 2, (height + HEAD + FOOT) * 2];
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  const { place, colours } = draw(context, figure, kind, model, { width, height });
  context.translate(0, HEAD);
  kind.frame(context, model, place, colours);
  kind.marks(context, model, place, colours);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
