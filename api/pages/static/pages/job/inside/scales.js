/** Scales of colours for a statistic's values: they hold what is usual, and what lies beyond has the end's colour. */

const BEYOND = 0.005; // the share of values at either end that may lie outside of a scale
const DECADES = 12; // the most that a logarithmic scale spans

/** {kind, domain, label, clipped} for the rows of values. */
export function scaleOf(statistic, values) {
  const finite = Float64Array.from(values.flat().filter((each) => each !== null)).sort();
  const domain = DOMAIN[statistic.scale](finite);
  const clipped = finite.length > 0 && (finite[0] < domain[0] || finite.at(-1) > domain[1]);
  return Object.freeze({ kind: statistic.scale === "share" ? "linear" : statistic.scale, domain, label: statistic.label, clipped });
}

const DOMAIN = {
  linear: (sorted) => spread(quantile(sorted, BEYOND), quantile(sorted, 1 - BEYOND)),
  share: () => [0, 1],
  log: (sorted) => {
    const positive = sorted.subarray(sorted.findLastIndex((each) => each <= 0) + 1);
    if (!positive.length) return [0.1, 1];
    const hi = positive.at(-1);
    const lo = Math.max(positive[0], hi / 10 ** DECADES);
    return lo < hi ? [lo, hi] : [lo / 2, hi * 2];
  },
  diverging: (sorted) => {
    const most = Math.max(Math.abs(quantile(sorted, BEYOND)), Math.abs(quantile(sorted, 1 - BEYOND)));
    return most > 0 ? [-most, most] : [-1, 1];
  },
};

const quantile = (sorted, share) => (sorted.length ? sorted[Math.round(share * (sorted.length - 1))] : 0);

const spread = (lo, hi) => (lo < hi ? [lo, hi] : [lo - Math.max(Math.abs(lo), 1) / 2, hi + Math.max(Math.abs(hi), 1) / 2]);
