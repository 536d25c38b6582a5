/** Tables, which scroll by themselves where they are wide. */

import { h } from "./dom.js";

/**
 * A table with a name; cells are texts or elements, null is a dash. With `ids`, unique among a page's tables, its rows
 * are known again, and each is a block on a narrow screen.
 */
export function tableOf(label, names, rows, ids) {
  const line = (cells, row) => h("tr", { id: ids && `of-${ids[row]}` },
    cells.map((cell, i) => h("td", { class: "users", "data-label": names[i] }, cell ?? "–")));
  const head = h("thead", {}, h("tr", {}, names.map((text) => h("th", { scope: "col", text }))));
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: ids && "blocks" }, head, h("tbody", {}, rows.map(line))));
}
