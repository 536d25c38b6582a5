/** The one step cursor and the one range of steps of a page; both stand in its address. */

const SETTLED = 250; // milliseconds after which the address follows the cursor: browsers count its changes

/** {get, set, on, zoom, range}: `zoom(null)` is the whole run again, which follows what comes. */
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
      const [from, to] = range ?? [null, null];
      view.set(range ? { from: Math.max(0, Math.floor(from)), to: Math.ceil(to) } : { from: null, to: null }, { push: true });
    },
  });
}
