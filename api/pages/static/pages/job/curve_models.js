/** From the answer of /series to the charts of curves: pure, so that what is drawn can be tried without a page. */

import { count } from "../../lib/format.js";
import { points, spanOf } from "./inside/layer_models.js";

/** What is drawn together: training and test set in one chart, and what was held out; `more`: in a fold. */
export const CHARTS = [
  { key: "loss", title: "Loss", unit: "cross-entropy, nats an example", names: ["train.loss", "test.loss", "validation.loss"] },
  { key: "accuracy", title: "Accuracy", unit: "share of examples classified right",
    names: ["train.accuracy", "test.accuracy", "validation.accuracy"] },
  { key: "gradient", title: "Gradient norm", unit: "L2 norm over all parameters", names: ["train.gradient_norm"], more: true },
  { key: "rate", title: "Learning rate", unit: "of the optimizer", names: ["train.learning_rate"], more: true },
];

const WORDS = { "train.loss": "training set", "train.accuracy": "training set", "test.loss": "test set",
  "test.accuracy": "test set", "validation.loss": "validation part", "validation.accuracy": "validation part",
  "train.gradient_norm": "gradient norm", "train.learning_rate": "learning rate" };

/** What is put along x: its label, the value of a row of a table, the step at a value. `began`: seconds since 1970. */
export function axisOf(kind, { stepsPerEpoch, began }) {
  if (kind === "epoch" && stepsPerEpoch) return { label: "epoch", of: (_table, step) => step / stepsPerEpoch,
    step: (_table, x) => x * stepsPerEpoch };
  if (kind === "time") return { label: "seconds since it began", of: (table, _step, i) => table.time[i] - began,
    step: (table, x) => stepAtTime(table, x + began) };
  return { label: "step", of: (_table, step) => step, step: (_table, x) => x };
}

/**
 * The model of a chart. `answer`: a job's part of /series with its columns value, min, max, mean. `options`: {axis,
 * log, smooth (steps, 0: off), cursor, marks: as markedSteps makes them, domain: [from, to] in steps, all: nothing is cut}.
 */
export function curveModel(chart, answer, options) {
  const { axis, log, smooth, cursor, marks, all } = options;
  const series = chart.names.flatMap((name, colour) => lineOf(name, colour, answer, axis, smooth));
  const place = placer(answer, axis);
  return Object.freeze({
    kind: "lines",
    title: `${chart.title} (${chart.unit})`,
    x: { label: axis.label, domain: spanOf(series), scale: "linear", width: answer.bucket_width ?? 1 },
    y: { label: chart.unit, scale: log ? "log" : "linear", clip: !all },
    series,
    marks: marks.map(({ step, label }) => ({ x: place(step), label })),
    cursor: cursor === null ? null : place(cursor),
    foot: footOf(answer, smooth),
  });
}

/** Steps to be marked: where attempts went on, of which step the kept network is, and where evaluations ended it. */
export function markedSteps(resumed, { kept, stopped }) {
  const all = [...resumed.map((step) => ["resumed", step]), ["kept", kept?.step], ["stopped", stopped?.step]];
  return all.filter(([, step]) => step !== undefined).map(([label, step]) => ({ label, step }));
}

function lineOf(name, colour, answer, axis, smooth) {
  const [part] = name.split(".");
  const table = answer.tables[part];
  if (!table?.[name]) return [];
  const x = table.step.map((step, i) => axis.of(table, step, i));
  const band = answer.sampled && table[`${name}.min`].some((least, i) => least !== table[`${name}.max`][i]);
  const raw = {
    name: WORDS[name],
    colour,
    dash: part === "validation" ? 1 : 0,
    x,
    y: table[name],
    ...(band && { low: table[`${name}.min`], high: table[`${name}.max`] }),
    nonfinite: marksOf(answer.nonfinite[name], table, axis),
  };
  if (!smooth) return [raw];
  const line = { ...raw, low: undefined, high: undefined };
  return [{ ...line, faint: true }, { ...line, nonfinite: [], y: smoothed(table.step, table[`${name}.mean`], smooth) }];
}

/** The mean of the last so many steps: of buckets that are as wide as each other their means count alike. */
export function smoothed(steps, means, over) {
  let [first, sum, many] = [0, 0, 0];
  return means.map((mean, i) => {
    if (mean !== null) [sum, many] = [sum + mean, many + 1];
    while (steps[first] <= steps[i] - over) {
      if (means[first] !== null) [sum, many] = [sum - means[first], many - 1];
      first += 1;
    }
    return many ? sum / many : null;
  });
}

/** Runs of values that are not finite, along x: [[first, name, last]]. */
function marksOf(runs, table, axis) {
  const place = (step) => axis.of(table, step, rowOf(table, step));
  return points(runs).map(([first, name, last]) => [place(first), name, place(last)]);
}

const rowOf = (table, step) => Math.max(0, table.step.findLastIndex((each) => each <= step));

const recorded = ({ tables: { train, test } }) => (train?.step.length ? train : test);

/** Where a step lies along x. */
function placer(answer, axis) {
  const table = recorded(answer);
  return (step) => (table?.step.length ? axis.of(table, step, rowOf(table, step)) : step);
}

/** The step at a place along x, which may lie beyond the rows of a zoomed chart. */
export function stepAt(answer, axis, x) {
  const table = recorded(answer);
  return table?.step.length ? Math.round(axis.step(table, x)) : 0;
}

/** The last step until then; beyond the rows by their mean pace. */
function stepAtTime({ step, time }, at) {
  const pace = (step.at(-1) - step[0]) / (time.at(-1) - time[0] || 1);
  if (at < time[0]) return step[0] - (time[0] - at) * pace;
  if (at > time.at(-1)) return step.at(-1) + (at - time.at(-1)) * pace;
  return step[time.findLastIndex((each) => each <= at)];
}

/** What a point is, so that nobody takes a thinned line for the whole. */
function footOf({ sampled, bucket_width: width }, smooth) {
  const points = sampled ? `1 point = ${count(width)} steps, band = least to greatest` : "1 point = 1 step";
  return smooth ? `${points}; thick: mean of the last ${count(smooth)} steps` : points;
}
