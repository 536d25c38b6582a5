/** Test inputs that a network gets wrong, the most convinced mistakes first. */

import { h } from "../../../lib/dom.js";
import { count, percent } from "../../../lib/format.js";
import { paint } from "./pixels.js";

/** What `GET /jobs/{id}/mistakes` says; `choose` is called with the input that is clicked. */
export function grid({ tested, of, wrong, not_finite: mute, mistakes, step }, choose) {
  const part = tested < of ? `${count(tested)} of ${count(of)} test inputs, spread evenly` : `all ${count(of)} test inputs`;
  const nothing = mute ? ` Of ${count(mute)} it says nothing: its logits are not finite.` : "";
  const most = mistakes.length ? ` Here are the ${count(mistakes.length)} of which it is most convinced; a click asks about one.` : "";
  return h("div", {}, h("p", { text: `After step ${count(step)} it gets ${count(wrong)} wrong of ${part}.${nothing}${most}` }),
    h("ul", { class: "mistakes" }, mistakes.map((each) => h("li", {}, button(each, choose)))));
}

function button({ index, label, predicted, probability, input }, choose) {
  const text = `${label}, says ${predicted} · ${percent(probability)}`;
  const image = Array.isArray(input[0])
    ? paint(h("canvas", { "aria-hidden": "true" }), input.flat(2), [input.length, input[0].length, input[0][0].length])
    : h("span", { class: "cut small", text: input.join(", ") });
  return h("button", { type: "button", title: `Test input ${count(index)}`, on: { click: () => choose(input) } }, image,
    h("span", { class: "users", text }));
}
