/** What a reader does with a chart: the cursor by pointer and keys, zooming by dragging and keys, choosing a row. */

const FAR = 10; // positions that a key goes with Shift
const DRAGGED = 6; // pixels from which a press is no click

/** What a chart says at its cursor, of a row where one is meant; nothing as long as nobody has pointed anywhere. */
export function reading(kind, model, row) {
  const meant = row ?? model.selected ?? null;
  if (model.cursor === null && meant === null) return "";
  return kind.read(model, model.cursor ?? kind.positions(model).at(-1) ?? null, meant ?? undefined);
}

/** Listen to what is done in the plot, until `signal`. `changed()`: cursor or row are others now. */
export function controls(parts, kind, state, { onCursor, onZoom, onSelect, shown, changed, signal }) {
  const { plot, spoken } = parts;
  const listen = (event, listener) => plot.addEventListener(event, listener, { signal });
  let pressed = null;

  const isZoomable = () => Boolean(onZoom && state.place?.x?.domain);

  /** Where in the plot a pointer is. */
  const point = (event) => {
    const { left, top } = plot.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  const found = (event) => (state.place ? kind.at(state.model, state.place, ...point(event)) : { x: null, row: null });

  function move({ x = null, row = null }) {
    state.acted = performance.now();
    state.row = row;
    if (x !== null && x !== state.cursor) {
      state.cursor = x;
      onCursor?.(x);
    }
    changed();
  }

  /** By keys: only these are spoken, a mouse would say too much. */
  function moveAndSay(there) {
    move(there);
    spoken.textContent = reading(kind, shown(), state.row);
    return true;
  }

  function drop() {
    pressed = null;
    plot.querySelector(".dragged")?.remove();
    return true;
  }

  listen("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    pressed = { from: point(event)[0], dragged: false };
    plot.setPointerCapture(event.pointerId); // its end is to be heard of wherever it is
  });
  listen("pointermove", (event) => {
    if (!pressed) return event.pointerType === "touch" || move(found(event));
    const [to] = point(event);
    pressed.dragged ||= isZoomable() && Math.abs(to - pressed.from) >= DRAGGED;
    if (pressed.dragged) select(plot, state.place.plot, pressed.from, to);
  });
  listen("pointerup", (event) => {
    if (!pressed) return;
    const { from, dragged } = pressed;
    drop();
    if (dragged) return zoomTo([from, point(event)[0]].map(valueAt));
    const there = found(event);
    move(there);
    if (there.row !== null) onSelect?.(there.row);
  });
  listen("pointercancel", drop);
  listen("pointerleave", () => {
    if (!pressed && state.row !== null) move({ row: null });
  });
  listen("dblclick", () => isZoomable() && zoomBack());
  listen("keydown", (event) => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (act(event.shiftKey ? FAR : 1)) event.preventDefault();
  });

  /** What keys do; false where they have nothing to do here, so that the page has them. */
  const acts = {
    ArrowLeft: (far) => step(-far) || rowBy(-far),
    ArrowRight: (far) => step(far) || rowBy(far),
    ArrowUp: (far) => rowBy(-far),
    ArrowDown: (far) => rowBy(far),
    Home: () => step(-Infinity) || rowBy(-Infinity),
    End: () => step(Infinity) || rowBy(Infinity),
    "+": () => zoomBy(0.5),
    "=": () => zoomBy(0.5),
    "-": () => zoomBy(2),
    Escape: () => (pressed ? drop() : isZoomable() && zoomBack()),
    Enter: () => Boolean(onSelect) && state.row !== null && (onSelect(state.row), true),
  };

  /** The cursor so many of the positions in view on. */
  function step(far) {
    const [low, high] = state.model.x?.domain ?? [-Infinity, Infinity];
    const all = kind.positions(state.model).filter((x) => x >= low && x <= high);
    if (!all.length) return false;
    const here = state.cursor ?? (far < 0 ? Infinity : -Infinity);
    const before = all.findLastIndex((x) => x <= here);
    const from = far < 0 && all[before] !== here ? before + 1 : before;
    return moveAndSay({ x: all[within(from + far, all.length)], row: state.row });
  }

  function rowBy(far) {
    const rows = kind.describe(state.model).rows;
    if (!rows?.length) return false;
    const from = state.row ?? state.model.selected ?? (far > 0 ? -1 : rows.length);
    return moveAndSay({ row: within(from + far, rows.length) });
  }

  /** The value of x at a pixel of the plot, or at the end that it is beyond. */
  const valueAt = (pixel) => {
    const { x, plot: { left, right } } = state.place;
    return x.back(Math.max(left, Math.min(right, pixel)));
  };

  function zoomBy(factor) {
    if (!isZoomable()) return false;
    const [low, high] = state.model.x?.domain ?? state.place.x.domain; // what is drawn may be older
    const middle = Math.max(low, Math.min(high, state.cursor ?? (low + high) / 2));
    return zoomTo([middle - (middle - low) * factor, middle + (high - middle) * factor]);
  }

  /** Steps are whole; times and epochs need not be. */
  function zoomTo(range) {
    const isWhole = kind.positions(state.model).every(Number.isInteger);
    const [from, to] = range.toSorted((a, b) => a - b).map((x) => Math.max(0, isWhole ? Math.round(x) : x));
    if (to > from) act([from, to]);
    return true;
  }

  function zoomBack() {
    act(null);
    return true;
  }

  function act(range) {
    state.acted = performance.now();
    onZoom(range);
  }
}

const within = (index, length) => Math.max(0, Math.min(length - 1, index));

/** Show what is being dragged over. */
function select(plot, { top, bottom, left, right }, from, to) {
  const box = plot.querySelector(".dragged") ?? plot.appendChild(document.createElement("div"));
  box.className = "dragged";
  const [a, b] = [from, to].toSorted((x, y) => x - y).map((x) => Math.max(left, Math.min(right, x)));
  Object.assign(box.style, { left: `${a}px`, width: `${b - a}px`, top: `${top}px`, height: `${bottom - top}px` });
}
