/** When things are asked for: once they are near, not oftener than so many seconds, and the last answer alone. */

import { Away, get } from "./api.js";
import { paused, say, sayError } from "./shell.js";

/** Call once when an element comes near to what is seen. */
export function near(element, call) {
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    call();
  }, { rootMargin: "300px" });
  watch.observe(element);
}

/** A function that calls at most so often, and not while the reader has paused the page. */
export function atMostEvery(seconds, call) {
  let [timer, last] = [null, -Infinity];
  const turn = () => {
    timer = null;
    last = performance.now();
    if (!paused()) call();
  };
  return () => {
    timer ??= setTimeout(turn, Math.max(0, last + seconds * 1000 - performance.now()));
  };
}

/** A function that calls with one value at a time: of those that come meanwhile with the last alone. */
export function oneAtATime(call) {
  let [isBusy, next] = [false, []];
  return async (value) => {
    next = [value];
    if (isBusy) return;
    isBusy = true;
    try {
      while (next.length) await call(next.pop());
    } finally {
      isBusy = false;
    }
  };
}

/** Ask for a path and hand its answer on, unless another path was asked for meanwhile; what fails is said. */
export function latest(use) {
  let [asked, isAway] = [null, false];
  return async (path) => {
    asked?.abort();
    const mine = (asked = new AbortController());
    try {
      const answer = path === null ? null : await get(path, { signal: mine.signal });
      if (mine.signal.aborted) return;
      if (isAway) say("The server is back.");
      isAway = false;
      use(answer, path);
    } catch (error) {
      if (mine.signal.aborted) return;
      isAway = error instanceof Away;
      sayError(error);
    }
  };
}
