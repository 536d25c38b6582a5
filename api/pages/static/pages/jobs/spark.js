/** A line as small as a word: how a value went, without axes. */

const SPACE = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [72, 18];

/** An image of values, one beside the other; `words` tells it to who does not see it. */
export function spark(values, words) {
  const svg = document.createElementNS(SPACE, "svg");
  const attributes = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", "aria-label": words };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const line = document.createElementNS(SPACE, "polyline");
  line.setAttribute("points", pointsOf(values));
  line.setAttribute("class", "spark");
  svg.append(line);
  return svg;
}

function pointsOf(values) {
  const there = values.flatMap((value, i) => (value === null ? [] : [[i, value]]));
  const [low, high] = [Math.min(...there.map(([, v]) => v)), Math.max(...there.map(([, v]) => v))];
  const across = (i) => 1 + (i / Math.max(1, values.length - 1)) * (WIDTH - 2);
  const up = (value) => HEIGHT - 2 - ((value - low) / (high - low || 1)) * (HEIGHT - 4);
  return there.map(([i, value]) => `${across(i).toFixed(1)},${up(value).toFixed(1)}`).join(" ");
}
