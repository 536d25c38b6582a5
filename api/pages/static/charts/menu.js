/** The menu under a chart: its numbers as a table and a file, its drawing as a file, the very request behind it. */

import { count, number, plural } from "../lib/format.js";
import { button, element, put } from "./elements.js";
import { csv, png, svg } from "./export.js";
import { coloursOf } from "./palette.js";

const MOST_ROWS = 1000; // of a table on the page; CSV has all
const KEPT = 10_000; // milliseconds that a browser may take to begin saving a file

/** Which keys a chart knows, for those who look into the menu and those who are read it. */
export const KEYS = "Keys: arrows move the cursor, with Shift ten times as far; Home and End go to its ends; " +
  "plus and minus zoom; Escape or a double click zooms back; Enter opens a row. Dragging zooms too.";

/** Fill the place under a chart. `model()`: what it shows now; `size()`: how large. */
export function dataMenu({ figure, tools, keys, spoken }, kind, model, { requests, file, size }) {
  const name = (ending) => `${slug(`${file ?? ""} ${model().title}`) || "chart"}.${ending}`;
  const drawing = () => [kind, { ...model(), cursor: null }, size(), coloursOf(figure), file];
  const out = element("div");
  const opens = folds(out, {
    Table: () => tableOf(kind.table(model()), model().title),
    ...(requests && { curl: () => code(requests().curl, spoken), Python: () => code(requests().python, spoken) }),
  });
  const saves = {
    CSV: () => save(name("csv"), new Blob([csv(kind.table(model()))], { type: "text/csv" })),
    SVG: () => save(name("svg"), new Blob([svg(...drawing())], { type: "image/svg+xml" })),
    PNG: async () => save(name("png"), await png(...drawing())),
  };
  const [table, ...texts] = opens;
  const files = Object.entries(saves).map(([label, act]) => button(label, act));
  const row = element("div", { class: "row" }, table, ...files, ...texts);
  tools.append(element("details", {}, element("summary", {}, "Data"), row, out, keys));
}

/** Buttons of which each opens something in `out`, one at a time, and closes it again. */
function folds(out, made) {
  const buttons = Object.entries(made).map(([label, make]) => {
    const own = button(label, () => {
      const isOpen = own.getAttribute("aria-expanded") === "true";
      for (const each of buttons) each.setAttribute("aria-expanded", String(each === own && !isOpen));
      out.replaceChildren(...(isOpen ? [] : [make()]));
    });
    own.setAttribute("aria-expanded", "false");
    return own;
  });
  return buttons;
}

function tableOf({ head, rows }, title) {
  const shown = rows.slice(0, MOST_ROWS);
  const many = rows.length > MOST_ROWS ? `The first ${count(MOST_ROWS)} of ${count(rows.length)} rows; CSV has all.` : null;
  const caption = element("caption", {}, many ?? `${plural(rows.length, "row")}, as of when this was opened.`);
  const isNumber = (i) => shown.some((row) => typeof row[i] === "number");
  const top = head.map((cell, i) => element("th", { scope: "col", class: isNumber(i) && "number" }, cell));
  const body = shown.map((row) => element("tr", {}, ...row.map(cellOf)));
  const parts = [caption, element("thead", {}, element("tr", {}, ...top)), element("tbody", {}, ...body)];
  const table = element("table", {}, ...parts);
  return element("div", { class: "wide tall", tabindex: "0", role: "region", "aria-label": `Table: ${title}` }, table);
}

const cellOf = (cell) =>
  typeof cell === "number" ? element("td", { class: "number" }, number(cell, 6)) : element("td", {}, cell ?? "");

/** A text, and a button that copies it; what that has done is said in `spoken` too. */
export function code(text, spoken, label = "Copy") {
  const shown = element("pre", { tabindex: "0", class: "tall users" }, text);
  const copy = button(label, async () => {
    const words = await copied(shown);
    put(copy, words);
    if (spoken) put(spoken, words);
  });
  return element("div", {}, shown, copy);
}

/** Copy a text, or where a browser does not let a page do so, as without https or leave, choose it for the reader to copy. */
async function copied(node) {
  const choose = () => {
    getSelection().selectAllChildren(node);
    return "Selected: copy it now";
  };
  return navigator.clipboard?.writeText(node.textContent).then(() => "Copied", choose) ?? choose();
}

const slug = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 80).replaceAll(/^-|-$/g, "");

function save(name, blob) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}
