/** Matrices of layers by steps: asked for, cut apart by statistic, and read at a step. */

import { columnAt } from "../../../charts/heatmap.js";
import { path } from "../../../lib/api.js";

const LIVE = 300; // columns while it trains: the matrix is asked for again and again
const DONE = 500;

/** The request for some statistics of all layers: of one table, as a diagnostic's are, which have its name before theirs. */
export function matrixPath(id, statistics, { from = null, to = null, live = false } = {}) {
  const names = statistics.map((name) => (name.includes(".") ? name : `activations.${name}`).replace(".", ".*.")).join(",");
  const points = live ? LIVE : DONE;
  return path("series", { jobs: id, names, form: "matrix", points, columns: "value", digits: 4, from, to });
}

/** By statistic {steps, width, rows, values, runs} of an answer that holds several; `runs` by layer: what is not finite. */
export function apart(answer) {
  const found = {};
  answer.names.forEach((name, i) => {
    const [table, measure] = [name.slice(0, name.indexOf(".")), name.slice(name.lastIndexOf(".") + 1)];
    const statistic = table === "activations" ? measure : `${table}.${measure}`;
    const one = (found[statistic] ??= { rows: [], values: [], runs: {} });
    one.runs[answer.layers[i]] = answer.nonfinite[name];
    one.rows.push(answer.layers[i]);
    one.values.push(answer.values[i]);
  });
  const shared = { steps: answer.step, width: answer.bucket_width ?? gap(answer.step), watermark: answer.watermark, sampled: answer.sampled };
  return Object.fromEntries(Object.entries(found).map(([name, one]) => [name, Object.freeze({ ...shared, ...one })]));
}

/** The column that holds at a step: the last one until then; null: the last of all. */
export const column = (steps, step) => columnAt({ x: { steps } }, step ?? Infinity);

/** The value of each row at a step. */
export const valuesAt = (matrix, step) => {
  const i = column(matrix.steps, step);
  return matrix.values.map((row) => row[i] ?? null);
};

/** How far apart rows are that were not joined. */
const gap = (steps) => (steps.length > 1 ? steps[1] - steps[0] : 1);
