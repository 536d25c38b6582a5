/** What may be done with jobs now: the verbs that the API allows, as buttons; to delete asks first. */

import { send } from "../lib/api.js";
import { confirmed } from "../lib/confirm.js";
import { h } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { say, sayError } from "../lib/shell.js";
import { isRefusal } from "../lib/signin.js";
import { nameOf } from "./words.js";

const LOST = "Its series, checkpoints and events go with it, and nothing brings them back.";
const TOLD = 5; // jobs of which it is said why they refused
const WORDS = { cancel: "Cancel", pause: "Pause", resume: "Resume", retry: "Retry", delete: "Delete" };

/**
 * Buttons for the verbs that one or several jobs allow; where only some do, with their number. `done(verb, {went, refused,
 * answers})` is called with the jobs of which it was accepted, those of which it was not, and what was answered; `key` is unique among a page's buttons.
 */
export function verbButtons(jobs, done, { labelled = "", key = "chosen" } = {}) {
  return Object.entries(WORDS).flatMap(([verb, word]) => {
    const allowed = jobs.filter((job) => job.allowed_actions.includes(verb));
    if (!allowed.length) return [];
    const some = jobs.length > 1 ? ` ${allowed.length}` : "";
    const act = () => use(verb, allowed, done);
    return [h("button", { type: "button", id: `${verb}-${key}`, text: `${word}${some}`,
      "aria-label": labelled && `${word} ${labelled}`, on: { click: act } })];
  });
}

async function use(verb, jobs, done) {
  const what = jobs.length > 1 ? plural(jobs.length, "job") : `job ${nameOf(jobs[0])}`;
  if (verb === "delete" && !(await confirmed(what, LOST))) return;
  const act = ({ id }) => (verb === "delete" ? send("DELETE", `jobs/${id}`) : send("POST", `jobs/${id}/${verb}`));
  const settled = await Promise.allSettled(jobs.map(act));
  const [answers, errors] = [settled.map(({ value }) => value), settled.map(({ reason }) => reason)];
  const [went, refused] = [false, true].map((isRefused) => jobs.filter((_, i) => Boolean(errors[i]) === isRefused));
  const error = errors.find(Boolean);
  if (error && (jobs.length === 1 || isRefusal(error))) sayError(error);
  else {
    const not = jobs.flatMap((job, i) => (errors[i] ? ` Not ${nameOf(job)}: ${errors[i].message}.` : []));
    const more = not.length > TOLD ? ` Nor ${plural(not.length - TOLD, "more job")}.` : "";
    const told = jobs.length > 1 ? plural(went.length, "job") : jobs[0].id;
    say(`${WORDS[verb]}: ${told}.${not.slice(0, TOLD).join("")}${more}`, { bad: Boolean(error) });
  }
  done(verb, { went, refused, answers });
}
