/** Jobs as they go on: the one event stream of a tab, closed while nobody sees the tab. */

import { get, root } from "./api.js";
import { sayError } from "./shell.js";
import { isRefusal } from "./signin.js";

const KINDS = ["rows", "status", "progress", "checkpoint", "log", "reset", "end"];

/**
 * Follow jobs. `names`: the series whose rows are wanted. `handlers`: by kind of event a function of its data; `gone`
 * is called when the server is away and `back` when it is there again. `after`: what is known already, as ids of events
 * say it: job:attempt:watermark:event. Returns what ends it.
 */
export function follow(ids, names, handlers, after = "") {
  let source = null;
  let last = after;
  let away = false;
  let ended = new Set();

  function open() {
    if (source || document.hidden || ended.size === ids.length) return;
    const query = new URLSearchParams({ jobs: ids.join(","), names: names.join(",") });
    if (!names.length) query.delete("names");
    if (last) query.set("after", last);
    source = new EventSource(`${root}stream?${query}`);
    source.onopen = () => {
      if (away) handlers.back?.();
      away = false;
    };
    source.onerror = () => (source?.readyState === EventSource.CLOSED ? reopen() : lost());
    for (const kind of KINDS) source.addEventListener(kind, (event) => told(kind, event));
  }

  function told(kind, event) {
    last = event.lastEventId;
    const data = JSON.parse(event.data);
    if (kind === "end") ended = new Set([...ended, data.job]);
    handlers[kind]?.(data);
    if (ended.size === ids.length) close();
  }

  /**
   * A refusal ends an EventSource for good, where a broken line does not, and does not say why: a request does. Where it
   * is for want of a signature, a code is asked for; else the stream is opened again after a while.
   */
  async function reopen() {
    close();
    const error = await get("jobs?limit=1&fields=id").catch((refusal) => refusal);
    if (isRefusal(error)) return sayError(error);
    lost();
    setTimeout(open, 2000);
  }

  function lost() {
    if (!away) handlers.gone?.();
    away = true;
  }

  function close() {
    source?.close();
    source = null;
  }

  const seen = () => (document.hidden ? close() : open());
  const listeners = [[document, "visibilitychange", seen], [globalThis, "pagehide", close], [globalThis, "pageshow", open]];
  for (const [target, event, listener] of listeners) target.addEventListener(event, listener);
  open();
  return () => {
    ended = new Set(ids);
    close();
    for (const [target, event, listener] of listeners) target.removeEventListener(event, listener);
  };
}
