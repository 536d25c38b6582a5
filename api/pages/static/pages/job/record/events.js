/** What happened to a job, the newest first. */

import { get, path } from "../../../lib/api.js";
import { h } from "../../../lib/dom.js";
import { clock } from "../../../lib/format.js";
import { tableOf } from "../../../lib/tables.js";

const PAGE = 1000; // events of one request
const KINDS = { warning: "warn", error: "bad" };

/** The events past a number, page by page. */
export async function newEvents(id, after) {
  const { events, next } = await get(path(`jobs/${id}/events`, { after, limit: PAGE }));
  return next === null ? events : [...events, ...(await newEvents(id, next))];
}

export function eventTable(events) {
  const rows = events.toReversed().map(({ time, type, level, attempt, by, message }) => [
    h("time", { datetime: time, title: `${time}, the server's own`, text: clock(time) }), type,
    h("span", { class: KINDS[level], text: level }), attempt === null ? null : String(attempt), by,
    type === "output" ? h("pre", { tabindex: "0", text: message }) : message,
  ]);
  return tableOf("Events", ["time", "type", "level", "attempt", "by", "message"], rows);
}
