/** Who trains, who waits, and why. */

import { get, now } from "../lib/api.js";
import { fill, h, one, say } from "../lib/dom.js";
import { ago, bytes, count, duration, plural } from "../lib/format.js";
import { repeat, shell } from "../lib/shell.js";
import { tableOf } from "../lib/tables.js";
import { keepingFocus } from "./focus.js";
import { merge } from "./merge.js";
import { nameOf } from "./words.js";

const WAITING = 50; // jobs of the queue that are shown

await shell(async () => {
  const parts = { server: h("p"), workers: h("div"), queue: h("div") };
  fill(one("#page"), parts.server, h("h2", { text: "Workers" }), parts.workers, h("h2", { text: "Queue" }), parts.queue);

  async function look() {
    const [{ workers, queue, server }, { jobs }] = await Promise.all([
      get("workers"),
      get(`jobs?status=queued&fields=id,name,waiting_for,created&sort=created&limit=${WAITING}`),
    ]);
    say(parts.server, sentenceOf(workers, queue, server));
    keepingFocus(() => {
      merge(parts.workers, h("div", {}, workersOf(workers)));
      merge(parts.queue, h("div", {}, queueOf(jobs, queue)));
    }, one("#main"));
  }

  await repeat(look, 2);
});

function sentenceOf(workers, queue, server) {
  const speed = queue.running ? ` at ${count(queue.steps_per_second)} steps a second in all` : "";
  return `${plural(workers.length, "worker")}; ${plural(queue.running, "job")} running${speed}, ${queue.queued} queued, ${
    queue.paused} paused. The server has ${bytes(server.free_bytes)} of ${bytes(server.disk_bytes)} free.`;
}

function workersOf(workers) {
  if (!workers.length) {
    return h("p", { class: "warn", text: "No worker is alive: jobs wait until one is. `bnlab up` starts one beside the server." });
  }
  return tableOf("Workers", ["Worker", "Host", "Heard of", "Devices", "Slots", "Trains", "Trouble"], workers.map((each) => [
    each.id, `${each.host}, process ${each.pid}`, `${each.last_beat_seconds.toFixed(0)} s ago`, each.devices.join(", "),
    `${each.busy} of ${each.slots} busy`, each.jobs.length ? each.jobs.map(jobOf) : "nothing",
    each.trouble ? h("span", { class: "bad", text: each.trouble }) : "none",
  ]), workers.map(({ id }) => id));
}

function jobOf(job) {
  return h("div", {}, linkTo(job), ` step ${count(job.step)} of ${count(job.steps)}`);
}

function linkTo(job) {
  return h("a", { class: "cut users", href: `jobs/${job.id}`, title: nameOf(job), text: nameOf(job) });
}

function queueOf(jobs, queue) {
  if (!jobs.length) return h("p", { class: "faint", text: "Nothing waits." });
  const oldest = queue.oldest_seconds === null ? "" : `The next one has waited for ${duration(queue.oldest_seconds)}.`;
  const more = queue.queued > jobs.length ? ` The first ${count(jobs.length)} of ${count(queue.queued)}.` : "";
  return h("div", {}, h("p", { text: oldest + more }), tableOf("Queue", ["Place", "Job", "Queued", "Waits for"], jobs.map((job, i) => [
    String(i + 1), linkTo(job), ago(job.created, now()), job.waiting_for ?? "its turn",
  ]), jobs.map(({ id }) => id)));
}
