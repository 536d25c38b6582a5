/** Scales of colours for a statistic's values: they hold what is usual, and what lies beyond has the end's colour. */

const BEYOND = 0.005; // the share of values at either end that may lie outside of a scale
const DECADES = 24; // the most that a logarithmic scale spans

/** {kind, domain, label} for the rows of values; `clipped`: some lie beyond it; `hatched`: some have no place on it. */
export function scaleOf({ scale, label }, values) {
  const all = values.flat();
  const finite = Float64Array.from(all.filter((each) => each !== null)).sort();
  const placed = scale === "log" ? finite.subarray(finite.findLastIndex((each) => each <= 0) + 1) : finite;
  const domain = DOMAIN[scale](placed);
  const clipped = placed.length > 0 && (placed[0] < domain[0] || placed.at(-1) > domain[1]);
  const kind = scale === "share" ? "linear" : scale;
  return Object.freeze({ kind, domain, label, clipped, hatched: placed.length < all.length });
}

const DOMAIN = {
  linear: (sorted) => spread(quantile(sorted, BEYOND), quantile(sorted, 1 - BEYOND)),
  share: () => [0, 1],
  log: (sorted) => {
    if (!sorted.length) return [0.1, 1];
    const hi = sorted.at(-1);
    const lo = Math.max(sorted[0], hi / 10 ** DECADES);
    return lo < hi ? [lo, hi] : [lo / 2, hi * 2];
  },
  diverging: (sorted) => {
    const most = Math.max(Math.abs(quantile(sorted, BEYOND)), Math.abs(quantile(sorted, 1 - BEYOND)));
    return most > 0 ? [-most, most] : [-1, 1];
  },
};

const quantile = (sorted, share) => (sorted.length ? sorted[Math.round(share * (sorted.length - 1))] : 0);

const spread = (lo, hi) => (lo < hi ? [lo, hi] : [lo - Math.max(Math.abs(lo), 1) / 2, hi + Math.max(Math.abs(hi), 1) / 2]);
