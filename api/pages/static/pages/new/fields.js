/** The form's fields: each a place in the document, of a kind; a preset's own come from its schema. */

/** What every document has: [label, place, kind or choices]. */
export const COMMON = [
  ["Name", "name", "text"],
  ["Batch normalization", "batch_norm", "flag"],
  ["Data", "data.dataset", "dataset"],
  ["Batch size", "data.batch_size", "number"],
  ["Steps", "training.steps", "number"],
  ["Optimizer", "training.optimizer.kind", ["sgd", "momentum", "nesterov", "adam", "adamw"]],
  ["Learning rate", "training.optimizer.learning_rate", "number"],
  ["Seed", "training.seed", "number"],
];

/** Documents to begin with, by what they are called; of the data they say nothing. */
export const STARTS = {
  "the paper's network": {},
  "a deep sigmoid network": {
    name: "six layers of sigmoids",
    architecture: { preset: "mlp", hidden: [100, 100, 100, 100, 100, 100] },
    training: { steps: 1000 },
  },
};

/** The fields of a preset by its schema: numbers, texts, choices, yes or no, and lists of numbers. */
export function fieldsOf({ schema, options }) {
  return Object.entries(schema.properties)
    .filter(([name]) => name !== "preset" && kindOf(schema.properties[name], options[name]))
    .map(([name, part]) => fieldOf(part.title ?? name, `architecture.${name}`, kindOf(part, options[name])));
}

const fieldOf = (title, place, kind) => [kind === "numbers" ? `${title}, one number a layer` : title, place, kind];

function kindOf(part, value) {
  if (part.enum) return part.enum;
  if (Array.isArray(value)) return value.every((each) => typeof each === "number") ? "numbers" : null;
  return { number: "number", string: "text", boolean: "flag" }[typeof value] ?? null;
}

/** The preset that a document names, or means by naming none; undefined where it lists layers. */
export function presetOf(document, [usual]) {
  const architecture = document?.architecture;
  return architecture === undefined ? usual.name : opened(architecture, "architecture").preset;
}

/** The value at a place, undefined where there is none. */
export const valueAt = (document, place) => place.split(".").reduce((part, name) => part?.[name], document);

/** The same document with a value at a place; another optimizer, dataset or preset begins with its own defaults. */
export function withValue(document, place, value) {
  if (place === "training.optimizer.kind") return placed(document, ["training", "optimizer"], { kind: value });
  const told = place === "data.dataset" ? OF_DATASET.filter((each) => valueAt(document, each) != null) : [];
  const rest = told.reduce((made, each) => placed(made, each.split("."), null), document);
  return placed(rest, place.split("."), value);
}

/** Places that say what holds of one dataset: null, they are found anew. */
const OF_DATASET = ["data.sha256", "data.binarize", "data.normalize", "recording.probe_size"];

function placed(document, [name, ...rest], value) {
  const inner = rest.length ? placed(opened(document[name], name), rest, value) : value;
  return { ...document, [name]: inner };
}

const WORDS = { architecture: "preset", optimizer: "kind" };

/** A part of the document as an object: where a word may stand for one, what it stands for. */
function opened(part, name) {
  if (typeof part === "string" && WORDS[name]) return { [WORDS[name]]: part };
  return isObject(part) ? part : {};
}

const isObject = (part) => part !== null && typeof part === "object" && !Array.isArray(part);

/** Kinds of fields: how a value is written into a field, and read out of it; what cannot be read stays as it was typed. */
const number = (text) => (text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text));
export const KINDS = {
  text: { write: (value) => value ?? "", read: (text) => text || null },
  number: { write: (value) => String(value ?? ""), read: number },
  numbers: { write: (value) => [value ?? []].flat().join(", "), read: (text) => text.split(",").filter((t) => t.trim()).map(number) },
  flag: { write: (value) => Boolean(value), read: (value) => value },
  choice: { write: (value) => value ?? "", read: (text) => text },
};

/** A document of a text; null where it is none: the server says why. */
export function parsed(text) {
  try {
    const found = JSON.parse(text);
    return isObject(found) ? found : null;
  } catch {
    return null;
  }
}
