/** What batch normalization does in a job: batch against running statistics, and the diagnostics. */

import { path } from "../../lib/api.js";
import { fill, h, say } from "../../lib/dom.js";
import { DIAGNOSTICS, howToAsk } from "./bn/diagnostics.js";
import { diagnosticModels, floorSentence, layersModel } from "./bn/models.js";
import { gallery } from "./inside/gallery.js";
import { latest, near } from "../../lib/loading.js";
import { apart, matrixPath } from "./inside/matrix.js";
import { notRecorded, statisticOf } from "./inside/statistics.js";

const GAPS = ["mean_gap", "variance_ratio"];
const POINTS = 200;
const WITHOUT = "No layer of this network is normalized, so there are no running statistics, and no mini-batch to compare "
  + "with them. The same job with \"batch_norm\": true shows what normalization changes.";
const CONCLUDE = "Both small: evaluation will see what training saw. A gap of means of 1 and more at the end says that "
  + "evaluation normalizes by something else: running_decay is too near 1, mini-batches are too small, or data differ.";

/** {start(network, spec), range({from, to}), again(), draw()} of the section. */
export function bnPart(host, context) {
  const sentence = h("p");
  const places = h("div", { class: "charts broad" });
  const list = h("div", { class: "diagnostics" });
  host.append(sentence, places, list);
  const show = gallery(places, context);
  const shown = new Map();
  let [isNear, hasGaps, names, range] = [false, false, [], {}];
  let [gaps, gapsPath, measured, measuredPath] = [null, null, null, null];

  const loadGaps = latest((answer, asked) => {
    [gaps, gapsPath] = [apart(answer), asked];
    draw();
  });
  const loadMeasured = latest((answer, asked) => {
    [measured, measuredPath] = [answer, asked];
    draw();
  });

  function again() {
    if (!isNear) return;
    if (hasGaps) loadGaps(matrixPath(context.id, GAPS, { ...range, live: context.job().status === "running" }));
    if (names.length) loadMeasured(path(`jobs/${context.id}/diagnostics`, { points: POINTS, ...range }));
  }

  function draw() {
    const cursor = context.cursor.get();
    if (gaps) show(GAPS.filter((name) => gaps[name]?.steps.length).map((name) => gapChart(name, gaps[name], gapsPath, cursor)));
    if (!measured) return;
    for (const [diagnostic, part] of shown) {
      const answer = measured.diagnostics[diagnostic.name];
      const models = answer?.step.length ? diagnosticModels(diagnostic, answer, measured.nonfinite, cursor) : [];
      say(part.note, models.length ? "" : "Not measured in these steps yet.");
      part.show(models.map((model, i) => ({ name: `${diagnostic.name}-${i + 1}`, model, path: measuredPath })));
    }
  }

  return {
    again,
    draw,
    range(steps) {
      range = steps;
      again();
    },
    start(network, spec) {
      const isNormalized = network.layers.some((layer) => layer.batch_norm);
      hasGaps = isNormalized && !notRecorded(spec);
      names = spec.recording.diagnostics.map(({ name }) => name);
      say(sentence, isNormalized ? `${CONCLUDE} ${floorSentence(network.layers)}` : WITHOUT);
      fill(list, h("h3", { text: "Diagnostics" }), h("p", { class: "small", text: INTRODUCTION }),
        DIAGNOSTICS.map((each) => article(each, names.includes(each.name), isNormalized)));
      near(host, () => {
        isNear = true;
        again();
      });
    },
  };

  function article(diagnostic, isAsked, isNormalized) {
    const note = h("p", { class: "faint small" });
    const charts = h("div", { class: "charts broad" });
    if (isAsked) shown.set(diagnostic, { note, show: gallery(charts, context) });
    return h("details", { open: isAsked, "data-diagnostic": diagnostic.name },
      h("summary", {}, h("strong", { text: diagnostic.name }), ` ${diagnostic.question}`),
      h("p", {}, h("code", { class: "formula", text: diagnostic.formula })),
      h("p", {}, h("strong", { text: "What to conclude. " }), diagnostic.conclude),
      isAsked ? [note, charts] : unasked(diagnostic, isNormalized));
  }
}

const INTRODUCTION = "Measures that cost too much for every step. A job takes those that its document asks for.";

function unasked(diagnostic, isNormalized) {
  if (diagnostic.needs === "bn" && !isNormalized) {
    return [h("p", { class: "small", text: "It measures batch normalization, and this network has none." })];
  }
  return [h("p", { class: "small", text: "This job did not ask for it. In the document of another one:" }),
    h("pre", { tabindex: "0", text: howToAsk(diagnostic.name) })];
}

function gapChart(name, matrix, asked, cursor) {
  const { label, sentence, scale } = statisticOf(name);
  const chart = { title: `Batch against running statistics: ${label}`, scale, foot: sentence, lines: [{ y: name }] };
  return { name: `bn-${name}`, path: asked, model: layersModel(chart, { ...matrix, runs: (layer) => matrix.runs[layer] }, cursor) };
}
