/** What is wrong with a training, in words, on top of its page: each finding leads to its place. */

import { fill, h, isNew, one } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { atMostEvery, latest } from "../../lib/loading.js";
import { openTwin, twinOf } from "../twin.js";

const RENEWED = 5; // seconds

/** By rule the statistic of layers that shows what it found; a rule without one is of the curves or the document. */
export const SHOWN = Object.freeze({
  input_scale: "std",
  signal_vanishes: "std",
  dead: "dead",
  saturated: "saturated",
  gradient_vanishes: "gradient_norm",
  gradient_explodes: "gradient_norm",
  frozen_layer: "update_ratio",
  steps_too_large: "update_ratio",
  steps_too_small: "update_ratio",
  weights_decayed: "weight_norm",
  small_batches: "variance_ratio",
  running_statistics: "variance_ratio",
});

/** Make the strip. Returns {rows(), job(), ready}. */
export function findings(host, { id, view, cursor, job }) {
  let known = job().status;
  const use = latest((answer) =>
    isNew(host, JSON.stringify(answer.findings) + answer.watermark) && fill(host, ...partsOf(answer, follow, job)));
  const load = () => use(`jobs/${id}/findings`);
  const soon = atMostEvery(RENEWED, load);

  /** Go to where a finding is: its layer, its step, and the statistic that shows it. */
  function follow({ rule, layer, step }) {
    const { layer: opened, statistic } = view.values;
    view.set({ layer: layer ?? opened, statistic: SHOWN[rule] ?? statistic }, { push: true });
    if (step !== null) cursor.set(step);
    const place = one(layer ? "#inside" : "#curves");
    place.scrollIntoView({ block: "start" });
    place.focus({ preventScroll: true });
  }

  const moved = ({ status }) => {
    if (status !== known) soon();
    known = status;
  };
  return { ready: load(), rows: soon, job: moved };
}

function partsOf({ findings: found, rules, watermark }, follow, job) {
  const title = h("h2", { text: "Findings" });
  if (!found.length) {
    const looked = plural(rules.length, "rule");
    const told = watermark === null ? `${looked} will look at what is recorded; nothing is yet.` : `Nothing wrong found by ${looked}, up to step ${count(watermark)}.`;
    return [title, h("p", { class: "faint", text: told })];
  }
  return [title, h("ul", { class: "findings" }, found.map((each) => item(each, follow, job)))];
}

function item(finding, follow, job) {
  const place = [finding.layer, finding.step !== null && `step ${count(finding.step)}`].filter(Boolean).join(", ");
  const isCuredByBn = finding.remedy.includes("batch normalization") && twinOf(job()).patch.batch_norm;
  return h("li", {},
    h("p", {}, h("strong", { class: "users", text: `${finding.sentence[0].toUpperCase()}${finding.sentence.slice(1)}.` })),
    h("p", { class: "small" }, h("span", { text: `Try: ${finding.remedy}. ` }),
      place && h("button", { type: "button", text: `Show ${place}`, on: { click: () => follow(finding) } }), " ",
      isCuredByBn && h("button", { type: "button", text: "Try it with BN", on: { click: () => openTwin(job()) } })),
    h("details", { class: "small" }, h("summary", { text: `Rule ${finding.rule}` }),
      h("p", { text: `${finding.question} Found where ${finding.threshold}` })));
}
