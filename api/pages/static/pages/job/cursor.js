/** The one step cursor and the one range of steps of a page; both stand in its address. */

const SETTLED = 250; // milliseconds after which the address follows the cursor: browsers count its changes

/** {get, set, on, zoom}: `zoom(null)` is the whole run again, which follows what comes. */
export function cursorOf(view) {
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
      view.set(range ? between(...range) : { from: null, to: null }, { push: true });
    },
  });
}

/** Whole steps, at least two of them: one alone is no range. */
function between(from, to) {
  const first = Math.max(0, Math.floor(from));
  return { from: first, to: Math.max(first + 1, Math.ceil(to)) };
}

/** Forget a range that ends before it begins; what of the address was so is returned, to be said. */
export function mended(view) {
  const { from, to } = view.values;
  if (from === null || to === null || from < to) return [];
  view.set({ from: null, to: null });
  return [`from=${from}`, `to=${to}`];
}
