/** A line as small as a word: how a value went, without axes. */

import { svgElement } from "../../charts/svg.js";

const [WIDTH, HEIGHT] = [72, 18];

/** An image of values, one beside the other; `words` tells it to who does not see it. */
export function spark(values, words) {
  const size = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT };
  const svg = svgElement("svg", { ...size, role: "img", "aria-label": words });
  svg.append(svgElement("polyline", { points: pointsOf(values), class: "spark" }));
  return svg;
}

function pointsOf(values) {
  const there = values.flatMap((value, i) => (value === null ? [] : [[i, value]]));
  const [low, high] = [Math.min(...there.map(([, v]) => v)), Math.max(...there.map(([, v]) => v))];
  const across = (i) => 1 + (i / Math.max(1, values.length - 1)) * (WIDTH - 2);
  const up = (value) => HEIGHT - 2 - ((value - low) / (high - low || 1)) * (HEIGHT - 4);
  return there.map(([i, value]) => `${across(i).toFixed(1)},${up(value).toFixed(1)}`).join(" ");
}
