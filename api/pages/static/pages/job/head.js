/** The head of a job's page: what it is, where it stands, what may be done with it. */

import { ago, count, duration, number } from "../../lib/format.js";
import { get, now } from "../../lib/api.js";
import { fill, h, isNew, one, say } from "../../lib/dom.js";
import { foundTwin, openTwin, twinOf } from "../twin.js";
import { verbButtons } from "../verbs.js";
import { capital, nameOf, progressOf, reasonOf, sentenceOf, statusOf } from "../words.js";

/** Make the head. Returns {job(job), twin(), worker()}: the last two ask for what the first look does without. */
export function head(host, { again }) {
  const parts = {
    sentence: h("p", { class: "sentence" }),
    status: h("strong"),
    bar: h("progress", { max: 1, "aria-label": "Progress" }),
    how: h("span"),
    worker: h("span", { class: "faint small users" }),
    reason: h("p", { class: "bad users" }),
    stopped: h("p"),
    best: h("p"),
    warnings: h("p", { class: "warn users" }),
    facts: h("p", { class: "faint small users" }),
    verbs: h("div", { class: "row" }),
  };
  const standing = h("p", { class: "row" }, parts.status, parts.bar, parts.how, parts.worker);
  fill(host, parts.sentence, standing, parts.reason, parts.stopped, parts.best, parts.warnings, parts.facts, parts.verbs);
  let [known, twin, heard] = [null, null, ""];

  function draw() {
    const isThere = known.status !== "deleted";
    if (isNew(parts.verbs, JSON.stringify([isThere, known.allowed_actions, twin]))) {
      fill(parts.verbs, verbButtons([known], again), isThere && links(known, twin));
    }
    const worker = workerOf(known);
    say(parts.worker, worker ? `trained by ${worker}${heard}` : "");
  }

  return {
    async twin() {
      twin = await foundTwin(known);
      draw();
    },
    async worker() {
      const worker = workerOf(known);
      if (!worker) return;
      heard = heardOf((await get("workers")).workers.find(({ id }) => id === worker));
      draw();
    },
    job(job) {
      known = job;
      const { sign, word, kind } = statusOf(job.status);
      say(one("#title"), nameOf(job));
      document.title = `${sign} ${nameOf(job)} · bnlab`;
      say(parts.sentence, sentenceOf(job.spec));
      say(parts.status, `${sign} ${word}`).className = kind;
      progress(parts, job);
      say(parts.reason, reasonOf(job)).className = job.error ? "bad users" : "faint users";
      say(parts.stopped, job.stopped ? `${capital(job.stopped.message)}.` : "");
      say(parts.best, bestOf(job));
      say(parts.warnings, job.warnings.join("; "));
      say(parts.facts, factsOf(job));
      draw();
    },
  };
}

function progress({ bar, how }, { status, progress: made }) {
  bar.value = made.fraction;
  const at = `step ${count(made.step)} of ${count(made.steps)}`;
  const speed = made.steps_per_second && status === "running" ? `, ${count(made.steps_per_second)} steps a second` : "";
  say(how, `${progressOf(made)}, ${at}${speed}`);
}

/** The greatest accuracies so far, and which network is kept as the best one. */
function bestOf({ best, kept }) {
  const accuracies = ["validation.accuracy", "test.accuracy"].filter((metric) => best[metric]);
  const told = accuracies.map((metric) => `Best ${valueOf({ metric, ...best[metric] })}.`);
  return [...told, kept && `Kept is the network with ${valueOf(kept)}.`].filter(Boolean).join(" ");
}

const valueOf = ({ metric, value, step }) => `${metric.replace(".", " ")} ${number(value)} at step ${count(step)}`;

function factsOf(job) {
  const taken = job.started && job.finished ? `, ran for ${duration((Date.parse(job.finished) - Date.parse(job.started)) / 1000)}` : "";
  const tags = job.tags.length ? `, tagged ${job.tags.join(", ")}` : "";
  const exact = job.bit_exact ? "bit-exact" : `not bit-exact: its environments differ in ${job.differs.join(", ")}`;
  const tries = job.attempts.length > 1 ? `, ${job.attempts.length} attempts` : "";
  return `${job.id}, made ${ago(job.created, now())}${taken}${tags}; ${exact}${tries}; ${job.engine} engine.`;
}

/** Who trains a job: its last attempt's worker, until that has ended. */
function workerOf({ status, attempts }) {
  const last = attempts.at(-1);
  return status === "running" && last && !last.ended ? last.worker : null;
}

const heardOf = (worker) =>
  worker ? `, heard from ${duration(worker.last_beat_seconds)} ago` : ", not heard from for more than 10 s";

function links(job, twin) {
  const { label } = twinOf(job);
  return [
    twin ? h("a", { class: "button users", href: twin.id, text: `${label}: ${nameOf(twin)}` })
      : h("button", { type: "button", text: label, on: { click: () => openTwin(job) } }),
    h("a", { class: "button", href: `../new?like=${job.id}`, text: "Again, but otherwise" }),
  ];
}
