/** The same job with or without batch normalization, of the same seed: what differs is BN alone. */

import { get, path, send } from "../lib/api.js";
import { sayError } from "../lib/shell.js";

const ID = /^[0-9a-hjkmnp-tv-z]{13}$/;

/** What a job's twin is called, and what its document says otherwise; its metadata name the job. */
export function twinOf({ id, name, spec }) {
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
      metadata: { twin: id },
      ...(hasOwn && { architecture: { layers: bare } }),
    },
  });
}

/** Queue it, and have the job's metadata name it too; resolves to the new job. */
export async function submitTwin(job) {
  const twin = await send("POST", `jobs?like=${job.id}`, twinOf(job).patch);
  await send("PATCH", `jobs/${job.id}`, { metadata: { twin: twin.id } }).catch(sayError);
  return twin;
}

/** The job that a job's metadata name as its twin, if that is there and says the same: what is like a job is no twin. */
export async function foundTwin({ id, metadata: { twin } }) {
  if (!ID.test(twin)) return null;
  const { jobs } = await get(path("jobs", { id: twin, fields: "name,metadata" }));
  return jobs.find((each) => each.metadata.twin === id) ?? null;
}

/** Queue it and go to its page, from that of its job. */
export const openTwin = (job) => submitTwin(job).then(({ id }) => location.assign(id), sayError);

/** Layers without what normalizes whatever the job says: layers that are BN, and BN of a layer's own, at any depth. */
function plain(part) {
  if (Array.isArray(part)) return part.filter((each) => each?.kind !== "batch_norm").map(plain);
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, key === "batch_norm" ? asTheJob(value) : plain(value)]));
}

const asTheJob = (own) => (own && own !== "inherit" ? false : own);
