/** What may be done with jobs now: the verbs that the API allows, as buttons; to delete asks first. */

import { send } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { say, sayError } from "../lib/shell.js";

const WORDS = { cancel: "Cancel", pause: "Pause", resume: "Resume", retry: "Retry", delete: "Delete" };

/** Buttons for the verbs that one or several jobs allow; where only some do, with their number. */
export function verbButtons(jobs, done, { labelled = "" } = {}) {
  return Object.entries(WORDS).flatMap(([verb, word]) => {
    const allowed = jobs.filter((job) => job.allowed_actions.includes(verb));
    if (!allowed.length) return [];
    const some = jobs.length > 1 ? ` ${allowed.length}` : "";
    const act = () => use(verb, allowed, done);
    return [h("button", { type: "button", text: `${word}${some}`, "aria-label": labelled && `${word} ${labelled}`, on: { click: act } })];
  });
}

async function use(verb, jobs, done) {
  if (verb === "delete" && !(await confirmed(jobs))) return;
  const act = ({ id }) => (verb === "delete" ? send("DELETE", `jobs/${id}`) : send("POST", `jobs/${id}/${verb}`));
  const refused = (await Promise.allSettled(jobs.map(act))).filter(({ reason }) => reason);
  for (const { reason } of refused) sayError(reason);
  if (!refused.length) say(`${WORDS[verb]}: ${jobs.length > 1 ? plural(jobs.length, "job") : jobs[0].id}.`);
  done(verb);
}

/** Whether the reader means it. */
function confirmed(jobs) {
  const what = jobs.length > 1 ? plural(jobs.length, "job") : `job ${jobs[0].name ?? jobs[0].id}`;
  const dialog = h("dialog", { "aria-labelledby": "sure" },
    h("h3", { id: "sure", class: "users", text: `Delete ${what}?` }),
    h("p", { text: "Its series, checkpoints and events go with it, and nothing brings them back." }),
    h("form", { method: "dialog", class: "row" },
      h("button", { value: "yes", text: "Delete" }), h("button", { value: "no", autofocus: true, text: "Keep" })));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}
