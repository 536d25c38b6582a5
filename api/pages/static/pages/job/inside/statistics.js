/** What is recorded of layers, at every step or as a diagnostic: its name, what it says, and the scale that shows it. */

import { DIAGNOSTICS } from "../bn/diagnostics.js";

const statistic = (name, label, of, scale, sentence) => Object.freeze({ name, label, of, scale, sentence });

export const STATISTICS = Object.freeze([
  statistic("std", "standard deviation", "tap", "linear",
    "How widely the values vary that the layer's nonlinearity is given. Steady and alike from layer to layer is healthy."),
  statistic("mean", "mean", "tap", "diverging",
    "The mean of what the layer's nonlinearity is given. A drift says that the layer's inputs change while it learns."),
  statistic("p15", "15th percentile", "tap", "diverging",
    "15 % of what the layer's nonlinearity is given lie below this."),
  statistic("p50", "median", "tap", "diverging",
    "Half of what the layer's nonlinearity is given lie below this; far from the middle of the percentiles means lopsided."),
  statistic("p85", "85th percentile", "tap", "diverging",
    "85 % of what the layer's nonlinearity is given lie below this."),
  statistic("min", "least value", "tap", "diverging",
    "The least value that the layer's nonlinearity is given: an outlier shows here first."),
  statistic("max", "greatest value", "tap", "diverging",
    "The greatest value that the layer's nonlinearity is given: an outlier shows here first."),
  statistic("saturated", "saturated share", "saturating", "share",
    "The share of values where a sigmoid or tanh is so flat that next to no gradient passes. It should not grow with depth."),
  statistic("dead", "dead share", "relu", "share",
    "The share of a relu's units that give 0 for the whole mini-batch. A share that only grows is lost to learning."),
  statistic("gradient_norm", "gradient norm", "weights", "log",
    "The length of the loss's gradient by the layer's weights, before clipping. Healthy layers are of one order."),
  statistic("update_ratio", "update ratio", "weights", "log",
    "How far a step moves the weights, as a part of their length. About 0.001 is usual; 0.000001 stands still."),
  statistic("weight_norm", "weight norm", "weights", "log",
    "The length of the layer's weights. Directly in front of BN it grows by itself and changes nothing but the step's angle."),
  statistic("mean_gap", "gap of means", "normalized", "log",
    "How far the mini-batch's means are from the running ones, in running standard deviations, of the worst channel."),
  statistic("variance_ratio", "gap of variances", "normalized", "log",
    "How far the mini-batch's variances are from the running ones, as the logarithm of their ratio, of the worst channel."),
]);

/** The diagnostics' measures of layers; a name has its table, as in rank.rank. */
const MEASURES = DIAGNOSTICS.flatMap((each) => each.charts.filter(({ layers }) => layers).map(({ title, scale, lines: [{ y }] }) =>
  statistic(`${each.name}.${y}`, title.split(", band")[0].toLowerCase(), each.name, scale ?? "linear", each.conclude)));

export const statisticOf = (name) => [...STATISTICS, ...MEASURES].find((each) => each.name === name);

export const GROUPS = Object.freeze([
  ["What nonlinearities are given", ["tap", "saturating", "relu"]],
  ["Weights and gradients", ["weights"]],
  ["Batch against running statistics", ["normalized"]],
  ["Diagnostics", DIAGNOSTICS.map(({ name }) => name)],
]);

const WEIGHTED = ["linear", "conv2d"];

/** By what a statistic is of, the layers of a validated network that have it. */
const HAVING = Object.freeze({
  tap: (layer, taps) => taps.has(layer.name),
  saturating: (layer, taps) => taps.has(layer.name) && ["sigmoid", "tanh"].includes(layer.activation),
  relu: (layer, taps) => taps.has(layer.name) && layer.activation === "relu",
  weights: (layer) => WEIGHTED.includes(layer.kind),
  normalized: (layer) => layer.batch_norm,
});

/** The names of the layers of which a statistic is recorded, in the network's order. */
export function layersWith(name, network) {
  const taps = new Set(network.taps.map((tap) => tap.layer));
  return network.layers.filter((layer) => HAVING[statisticOf(name).of](layer, taps)).map((layer) => layer.name);
}

/** Whether something is recorded of a layer. */
export const isMeasured = (layer, network) => STATISTICS.some((each) => layersWith(each.name, network).includes(layer.name));

/** The statistics that a network has, and what the diagnostics measure of layers that its document asks for. */
export function available(network) {
  const asked = network.spec.recording.diagnostics.map(({ name }) => name);
  const isNormalized = network.layers.some((layer) => layer.batch_norm);
  const has = ({ name, needs }) => asked.includes(name) && (needs !== "bn" || isNormalized);
  const names = DIAGNOSTICS.filter(has).map(({ name }) => name);
  return [...STATISTICS.filter((each) => layersWith(each.name, network).length), ...MEASURES.filter((each) => names.includes(each.of))];
}

/** The one that is shown: what is asked for where the network has it, else the first. */
export const chosen = (name, network) => {
  const found = available(network);
  return found.find((each) => each.name === name) ?? found[0] ?? null;
};

/** Why nothing of the layers is recorded, by the document, as a sentence; null where it is. */
export function notRecorded(spec) {
  const every = spec.recording.activations_every;
  if (every <= spec.training.steps) return null;
  return `This job has not recorded its layers: it was to do so every ${every} steps, and has only ${spec.training.steps}. `
    + "Train it again with this in its document:";
}
