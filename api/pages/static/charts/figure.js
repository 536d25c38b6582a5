/** A chart on a page: its title, canvas and axes, the line that reads it out, and when it is drawn anew. */

import { element, put } from "./elements.js";
import { inside } from "./export.js";
import { controls, reading } from "./interact.js";
import { dataMenu, KEYS } from "./menu.js";
import { coloursOf } from "./palette.js";
import { SvgContext, svgElement } from "./svg.js";

const TURN = 250; // milliseconds between two drawings of what moves by itself
let made = 0;

/**
 * Put a chart into `host`. `kind`: a module of this folder that draws. `options`: `model`; `onCursor(x)`,
 * `onZoom([from, to] | null)`, `onSelect(row)` where the page follows these; `requests()` the request behind it;
 * `file`, the name that exports have; `height` in pixels or a function of model and width. Returns what updates,
 * describes and removes it.
 */
export function figure(host, kind, options) {
  const parts = build(host, kind, options.model);
  const state = {
    model: options.model, cursor: options.model.cursor ?? null, row: null, acted: -TURN,
    place: null, colours: null, seen: false, drawn: -TURN, timer: 0, frame: 0,
  };
  const gone = new AbortController();
  const shown = () => ({ ...state.model, cursor: state.cursor });
  const size = () => sizeOf(parts.plot, state.model, options.height);

  function draw() {
    state.frame = 0;
    if (!state.seen || !parts.plot.clientWidth) return;
    state.drawn = performance.now();
    state.colours ??= coloursOf(host);
    const [model, now] = [shown(), size()];
    state.place = kind.layout(model, now);
    drawCanvas(parts.canvas, now, (context) => inside(context, kind, model, state.place, state.colours, now.height));
    drawFrame(parts, now, (context) => kind.frame(context, model, state.place, state.colours));
    drawLegend(parts.legend, kind.legend?.(model, state.place, state.colours) ?? []);
    put(parts.title, model.title);
    put(parts.summary, kind.describe(model).sentence);
    put(parts.readout, reading(kind, model, state.row));
    put(parts.foot, model.foot ?? "");
  }

  /** At the next frame, or where there is no haste after a while; a frame that is due draws whatever there is by then. */
  function schedule(wait = 0) {
    if (state.frame) return;
    if (wait > 0) {
      state.timer ||= setTimeout(schedule, wait);
      return;
    }
    clearTimeout(state.timer);
    state.timer = 0;
    state.frame = requestAnimationFrame(draw);
  }

  const unwatched = watch(parts, gone.signal, {
    seen: (now) => (state.seen = now) && schedule(),
    sized: () => schedule(),
    themed: () => {
      state.colours = null;
      schedule();
    },
  });
  controls(parts, kind, state, { ...options, shown, changed: () => schedule(), signal: gone.signal });
  dataMenu(parts, kind, shown, { ...options, size });

  /** What the reader moves is drawn at once, what moves by itself four times a second. */
  function update(model, { live = !isAct(state, model) } = {}) {
    if (model.cursor !== undefined && model.cursor !== state.model.cursor) state.cursor = model.cursor;
    state.model = model;
    schedule(live ? TURN - (performance.now() - state.drawn) : 0);
  }

  function remove() {
    unwatched();
    gone.abort();
    clearTimeout(state.timer);
    cancelAnimationFrame(state.frame);
    parts.figure.remove();
  }

  const describe = () => kind.describe(state.model);
  return { update, describe, remove, element: Object.assign(parts.figure, { describe }) };
}

/** Whether the reader has brought a new model about, by this chart or by another one. */
const isAct = ({ model: old, acted }, model) =>
  model.cursor !== old.cursor || model.selected !== old.selected || performance.now() - acted < TURN;

function sizeOf({ clientWidth }, model, height = 220) {
  const width = Math.max(200, Math.floor(clientWidth));
  return { width, height: typeof height === "function" ? height(model, width) : height };
}

/** Tell when the chart comes near the screen, and when its width, the theme or the screen's pixels change. */
function watch({ figure, plot }, signal, { seen, sized, themed }) {
  const near = new IntersectionObserver((entries) => seen(entries.at(-1).isIntersecting), { rootMargin: "300px" });
  near.observe(figure);
  let width = 0; // its height is the drawing's own doing, and no reason for another
  const wide = new ResizeObserver(() => {
    if (plot.clientWidth !== width) sized();
    width = plot.clientWidth;
  });
  wide.observe(plot);
  const theme = new MutationObserver(themed);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themed, { signal });
  const ratio = () =>
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", () => {
      sized();
      ratio();
    }, { once: true, signal });
  ratio();
  return () => [near, wide, theme].forEach((observer) => observer.disconnect());
}

function build(host, kind, model) {
  const id = `chart-${++made}`;
  const title = element("h3", { id: `${id}-title`, class: "chart-title" }, model.title);
  const summary = element("p", { id: `${id}-summary`, class: "chart-summary" }, kind.describe(model).sentence);
  const keys = element("p", { id: `${id}-keys`, class: "chart-keys" }, KEYS);
  const canvas = element("canvas", { "aria-hidden": "true" });
  const svg = svgElement("svg", { "aria-hidden": "true" });
  // An application: there a screen reader leaves the arrow keys to the chart.
  const plot = element("div", {
    class: "plot", tabindex: "0", role: "application", "aria-roledescription": "chart",
    "aria-labelledby": title.id, "aria-describedby": `${summary.id} ${keys.id}`,
  }, svg, canvas);
  const readout = element("p", { class: "readout" });
  const spoken = element("p", { class: "spoken", "aria-live": "polite" });
  const foot = element("figcaption", { class: "chart-foot" }, model.foot ?? "");
  const tools = element("div", { class: "chart-tools" });
  const legend = element("p", { class: "chart-legend" });
  const all = [title, legend, plot, readout, foot, tools, summary, spoken];
  const figure = element("figure", { class: "chart", "aria-labelledby": title.id }, ...all);
  host.append(figure);
  return { figure, title, legend, summary, keys, plot, canvas, svg, readout, spoken, foot, tools };
}

function drawCanvas(canvas, { width, height }, draw) {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    [canvas.width, canvas.height] = [w, h];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  draw(context);
}

/** Names of lines, each with a sample of its colour. */
function drawLegend(legend, names) {
  const entry = ([name, colour]) => {
    const sample = element("span", { class: "sample" });
    sample.style.background = colour;
    return element("span", {}, sample, name);
  };
  if (String(names) !== legend.dataset.shown) legend.replaceChildren(...names.map(entry));
  legend.dataset.shown = names;
}

function drawFrame({ svg, plot }, { width, height }, draw) {
  plot.style.height = `${height}px`;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  [svg.style.width, svg.style.height] = [`${width}px`, `${height}px`];
  const group = svgElement("g");
  draw(new SvgContext(group));
  if (!svg.firstChild?.isEqualNode(group)) svg.replaceChildren(group); // axes that stand are not laid out again
}
