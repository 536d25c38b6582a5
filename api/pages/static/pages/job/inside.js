/** The sections Inside and BN of a job: what its layers do, as a map, a network, a profile and opened layers. */

import { send } from "../../lib/api.js";
import { fill, h, say } from "../../lib/dom.js";
import { onPause, say as tell, sayError } from "../../lib/shell.js";
import { bnPart } from "./bn.js";
import { gallery } from "./inside/gallery.js";
import { layerPart } from "./inside/layer.js";
import { atMostEvery, latest } from "../../lib/loading.js";
import { apart, matrixPath } from "./inside/matrix.js";
import { gradientModel, mapModel, networkModel } from "./inside/models.js";
import { scaleOf } from "./inside/scales.js";
import { available, chosen, GROUPS, layersWith, notRecorded } from "./inside/statistics.js";

const RENEWED = 3; // seconds between two matrices of a job that trains
const OTHERS = 10; // and between two answers for the parts that are further down
const ASK = { recording: { activations_every: 1 } };

/**
 * Make both sections. `context`: {id, view, cursor: {get, set, on, zoom}, job: () => job}. Returns what the page calls:
 * {job(job), rows(event), view(), reset(), ready}.
 */
export function inside(host, context) {
  const place = sections(host);
  const show = gallery(place.charts, context);
  const layer = layerPart(place.layer, context, () => open(null));
  const bn = bnPart(place.bn, context);
  let [network, job, statistic, matrices, scale, asked] = [null, null, null, {}, null, null];
  let [range, loading, started] = [{}, null, null];

  const load = latest((answer, path) => {
    [matrices, asked] = [apart(answer), path];
    scale = scaleOf(statistic, matrices[statistic.name].values);
    draw();
  });
  const isLive = () => job.status === "running";
  const again = () => statistic && load(matrixPath(context.id, asking(statistic, network), { ...range, live: isLive() }));
  const renewMap = atMostEvery(RENEWED, again);
  const renewOthers = atMostEvery(OTHERS, () => {
    layer.again();
    bn.again();
  });
  const renew = () => {
    renewMap();
    renewOthers();
  };

  /** Once: the network, by the job's document. */
  async function start() {
    const reason = notRecorded(job.spec);
    network = await send("POST", "jobs/validate", job.spec);
    place.charts.classList.toggle("waiting", !reason);
    bn.start(network, job.spec);
    if (reason) return fill(place.note, reason, h("code", { class: "snippet", text: JSON.stringify(ASK) }));
    place.controls.hidden = false;
    options(place.statistic, network);
    fill(place.opened, h("option", { value: "", text: "none" }), network.layers.map(({ name }) => h("option", { text: name })));
    sync();
    await loading;
  }

  /** What the address says, brought about. */
  function sync() {
    if (!network || notRecorded(job.spec)) return;
    const { statistic: name, layer: opened, from = null, to = null } = context.view.values;
    const before = statistic;
    statistic = chosen(name, network);
    if (!statistic) return say(place.note, "No layer of this network has weights or a nonlinearity: nothing is measured.");
    place.statistic.value = statistic.name;
    say(place.meaning, statistic.sentence);
    const found = network.layers.find((each) => each.name === opened) ?? null;
    place.opened.value = found?.name ?? "";
    if (statistic !== before || from !== range.from || to !== range.to) {
      range = { from, to };
      loading = again();
      bn.range(range);
    }
    layer.show(found, network, range);
    draw();
  }

  function open(name) {
    context.view.set({ layer: name ?? "" }, { push: true });
    sync();
    if (name) tell(`Layer ${name} is open below the map.`);
  }

  function draw() {
    const matrix = statistic && matrices[statistic.name];
    if (!matrix) return;
    place.charts.classList.remove("waiting");
    const state = { cursor: context.cursor.get(), layer: context.view.values.layer, live: isLive() };
    const isKnown = !state.layer || network.layers.some((each) => each.name === state.layer);
    const { statistic: named } = context.view.values;
    say(place.note, [
      matrix.steps.length ? "" : "Nothing is recorded of these steps yet; what comes is drawn here.",
      !named || named === statistic.name ? "" : `No statistic '${named}' is recorded here; ${statistic.label} is shown.`,
      isKnown ? "" : `This network has no layer '${state.layer}', which the address names.`,
    ].join(" ").trim());
    show(matrix.steps.length ? charts(matrix, state) : []);
  }

  function charts(matrix, state) {
    const gradient = matrices.gradient_norm;
    return [
      { name: "map", model: mapModel(statistic, matrix, scale, state), path: asked,
        onSelect: (row) => open(matrix.rows[row]) },
      gradient && { name: "depth", model: gradientModel(gradient, state), path: asked,
        onSelect: (row) => open(gradient.rows[row]) },
      { name: "network", model: networkModel(statistic, matrix, scale, network, state), path: asked,
        onSelect: (row) => open(network.layers[row].name) },
    ].filter(Boolean);
  }

  place.statistic.addEventListener("change", () => {
    context.view.set({ statistic: place.statistic.value });
    sync();
  });
  place.opened.addEventListener("change", () => open(place.opened.value || null));
  onPause((isPaused) => isPaused || renew());
  context.cursor.on(() => {
    draw();
    layer.draw();
    bn.draw();
  });

  return Object.freeze({
    job(told) {
      const [isFirst, ended] = [job === null, job !== null && job.status === "running" && told.status !== "running"];
      job = told;
      if (isFirst) started = start().catch(sayError);
      else if (ended) renew();
    },
    rows(event) {
      const { to = null } = context.view.values;
      if (network && (to === null || event.after < to)) renew();
    },
    view: sync,
    reset: renew,
    /** Resolves once the first answer is drawn, or was refused. */
    get ready() {
      return started;
    },
  });
}

/** The statistics of one request: the one that is shown, and of the same table the gradient's norm for its profile. */
const asking = ({ name }, network) =>
  name.includes(".") || !layersWith("gradient_norm", network).length ? [name] : [...new Set([name, "gradient_norm"])];

function options(select, network) {
  const has = available(network);
  const groups = GROUPS.map(([label, kinds]) => [label, has.filter((each) => kinds.includes(each.of))]);
  fill(select, groups.filter(([, members]) => members.length).map(([label, members]) =>
    h("optgroup", { label }, members.map(({ name, label: text }) => h("option", { value: name, text })))));
}

function sections(host) {
  const place = {
    statistic: h("select"),
    opened: h("select"),
    meaning: h("p", { class: "small" }),
    note: h("p", { class: "note" }),
    charts: h("div", { class: "inside-charts" }),
    layer: h("div"),
    bn: h("section", { id: "bn", "aria-labelledby": "bn-title" }, h("h2", { id: "bn-title", text: "Batch normalization (BN)" })),
  };
  place.controls = h("div", { class: "row", hidden: true },
    h("label", {}, "Statistic ", place.statistic), h("label", {}, "Open layer ", place.opened));
  host.append(
    h("section", { id: "inside", tabindex: "-1", "aria-labelledby": "inside-title" }, h("h2", { id: "inside-title", text: "Inside" }),
      place.controls, place.meaning, place.note, place.charts, place.layer),
    place.bn);
  return place;
}
