/** Tables, which scroll by themselves where they are wide. */

import { h } from "./dom.js";

/** A table with a name; cells are texts or elements, null is a dash. */
export function tableOf(label, names, rows) {
  const line = (cells) => h("tr", {}, cells.map((cell, i) => h("td", { class: "users", "data-label": names[i] }, cell ?? "–")));
  const head = h("thead", {}, h("tr", {}, names.map((text) => h("th", { scope: "col", text }))));
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label },
    h("table", {}, head, h("tbody", {}, rows.map(line))));
}
