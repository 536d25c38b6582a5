/** The one step cursor and the one range of steps of a page; both stand in its address. */

const SETTLED = 250; // milliseconds after which the address follows the cursor: browsers count its changes

/**
 * {get, set, on, zoom}: `zoom(null)` is the whole run again, which follows what comes, and so is a range that holds all
 * until `last()`, the last recorded step.
 */
export function cursorOf(view, last) {
  const listeners = [];
  let step = view.values.step;
  let timer = null;
  const told = () => listeners.forEach((listener) => listener(step));
  view.on((values) => {
    if (timer !== null || values.step === step) return;
    step = values.step;
    told();
  });
  return Object.freeze({
    get: () => step,
    set(value) {
      if (value === step) return;
      step = value;
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = null;
        view.set({ step });
      }, SETTLED);
      told();
    },
    on: (listener) => listeners.push(listener),
    zoom(range) {
      const wanted = range && between(...range, last());
      view.set(wanted ?? { from: null, to: null }, { push: true });
    },
  });
}

/** Whole recorded steps, at least two of them: one alone is no range. Null: it is all of them. */
function between(from, to, last) {
  const first = Math.max(0, Math.min(Math.floor(from), last - 1));
  if (first <= 1 && to >= last) return null;
  return { from: first, to: Math.max(first + 1, Math.min(Math.ceil(to), last)) };
}

/** Forget a range that ends before it begins; what of the address was so is returned, to be said. */
export function mended(view) {
  const { from, to } = view.values;
  if (from === null || to === null || from < to) return [];
  view.set({ from: null, to: null });
  return [`from=${from}`, `to=${to}`];
}
