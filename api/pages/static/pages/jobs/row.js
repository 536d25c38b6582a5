/** A job as a row: cells that are made once, and told anew when the job has moved. */

import { now } from "../../lib/api.js";
import { fill, h, isNew, say } from "../../lib/dom.js";
import { ago, clock, percent } from "../../lib/format.js";
import { nameOf, networkOf, progressOf, reasonOf, statusOf } from "../words.js";
import { verbButtons } from "../verbs.js";
import { spark } from "./spark.js";

/** The heads of the table, and by what they sort. */
export const HEADS = [["", null], ["Job", "name"], ["Status", "status"], ["Progress", "step"], ["Test accuracy", "test.accuracy"],
  ["Best", "best.test.accuracy"], ["Network", null], ["BN", null], ["Data", null], ["Made", "created"]];

/** A row. `chosen(id, isChosen)`; `done` is called after a verb. Returns {element, show(job, places, {spec, flat}), spark}. */
export function rowOf(id, { chosen, done }) {
  const box = h("input", { type: "checkbox", on: { change: () => chosen(id, box.checked) } });
  const link = h("a", { href: `jobs/${id}`, class: "cut users" });
  const cells = Object.fromEntries(["status", "network", "bn", "data", "made"].map((name) => [name, h("td", { class: name === "network" && name })]));
  cells.best = h("td", { class: "number", "data-label": "Best" });
  const parts = { tags: h("span", { class: "faint small users" }), reason: h("div", { class: "small users reason" }), bar: h("progress", { max: 1 }),
    how: h("div", { class: "small" }), accuracy: h("span"), line: h("span"), verbs: h("td", { class: "verbs" }) };
  const element = h("tr", { id: `job-${id}` },
    h("td", {}, box), h("th", { scope: "row", class: "job" }, link, " ", parts.tags, parts.reason), cells.status,
    h("td", {}, parts.bar, parts.how), h("td", { class: "number", "data-label": "Test accuracy" }, parts.line, " ", parts.accuracy), cells.best,
    cells.network, cells.bn, cells.data, cells.made);

  return {
    element,
    box,
    show(job, places, { spec, flat }) {
      const name = nameOf(job);
      box.setAttribute("aria-label", `Select ${name}`);
      say(link, name).title = name;
      say(parts.tags, job.tags.map((tag) => `#${tag}`).join(" "));
      say(parts.reason, reasonOf(job)).className = `small users reason ${job.error ? "bad" : "faint"}`;
      const { sign, word, kind } = statusOf(job.status);
      say(cells.status, `${sign} ${word}`).className = kind;
      parts.bar.value = job.progress.fraction;
      parts.bar.setAttribute("aria-label", `Progress of ${name}`);
      say(parts.how, progressOf(job.progress));
      say(parts.accuracy, percent(job.latest["test.accuracy"]));
      say(cells.best, percent(job.best["test.accuracy"]?.value));
      say(cells.network, networkOf(spec));
      say(cells.bn, job.batch_norm ? "BN" : "no BN").className = job.batch_norm ? "with" : "without";
      say(cells.data, job.dataset);
      say(cells.made, ago(job.created, now())).title = clock(job.created);
      const texts = places.map((place) => (flat[place] === undefined ? "–" : String(JSON.stringify(flat[place]))));
      if (isNew(element, [...places, ...texts].join("\0"))) {
        [...element.children].slice(HEADS.length).forEach((cell) => cell.remove());
        element.append(...texts.map((text, i) =>
          h("td", { class: "users", title: text, "data-label": places[i] }, h("span", { class: "cut", text }))), parts.verbs);
      }
      if (isNew(parts.verbs, [name, ...job.allowed_actions].join())) {
        fill(parts.verbs, verbButtons([job], done, { labelled: name, key: id }), again(id, name));
      }
    },
    /** How its accuracy went. */
    spark(values) {
      if (values.length < 2 || !isNew(parts.line, values.join())) return;
      fill(parts.line, spark(values, `test accuracy from ${percent(values[0])} to ${percent(values.at(-1))}`));
    },
  };
}

const again = (id, name) => h("a", { class: "button", id: `again-${id}`, href: `new?like=${id}`, text: "Again", "aria-label": `${name} again, but otherwise` });
