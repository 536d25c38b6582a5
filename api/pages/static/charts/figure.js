/** A chart on a page: its title, canvas and axes, the line that reads it out, its keys, and what can be taken from it. */

import { dataMenu } from "./export.js";
import { controls } from "./interact.js";
import { coloursOf } from "./palette.js";
import { SvgContext, svgElement } from "./svg.js";

const TURN = 250; // milliseconds between two drawings of what moves by itself
let made = 0;

/**
 * Put a chart into `host`. `kind`: a module of this folder that draws. `options`: `model`; `onCursor(x)`,
 * `onZoom([from, to] | null)`, `onSelect(row)` where the page follows these; `requests()` the request behind it;
 * `file`, the name that exports have; `height` in pixels or a function of the width. Returns what updates, describes
 * and removes it.
 */
export function figure(host, kind, options) {
  const parts = build(host, options);
  const state = { model: options.model, place: null, seen: false, due: 0, drawn: 0, cursor: null };
  const size = () => {
    const width = Math.max(200, Math.floor(parts.plot.clientWidth));
    const height = typeof options.height === "function" ? options.height(state.model, width) : (options.height ?? 220);
    return { width, height };
  };

  function draw() {
    state.due = 0;
    if (!state.seen || !parts.plot.isConnected) return;
    state.drawn = performance.now();
    const colours = coloursOf(host);
    const now = size();
    state.place = kind.layout(state.model, now);
    drawCanvas(parts.canvas, now, (context) => kind.marks(context, state.model, state.place, colours));
    drawFrame(parts, now, (context) => kind.frame(context, state.model, state.place, colours));
    put(parts.title, state.model.title);
    put(parts.summary, kind.describe(state.model).sentence);
    put(parts.foot, state.model.foot ?? "");
  }

  /** At once where the reader did something, else when its turn has come. */
  function schedule(live = false) {
    if (state.due) return;
    const wait = live ? Math.max(0, TURN - (performance.now() - state.drawn)) : 0;
    state.due = setTimeout(() => requestAnimationFrame(draw), wait);
  }

  const near = new IntersectionObserver(([entry]) => {
    state.seen = entry.isIntersecting;
    if (state.seen) schedule();
  }, { rootMargin: "300px" });
  near.observe(parts.figure);
  let width = 0;
  const sized = new ResizeObserver(() => {
    if (parts.plot.clientWidth !== width) schedule();
    width = parts.plot.clientWidth;
  });
  sized.observe(parts.plot);
  const themed = new MutationObserver(() => schedule());
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => schedule();
  dark.addEventListener("change", redraw);
  const released = controls(parts, kind, state, options);
  dataMenu(parts, kind, () => state.model, { ...options, size });

  const describe = () => kind.describe(state.model);
  parts.figure.describe = describe;
  return {
    update(model, { live = false } = {}) {
      state.model = model;
      schedule(live);
    },
    describe,
    element: parts.figure,
    remove() {
      for (const observer of [near, sized, themed]) observer.disconnect();
      dark.removeEventListener("change", redraw);
      released();
      clearTimeout(state.due);
      parts.figure.remove();
    },
  };
}

function build(host, { model }) {
  const id = `chart-${++made}`;
  const figure = element("figure", { class: "chart", "aria-labelledby": `${id}-title` });
  const title = element("h3", { id: `${id}-title`, class: "chart-title" }, model.title);
  const summary = element("p", { id: `${id}-summary`, class: "chart-summary" });
  const plot = element("div", {
    class: "plot", tabindex: "0", role: "img", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-summary`,
  });
  const canvas = element("canvas", { "aria-hidden": "true" });
  const svg = svgElement("svg", { "aria-hidden": "true" });
  plot.append(canvas, svg);
  const readout = element("p", { class: "readout" });
  const spoken = element("p", { class: "spoken", "aria-live": "polite" });
  const foot = element("figcaption", { class: "chart-foot" });
  const tools = element("div", { class: "chart-tools" });
  figure.append(title, plot, readout, foot, tools, summary, spoken);
  host.append(figure);
  return { id, figure, title, summary, plot, canvas, svg, readout, spoken, foot, tools };
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

function drawFrame({ svg, plot }, { width, height }, draw) {
  plot.style.height = `${height}px`;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  [svg.style.width, svg.style.height] = [`${width}px`, `${height}px`];
  const group = svgElement("g");
  draw(new SvgContext(group));
  svg.replaceChildren(group);
}

/** An element of HTML with a text. */
export function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
