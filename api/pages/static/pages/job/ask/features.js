/** Where the features of one example are typed, of networks that take no images. */

import { h, say } from "../../../lib/dom.js";
import { count, plural } from "../../../lib/format.js";

/** {element, give(input)} for examples of a shape; `asked` is called with each input that is one. */
export function features([wanted], asked) {
  const field = h("textarea", { id: "ask-features", class: "code", rows: 3, spellcheck: "false", "aria-describedby": "ask-problem" });
  const problem = h("p", { id: "ask-problem", class: "bad", role: "status" });
  const submit = (event) => {
    event?.preventDefault();
    const values = field.value.split(/[\s,;]+/).filter(Boolean).map(Number);
    const told = values.some((value) => !Number.isFinite(value)) ? "There is something that is no number."
      : values.length === wanted ? "" : `These are ${count(values.length)}: this network takes ${count(wanted)}.`;
    say(problem, told);
    if (!told) asked(values);
  };
  const label = h("label", { for: field.id, text: `${plural(wanted, "feature")}, with commas or spaces between them` });
  return {
    element: h("form", { on: { submit } }, label, field, problem, h("button", { class: "main", text: "Ask" })),
    give(input) {
      field.value = input.join(", ");
      submit();
    },
  };
}
