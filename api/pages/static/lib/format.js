/** Numbers, times and sizes as people read them. */

const NOT_A_NUMBER = "–";

/** Four significant digits; far from one as 1.2e-9. Null and what is not finite: a dash. */
export function number(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOT_A_NUMBER;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(digits - 2).replace("e+", "e");
  if (size >= 10 ** (digits - 1)) return count(Math.round(value));
  return String(Number(value.toPrecision(digits)));
}

/** A whole number with commas: 50,000. */
export const count = (value) =>
  value === null || value === undefined ? NOT_A_NUMBER : value.toLocaleString("en-US", { maximumFractionDigits: 0 });

/** A share as a percentage: 96.1 %. */
export const percent = (share, digits = 1) =>
  share === null || share === undefined ? NOT_A_NUMBER : `${(100 * share).toFixed(digits)} %`;

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** Seconds, by the two greatest units: 1 h 20 min. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NOT_A_NUMBER;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const first = UNITS.findIndex(([size]) => seconds >= size);
  const [size, unit] = UNITS[first];
  const rest = UNITS[first + 1];
  const whole = Math.floor(seconds / size);
  const part = rest && Math.floor((seconds % size) / rest[0]);
  return part ? `${whole} ${unit} ${part} ${rest[1]}` : `${whole} ${unit}`;
}

/** How long ago: `now` in milliseconds, by the server's clock. */
export function ago(iso, now) {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 5) return "just now";
  const [size, unit] = UNITS.find(([size]) => seconds >= size);
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

/** A time in the reader's own zone, to the second. */
export const clock = (iso) => new Date(iso).toLocaleString("sv-SE", { timeZoneName: "short" });

/** Bytes in the units of 1,000: 1.2 MB. */
export function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(value, 1)) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

/** One of a few, or many: plural(2, "layer") is "2 layers". */
export const plural = (many, word) => `${count(many)} ${word}${many === 1 ? "" : "s"}`;
