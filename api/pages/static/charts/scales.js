/** Scales: from values to pixels and back, their ticks, and the part of an axis that values need. */

/** The least and greatest of the finite values; null where none is. */
export function extent(values) {
  let least = Infinity;
  let greatest = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return least <= greatest ? [least, greatest] : null;
}

const FEW = 26; // values of which the greatest is the 98th percentile

/** The part that most values lie in: what lies far beyond it would flatten everything else. */
export function robust(values) {
  const finite = values.filter((value) => value !== null && Number.isFinite(value)).sort((a, b) => a - b);
  if (!finite.length) return null;
  const at = (share) => finite[Math.round(share * (finite.length - 1))];
  const [share, spans] = finite.length < FEW ? [0.25, 10] : [0.02, 2];
  const [low, high] = [at(share), at(1 - share)];
  const reach = spans * (high - low || Math.abs(high) || Infinity); // about zeros alone nothing is far
  return [Math.max(finite[0], low - reach), Math.min(finite.at(-1), high + reach)];
}

/** A little room about a part of an axis, and some where it is one value. */
export function roomy([low, high], share = 0.04) {
  const span = high - low || Math.abs(high) * 0.1 || 1;
  return [low - span * share, high + span * share];
}

const linear = { to: (v) => v, from: (v) => v, takes: Number.isFinite };
const log = { to: Math.log10, from: (v) => 10 ** v, takes: (v) => Number.isFinite(v) && v > 0 };
const KINDS = { linear, log };

/** A scale of a kind: `at` gives the pixel of a value, `back` the value at a pixel, `takes` whether it has a place. */
export function scale(kind, [low, high], [start, end]) {
  const { to, from, takes } = KINDS[kind];
  const [a, b] = [to(low), to(high)];
  const span = b - a || 1;
  return Object.freeze({
    kind,
    domain: [low, high],
    range: [start, end],
    takes,
    at: (value) => start + ((to(value) - a) / span) * (end - start),
    back: (pixel) => from(a + ((pixel - start) / (end - start || 1)) * span),
  });
}

/** Values at which an axis has its ticks: some five, at 1, 2 or 5 times a power of ten. */
export function ticks({ kind, domain: [low, high] }, wanted = 5) {
  return kind === "log" ? logTicks(low, high, wanted) : linearTicks(low, high, wanted);
}

function linearTicks(low, high, wanted) {
  if (!(high > low)) return [low];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function logTicks(low, high, wanted) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  if (last - first < 1) return linearTicks(low, high, wanted).filter((value) => value > 0);
  const every = Math.ceil((last - first) / wanted);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((power) => power % every === 0).map((p) => 10 ** p);
}

/** The name of what is not finite at a place, of runs [[first, name, last]]; null: nothing is. */
export const strangeAt = (runs = [], x) => runs.find(([first, , last = first]) => x >= first && x <= last)?.[1] ?? null;
