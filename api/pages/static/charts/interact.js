/** What a reader does with a chart: the cursor by mouse and keys, zooming by dragging and keys, choosing a row. */

const FAR = 10; // positions that a key goes with Shift
const DRAGGED = 6; // pixels from which a press is no click

/** Listen to what is done in the plot. Returns what ends it. */
export function controls(parts, kind, state, { onCursor, onZoom, onSelect }) {
  const { plot, readout, spoken } = parts;
  const gone = new AbortController();
  const listen = (event, listener) => plot.addEventListener(event, listener, { signal: gone.signal });
  let pressed = null;

  /** Where in the plot a pointer is. */
  const point = (event) => {
    const { left, top } = plot.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  function found(event) {
    return state.place ? kind.at(state.model, state.place, ...point(event)) : { x: null, row: null };
  }

  function move({ x, row }, { say = false } = {}) {
    if (x !== null && x !== undefined) {
      state.cursor = x;
      onCursor?.(x);
    }
    const words = kind.read(state.model, x ?? state.cursor, row ?? undefined);
    readout.textContent = words;
    if (say) spoken.textContent = words;
  }

  listen("pointerdown", (event) => {
    if (event.button === 0) pressed = { at: point(event)[0], id: event.pointerId };
  });
  listen("pointermove", (event) => {
    if (!pressed) return event.pointerType === "mouse" && move(found(event));
    const now = point(event)[0];
    if (onZoom && Math.abs(now - pressed.at) >= DRAGGED) {
      plot.setPointerCapture(pressed.id);
      select(parts, state.place.plot, pressed.at, now);
    }
  });
  listen("pointerup", (event) => {
    const from = pressed?.at;
    pressed = null;
    clear(parts);
    if (from === undefined) return;
    const to = point(event)[0];
    if (onZoom && Math.abs(to - from) >= DRAGGED) return zoomTo([from, to].map((pixel) => state.place.x.back(pixel)));
    const there = found(event);
    move(there);
    if (there.row !== null) onSelect?.(there.row);
  });
  listen("pointercancel", () => {
    pressed = null;
    clear(parts);
  });
  listen("dblclick", () => onZoom?.(null));
  listen("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (act(event.shiftKey ? FAR : 1) !== false) event.preventDefault();
  });

  const KEYS = {
    ArrowLeft: (far) => step(-far),
    ArrowRight: (far) => step(far),
    ArrowUp: (far) => rowBy(-far),
    ArrowDown: (far) => rowBy(far),
    Home: () => step(-Infinity),
    End: () => step(Infinity),
    "+": () => zoomBy(0.5),
    "=": () => zoomBy(0.5),
    "-": () => zoomBy(2),
    Escape: () => onZoom && (clear(parts), onZoom(null)),
    Enter: () => (onSelect && state.row !== undefined ? onSelect(state.row) : false),
  };

  /** The cursor so many positions on. */
  function step(far) {
    const all = kind.positions(state.model);
    if (!all.length) return false;
    const here = state.model.cursor ?? state.cursor;
    const from = here === null ? -1 : all.findLastIndex((x) => x <= here);
    move({ x: all[Math.max(0, Math.min(all.length - 1, from + far))], row: state.row }, { say: true });
    return true;
  }

  /** Another row, told; Enter opens it. */
  function rowBy(far) {
    const rows = kind.describe(state.model).rows;
    if (!onSelect || !rows?.length) return false;
    const from = state.row ?? state.model.selected ?? (far > 0 ? -1 : rows.length);
    state.row = Math.max(0, Math.min(rows.length - 1, from + far));
    move({ x: state.model.cursor ?? null, row: state.row }, { say: true });
    return true;
  }

  function zoomBy(factor) {
    if (!onZoom || !state.place) return false;
    const [low, high] = state.place.x.domain;
    const middle = Math.max(low, Math.min(high, state.model.cursor ?? (low + high) / 2));
    zoomTo([middle - (middle - low) * factor, middle + (high - middle) * factor]);
    return true;
  }

  function zoomTo(range) {
    const [from, to] = range.toSorted((a, b) => a - b);
    if (to > from) onZoom([from, to]);
  }

  return () => gone.abort();
}

/** Show what is being dragged over. */
function select({ plot }, { top, bottom, left, right }, from, to) {
  const box = plot.querySelector(".dragged") ?? plot.appendChild(document.createElement("div"));
  box.className = "dragged";
  const [a, b] = [from, to].toSorted((x, y) => x - y).map((x) => Math.max(left, Math.min(right, x)));
  Object.assign(box.style, { left: `${a}px`, width: `${b - a}px`, top: `${top}px`, height: `${bottom - top}px` });
}

const clear = ({ plot }) => plot.querySelector(".dragged")?.remove();
