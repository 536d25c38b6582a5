/** The same job with or without batch normalization, of the same seed: what differs is BN alone. */

import { send } from "../lib/api.js";

/** What a job's twin is called, and what its document says otherwise. */
export function twinOf({ name, spec }) {
  const normalized = Boolean(spec.batch_norm) || (spec.architecture.layers ?? []).some((layer) => layer.kind === "batch_norm");
  const word = normalized ? "without BN" : "with BN";
  return Object.freeze({
    label: `The same ${word}`,
    patch: { name: name ? `${name.slice(0, 180)}, ${word}` : null, batch_norm: !normalized },
  });
}

/** Queue it; resolves to the new job. */
export const submitTwin = (job) => send("POST", `jobs?like=${job.id}`, twinOf(job).patch);
