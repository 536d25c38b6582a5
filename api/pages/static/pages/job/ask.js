/** The section in which a job's network is asked: about an image that is drawn or given, and what it gets wrong. */

import { Away, get, path, send } from "../../lib/api.js";
import { fill, h } from "../../lib/dom.js";
import { oneAtATime } from "../../lib/loading.js";
import { sayError } from "../../lib/shell.js";
import { isRefusal } from "../../lib/signin.js";
import { answer } from "./ask/answer.js";
import { features } from "./ask/features.js";
import { grid } from "./ask/mistakes.js";
import { pad } from "./ask/pad.js";
import { fold } from "./fold.js";

const AMONG = 63; // test images that make a batch of what is asked
const SHOWN = 24; // mistakes
const WAITING = "The network is asked.";

/** Make its folds, which ask for nothing before they are opened. */
export function ask(host, { id, view, job }) {
  const parts = { ask: h("div"), mistakes: h("div") };
  const folds = {
    ask: fold({ name: "ask", title: "An input of yours", id: "ask-input", opened: open }, parts.ask, view),
    mistakes: fold({ name: "mistakes", title: "What it gets wrong", id: "ask-mistakes", opened: tested }, parts.mistakes, view),
  };
  fill(host, h("h2", { text: "Ask it" }), folds.ask, folds.mistakes);
  let [opening, wrong] = [null, null];

  /** What the network is asked with, once it is there to be asked; null where it is not, which is said in its place. */
  function open() {
    opening ??= made().catch((error) => {
      opening = null;
      refused(parts.ask, error, open);
      return null;
    });
    return opening;
  }

  async function made() {
    fill(parts.ask, h("p", { text: WAITING }));
    const { layers } = await send("POST", "jobs/validate", job().spec);
    const shape = layers[0].input;
    const normalizations = layers.some((layer) => layer.batch_norm) ? ["running", "batch"] : ["running"];
    await said(Array(shape.reduce((product, size) => product * size)).fill(0), "running");
    const shown = answer(normalizations.length > 1 ? AMONG : 0);
    let last = null;
    const asked = oneAtATime(async (input) => {
      last = input;
      const answers = input ? await Promise.allSettled(normalizations.map((each) => said(input, each))) : [];
      for (const { reason } of answers) if (reason && isRefusal(reason)) sayError(reason);
      shown.show(answers);
    });
    const giver = (shape.length > 1 ? pad : features)(shape, asked);
    const again = h("button", { type: "button", text: "Ask again", on: { click: () => asked(last) } });
    const note = h("p", { class: "faint small" }, "Of a job that has not ended the newest checkpoint answers. ", again);
    fill(parts.ask, h("div", { class: "asking" }, giver.element, h("div", {}, shown.element, !job().finished && note)));
    return giver;
  }

  function said(input, normalization) {
    const among = normalization === "batch" ? AMONG : null;
    return send("POST", path(`jobs/${id}/predict`, { normalization, among }), { inputs: [input] });
  }

  function tested() {
    if (!parts.mistakes.firstChild) fill(parts.mistakes, h("p", { text: WAITING }));
    wrong ??= get(path(`jobs/${id}/mistakes`, { limit: SHOWN })).then(
      (found) => fill(parts.mistakes, grid(found, choose), !job().finished && lookAgain(tested)),
      (error) => refused(parts.mistakes, error, tested)).finally(() => (wrong = null));
  }

  /** Puts an input where one is drawn, and asks about it. */
  async function choose(input) {
    folds.ask.open = true;
    const giver = await open();
    giver?.give(input.flat(Infinity));
    folds.ask.scrollIntoView({ block: "nearest" });
  }
}

/** In the place of what was asked for, why it is not there, and a button that looks again. */
function refused(part, error, again) {
  if (isRefusal(error)) return sayError(error);
  fill(part, h("p", { role: "status", text: error.message }), lookAgain(again));
  if (!(error instanceof Away) && error.status === undefined) throw error; // ours: the console is to have it
}

const lookAgain = (again) => h("button", { type: "button", text: "Look again", on: { click: again } });
