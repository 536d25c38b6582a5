/** What a network says of one input: its classes by running and by batch statistics, side by side. */

import { fill, h, say } from "../../../lib/dom.js";
import { count, percent } from "../../../lib/format.js";
import { tableOf } from "../../../lib/tables.js";

const FIRST = 5; // classes, until all are asked for

/** {element, show(settled)}: promises of answers by each normalization, none to begin with; `among`: how many test inputs make a batch. */
export function answer(among) {
  const [sentence, problem] = [h("p", { role: "status" }), h("p", { class: "bad", role: "status" })];
  const [table, more, note] = [h("div"), h("p"), h("p", { class: "faint small" })];
  let [all, found] = [false, []];
  draw();
  return {
    element: h("div", {}, sentence, table, more, problem, note),
    show(settled) {
      found = settled.flatMap(({ value }) => value ?? []);
      say(problem, [...new Set(settled.flatMap(({ reason }) => reason?.message ?? []))].join("; "));
      draw();
    },
  };

  function draw() {
    say(sentence, found.length ? `After step ${count(found[0].step)} it says ${found.map(saidBy).join("; ")}.` : "What it says stands here.");
    say(note, among ? explained(found[1]?.among ?? among) : "No layer of this network is normalized: by batch statistics it would say the same.");
    fill(table);
    fill(more);
    if (!found.length) return;
    const [{ classes }] = found;
    const order = classes.map((_, i) => i).sort((a, b) => rowOf(found[0])[b] - rowOf(found[0])[a]);
    const shown = all ? order : order.slice(0, FIRST);
    const rows = shown.map((i) => [classes[i], ...found.map((each) => bar(rowOf(each)[i]))]);
    table.append(tableOf("Classes", ["Class", ...found.map(({ normalization }) => `By ${normalization} statistics`)], rows));
    const text = all ? `The first ${FIRST}` : `All ${count(classes.length)} classes`;
    const turn = () => ((all = !all), draw());
    if (classes.length > FIRST) more.append(h("button", { type: "button", text, on: { click: turn } }));
  }
}

const explained = (others) => "By running statistics what is said depends on this input alone; by batch statistics BN normalizes it "
  + `by the moments of a batch, of it and ${others} test inputs.`;

const rowOf = ({ probabilities: [row] }) => row;

function saidBy({ normalization, predicted: [name], probabilities: [row] }, i) {
  if (name === null) return "nothing: its logits are not finite";
  const what = `${name}, ${percent(Math.max(...row))}`;
  return i ? `by ${normalization} statistics ${what}` : what;
}

function bar(share) {
  const line = h("span", { class: "bar" });
  line.style.width = `${100 * (share ?? 0)}%`;
  return h("span", { class: "share" }, h("span", { class: "track" }, line), percent(share));
}
