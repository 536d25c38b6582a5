/** The datasets that can be trained on, what is in them, and a form to upload one. */

import { text, view as viewOf } from "../lib/address.js";
import { get, send } from "../lib/api.js";
import { confirmed } from "../lib/confirm.js";
import { fill, h, one } from "../lib/dom.js";
import { count } from "../lib/format.js";
import { latest } from "../lib/loading.js";
import { repeat, say, sayComplaints, sayError, shell } from "../lib/shell.js";
import { tableOf } from "../lib/tables.js";
import { factsOf, pathOf, shapeOf } from "./datasets/facts.js";
import { uploading } from "./datasets/uploading.js";
import { keepingFocus } from "./focus.js";
import { merge } from "./merge.js";

const LOST = "What was kept of its file goes with it. Jobs that were trained on it stay, with what they have recorded.";

await shell(async () => {
  const view = viewOf({ name: text(64) });
  const parts = { list: h("div"), facts: h("section", { tabindex: "-1", "aria-label": "What is in it" }) };
  const show = latest((facts) => fill(parts.facts, facts && factsOf(facts)));
  fill(one("#page"), parts.list, parts.facts, h("h2", { text: "Upload a dataset" }), uploading(uploaded));
  sayComplaints(view.complaints);
  view.on(shown);
  shown(view.values);
  await repeat(look, 5);

  function shown({ name }) {
    fill(parts.facts);
    return show(name ? pathOf(name) : null);
  }

  async function look() {
    const { datasets } = await get("datasets");
    keepingFocus(() => merge(parts.list, h("div", {}, listOf(datasets, { open, remove }))), one("#main"));
  }

  function open(name) {
    view.set({ name }, { push: true });
    parts.facts.focus();
  }

  function uploaded(name) {
    say(`Uploaded: ${name}.`);
    open(name);
    look().catch(sayError);
  }

  async function remove(name) {
    if (!(await confirmed(`dataset ${name}`, LOST))) return;
    try {
      await send("DELETE", pathOf(name));
      say(`Deleted: ${name}.`);
      if (view.values.name === name) view.set({ name: "" });
      await look();
    } catch (error) {
      sayError(error);
    }
  }
});

function listOf(datasets, acts) {
  const names = datasets.map(({ name }) => name);
  const rows = datasets.map((dataset) => [
    buttonOf(dataset, "open", { class: "plain cut", title: dataset.name, text: dataset.name }), shapeOf(dataset.shape),
    count(dataset.train), count(dataset.test), count(dataset.classes),
    dataset.available ? "yes" : h("code", { text: `bnlab data fetch ${dataset.name}` }),
    h("div", { class: "row" }, dataset.available && linkOf(dataset),
      dataset.created && buttonOf(dataset, "remove", { "aria-label": `Delete ${dataset.name}`, text: "Delete" })),
  ]);
  return tableOf("Datasets", ["Name", "Example", "Training", "Test", "Classes", "Is here", "Actions"], rows, names);

  function buttonOf({ name }, act, attributes) {
    return h("button", { type: "button", on: { click: () => acts[act](name) }, ...attributes });
  }
}

function linkOf({ name }) {
  return h("a", { class: "button", href: `new?dataset=${name}`, "aria-label": `New job on ${name}`, text: "New job" });
}
