/** What is in a dataset: in words, in numbers, and in examples. */

import { root } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { bytes, count, number, plural } from "../../lib/format.js";
import { tableOf } from "../../lib/tables.js";

const NUMBERS = 6; // of channels or features that are shown
const ROWS = 20; // classes of which a sheet has examples

export const pathOf = (name) => `datasets/${encodeURIComponent(name)}`;

/** What an example is: [channels, height, width] of an image, or how many features. */
export const shapeOf = ([first, height, width]) =>
  height ? `${height} × ${width} pixels, ${first === 1 ? "grey" : "colour"}` : plural(first, "feature");

/** Of the answer of /datasets/{name}. */
export function factsOf(facts) {
  const { name, classes, mean, warnings } = facts;
  const rows = classes.map((each) => [each.name, count(each.train), count(each.test)]);
  return [
    h("h2", { text: name }),
    h("p", { text: sentenceOf(facts) }),
    warnings.length > 0 && h("ul", { class: "warn users" }, warnings.map((text) => h("li", { text }))),
    mean && h("p", { text: `Over the training examples, mean ${numbers(mean)}; sd ${numbers(facts.sd)}.` }),
    facts.dtype === "uint8" && facts.available && sheetOf(name, classes),
    h("details", { open: classes.length <= ROWS }, h("summary", { text: "Classes" }),
      tableOf("Classes", ["Class", "Training", "Test"], rows)),
    h("p", { class: "faint small", text: `Takes ${bytes(facts.bytes)}; SHA-256 ${facts.sha256}.` }),
  ];
}

const sentenceOf = ({ description, shape, dtype, train, test, classes }) =>
  `${description}. ${shapeOf(shape)}, as ${dtype}: ${count(train)} examples to train with, ${
    count(test)} to test with, ${count(classes.length)} classes.`;

function numbers(values) {
  const more = values.length > NUMBERS ? ` and ${count(values.length - NUMBERS)} more` : "";
  return values.slice(0, NUMBERS).map((value) => number(value)).join(", ") + more;
}

/** An image asks for image/*, so that the server answers its path with a picture. */
function sheetOf(name, classes) {
  const named = classes.slice(0, ROWS).map((each) => each.name).join(", ");
  const told = `The first examples of each class, at most ten, a row a class, from above: ${named}.`;
  return h("figure", { class: "sheet" },
    h("img", { src: root + pathOf(name), alt: `Examples of ${name}, a row a class` }),
    h("figcaption", { class: "faint small users", text: told }));
}
