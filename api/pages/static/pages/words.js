/** A job in words: where it stands, what it is, how far it is. */

import { count, duration, number, percent, plural } from "../lib/format.js";

/** By status its sign and its word; never by colour alone. */
const STATUS = {
  queued: ["◌", "faint"],
  running: ["▶", ""],
  paused: ["‖", "warn"],
  succeeded: ["✓", "good"],
  failed: ["✕", "bad"],
  cancelled: ["⊘", "faint"],
  deleted: ["–", "faint"],
};

export const STATUSES = Object.keys(STATUS).slice(0, -1);

/** The sign, the word and the class of a status. */
export const statusOf = (status) => ({ sign: STATUS[status]?.[0] ?? "?", word: status, kind: STATUS[status]?.[1] ?? "" });

/** How far a job is: "38 %, 2 min left". */
export function progressOf({ fraction, eta_seconds: eta }) {
  return eta === null ? percent(fraction, 0) : `${percent(fraction, 0)}, ${duration(eta)} left`;
}

/** The network of a document: "mlp of 3 layers of 100 sigmoid units". */
export function networkOf({ architecture }) {
  const { preset, hidden, activation, layers } = architecture;
  if (layers) return `network of ${plural(layers.length, "layer")}`;
  const depth = hidden && new Set(hidden).size === 1 ? `${hidden.length} × ${hidden[0]}` : hidden?.join(", ");
  return [preset, depth && `of ${depth}`, activation && `${activation} units`].filter(Boolean).join(" ");
}

/** A document in a sentence. */
export function sentenceOf(spec) {
  const { data, training } = spec;
  const normalized = spec.batch_norm ? "with batch normalization" : "without batch normalization";
  const seen = data.binarize ? ", binarized" : "";
  const held = data.validation ? `, ${percent(data.validation.share, 0)} held out for validation` : "";
  const rate = `${training.optimizer.kind} at ${number(training.optimizer.learning_rate)}`;
  const length = training.steps ? `${count(training.steps)} steps` : plural(training.epochs, "epoch");
  return `${capital(article(networkOf(spec)))} ${normalized}, on ${data.dataset}${seen}${held}: ${length} of ${rate}, ${count(
    data.batch_size)} examples a step, seed ${training.seed}.`;
}

/** What a job waits for, or why it failed, or what it was asked for; empty: nothing is to be told. */
export function reasonOf({ error, waiting_for: waiting, requested, queue }) {
  if (error) return error.message;
  const ahead = queue?.ahead ? ` (${plural(queue.ahead, "job")} before it)` : "";
  if (waiting) return `Waits for ${waiting}${ahead}.`;
  return requested ? `Its worker was asked to ${requested} it.` : "";
}

/** A job's own name, or its id. */
export const nameOf = (job) => job.name ?? job.id;

const article = (words) => (/^([aeiou]|mlp)/.test(words) ? `an ${words}` : `a ${words}`);
export const capital = (words) => words[0].toUpperCase() + words.slice(1);
