/** The charts of one part of the page: told what is to be seen, it makes, renews and removes figures. */

import { figure } from "../../../charts/figure.js";
import * as heatmap from "../../../charts/heatmap.js";
import * as lines from "../../../charts/lines.js";
import * as network from "../../../charts/network.js";
import * as profile from "../../../charts/profile.js";
import * as ridges from "../../../charts/ridges.js";
import { requests } from "../../../lib/api.js";
import { h } from "../../../lib/dom.js";

const KINDS = { lines, heatmap, ridges, profile, network };
const ROW = 22; // pixels of a layer
const OF_ROWS = (model) => 74 + Math.min(500, Math.max(66, ROW * model.rows.length));
const HEIGHTS = {
  heatmap: (model) => (model.y ? 240 : OF_ROWS(model)), profile: OF_ROWS, network: network.heightFor, ridges: 340,
};
const HAS_STEPS = ["lines", "heatmap"]; // as its x axis: there one zooms

/** A function that shows [{name, model, path, onSelect?}]. */
export function gallery(host, context) {
  const held = new Map();

  function make(each) {
    const place = h("div", { class: "chart-place", "data-chart": each.name });
    host.append(place);
    const kept = { place, kind: each.model.kind, ...each };
    kept.figure = figure(place, KINDS[each.model.kind], {
      model: each.model,
      requests: () => requests(kept.path),
      onCursor: (x) => context.cursor.set(x),
      onZoom: HAS_STEPS.includes(kept.kind) ? (range) => context.cursor.zoom(range) : undefined,
      onSelect: each.onSelect ? (row) => kept.onSelect(row) : undefined,
      file: context.id,
      height: HEIGHTS[kept.kind],
    });
    held.set(each.name, kept);
  }

  function remove(name) {
    held.get(name).figure.remove();
    held.get(name).place.remove();
    held.delete(name);
  }

  return (wanted) => {
    const kinds = new Map(wanted.map((each) => [each.name, each.model.kind]));
    for (const [name, kept] of held) if (kinds.get(name) !== kept.kind) remove(name);
    for (const each of wanted) {
      const kept = held.get(each.name);
      if (kept) Object.assign(kept, each).figure.update(each.model);
      else make(each);
    }
  };
}
