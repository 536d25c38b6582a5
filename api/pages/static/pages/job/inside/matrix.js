/** Matrices of layers by steps: asked for, cut apart by statistic, and read at a step. */

import { path } from "../../../lib/api.js";

const LIVE = 300; // columns while it trains: the matrix is asked for again and again
const DONE = 500;

/** The request for some statistics of all layers. */
export function matrixPath(id, statistics, { from = null, to = null, live = false } = {}) {
  const names = statistics.map((name) => `activations.*.${name}`).join(",");
  const points = live ? LIVE : DONE;
  return path("series", { jobs: id, names, form: "matrix", points, columns: "value", digits: 4, from, to });
}

/** By statistic: {steps, width, rows, values, nonfinite: [[row, step, kind]], runs by layer} of an answer that holds several. */
export function apart(answer) {
  const found = {};
  answer.names.forEach((name, i) => {
    const statistic = name.slice(name.lastIndexOf(".") + 1);
    const one = (found[statistic] ??= { rows: [], values: [], nonfinite: [], runs: {} });
    one.nonfinite.push(...marks(answer, name, one.rows.length));
    one.runs[answer.layers[i]] = answer.nonfinite[name];
    one.rows.push(answer.layers[i]);
    one.values.push(answer.values[i]);
  });
  const shared = { steps: answer.step, width: answer.bucket_width ?? gap(answer.step), watermark: answer.watermark };
  return Object.fromEntries(Object.entries(found).map(([name, one]) => [name, Object.freeze({ ...shared, ...one })]));
}

/** Where a step lies among the columns: a bucket stands at its last step. Null: the last one. */
export function column(steps, step) {
  if (step === null || step === undefined) return steps.length - 1;
  let [lo, hi] = [0, steps.length - 1];
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (steps[middle] >= step) hi = middle;
    else lo = middle + 1;
  }
  return hi;
}

/** The value of each row at a step. */
export const valuesAt = (matrix, step) => {
  const i = column(matrix.steps, step);
  return matrix.values.map((row) => row[i] ?? null);
};

function marks(answer, name, row) {
  const found = [];
  for (const [first, last, kind] of answer.nonfinite[name] ?? []) {
    const said = typeof kind === "string" ? kind : Object.keys(kind)[0];
    for (let i = column(answer.step, first); i < answer.step.length; i += 1) {
      found.push([row, answer.step[i], said]);
      if (answer.step[i] >= last) break;
    }
  }
  return found;
}

/** How far apart rows are that were not joined. */
const gap = (steps) => (steps.length > 1 ? steps[1] - steps[0] : 1);
