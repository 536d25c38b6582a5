/** Colours: of lines, as far apart as they can be for every kind of sight; of heat maps; and the theme's own. */

const LINES = {
  light: ["#0072B2", "#D55E00", "#752017", "#3E357E", "#929292", "#884F61"],
  dark: ["#56B4E9", "#FF8A3D", "#B9EEC2", "#7E6CF7", "#A97391", "#FACB39"],
};

/** Points of cividis and of a blue, white and red map, between which colours are mixed. */
const STOPS = {
  sequential: [[0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115], [138, 134, 120],
    [165, 156, 116], [195, 179, 105], [225, 204, 85], [254, 232, 56]],
  diverging: [[33, 102, 172], [103, 169, 207], [209, 229, 240], [247, 247, 247], [253, 219, 199], [239, 138, 98],
    [178, 24, 43]],
};

/** 256 colours from the first to the last of some. */
function table(stops) {
  return Array.from({ length: 256 }, (_, i) => {
    const place = (i / 255) * (stops.length - 1);
    const first = Math.min(Math.floor(place), stops.length - 2);
    const part = place - first;
    return stops[first].map((from, channel) => Math.round(from + part * (stops[first + 1][channel] - from)));
  });
}

const TABLES = Object.fromEntries(Object.entries(STOPS).map(([name, stops]) => [name, table(stops)]));

/** The colours of a map: `place` from 0 to 1 gives [red, green, blue]. */
export const mapped = (kind, place) =>
  TABLES[kind === "diverging" ? "diverging" : "sequential"][Math.max(0, Math.min(255, Math.round(place * 255)))];

/** The same as a colour's name. */
export const named = (rgb) => `rgb(${rgb.join(",")})`;

/** Black or white, whichever can be read on a colour. */
export const onColour = (rgb) => (luminance(rgb) > 140 ? "#111" : "#fff");

/** Where in a scale a value lies, from 0 to 1; null: nowhere. */
export function place({ kind, domain: [low, high] }, value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  if (kind !== "log") return high > low ? (value - low) / (high - low) : 0.5;
  if (value <= 0) return null;
  return high > low ? Math.log(value / low) / Math.log(high / low) : 0.5;
}

/** What charts are drawn with, as the theme of an element has it. */
export function coloursOf(element) {
  const style = getComputedStyle(element);
  const own = (name) => resolved(element, style.getPropertyValue(name).trim());
  const dark = luminance(own("--paper").match(/[\d.]+/g)) < 128;
  return Object.freeze({
    ink: own("--ink"), faint: own("--faint"), grid: own("--grid"), paper: own("--paper"), accent: own("--accent"),
    dark,
    lines: LINES[dark ? "dark" : "light"],
    font: `12px ${style.fontFamily}`,
  });
}

/** A colour that light-dark() chooses is known to the browser alone: an element is given it, and asked. */
function resolved(element, text) {
  const probe = element.ownerDocument.createElement("i");
  probe.style.color = text;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

const luminance = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b;
