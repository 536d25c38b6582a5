/** The same job with or without batch normalization, of the same seed: what differs is BN alone. */

import { send } from "../lib/api.js";
import { sayError } from "../lib/shell.js";

/** What a job's twin is called, and what its document says otherwise. */
export function twinOf({ name, spec }) {
  const { layers } = spec.architecture;
  const bare = layers && plain(layers);
  const hasOwn = JSON.stringify(bare) !== JSON.stringify(layers);
  const normalized = Boolean(spec.batch_norm) || hasOwn;
  const word = normalized ? "without BN" : "with BN";
  return Object.freeze({
    label: `The same ${word}`,
    patch: {
      name: name ? `${name.slice(0, 180)}, ${word}` : null,
      batch_norm: !normalized,
      ...(hasOwn && { architecture: { layers: bare } }),
    },
  });
}

/** Queue it; resolves to the new job. */
export const submitTwin = (job) => send("POST", `jobs?like=${job.id}`, twinOf(job).patch);

/** Queue it and go to its page, from that of its job. */
export const openTwin = (job) => submitTwin(job).then(({ id }) => location.assign(id), sayError);

/** Layers without what normalizes whatever the job says: layers that are BN, and BN of a layer's own, at any depth. */
function plain(part) {
  if (Array.isArray(part)) return part.filter((each) => each?.kind !== "batch_norm").map(plain);
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, key === "batch_norm" ? asTheJob(value) : plain(value)]));
}

const asTheJob = (own) => (own && own !== "inherit" ? false : own);
