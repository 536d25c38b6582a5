/** Tables, which scroll by themselves where they are wide, and texts that can be copied. */

import { h } from "./dom.js";

/** A table with a name; cells are texts or elements, null is a dash. */
export function tableOf(label, names, rows) {
  const line = (cells) => h("tr", {}, cells.map((cell, i) => h("td", { class: "users", "data-label": names[i] }, cell ?? "–")));
  const head = h("thead", {}, h("tr", {}, names.map((text) => h("th", { scope: "col", text }))));
  return h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label },
    h("table", {}, head, h("tbody", {}, rows.map(line))));
}

/** A text of several lines, and a button that copies it; where a browser lets no page copy, it selects the text. */
export function copied(text, word) {
  const block = h("pre", { tabindex: "0", class: "tall users", text });
  const select = () => getSelection().selectAllChildren(block);
  const copy = async () => {
    if (!navigator.clipboard) return select();
    await navigator.clipboard.writeText(text).then(() => (button.textContent = "Copied"), select);
  };
  const button = h("button", { type: "button", text: word, on: { click: copy } });
  return h("div", {}, block, h("p", {}, button));
}
