from itertools import pairwise

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jobs.series.read.buckets import added, bucket_ends
from worker.record.additions import _histograms
from worker.record.histograms import BINS, Range, count, next_range

finite = st.floats(-1024, 1024, width=32)


@given(rows=st.lists(st.lists(finite, min_size=1, max_size=30), min_size=1, max_size=6))
def test_every_value_is_counted_and_ranges_only_double(rows: list[list[float]]) -> None:
    last: Range | None = None
    for values in rows:
        ordered = np.sort(np.array(values, dtype=np.float32))
        span = next_range(last, float(ordered[0]), float(ordered[-1]))
        assert count(ordered, span).sum() == len(values)
        if last is not None:
            doublings = np.log2(span.width / last.width)
            assert doublings == int(doublings) >= 0
            assert span.lo <= last.lo
            assert last.hi <= span.hi
        last = span


@given(values=st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=200), high=st.floats(2, 30, width=32))
def test_a_doubled_range_joins_bins_and_loses_nothing(values: list[float], high: float) -> None:
    ordered = np.sort(np.array(values, dtype=np.float32))
    old = next_range(None, -1.0, 1.0)
    new = next_range(old, -1.0, high)
    width = round(new.width / old.width)
    joined = count(ordered, old).reshape(-1, width).sum(1)
    offset = round((old.lo - new.lo) / new.width * BINS)
    inside = count(ordered, new)[offset : offset + len(joined)]
    # A value on the old range's upper edge lies in its last bin there, and in the bin behind it in the wider range.
    on_edge = int((ordered == np.float32(old.hi)).sum())
    joined[-1] -= on_edge
    assert np.array_equal(inside, joined)


def test_infinities_are_in_no_bin() -> None:
    ordered = np.array([-np.inf, 0.0, 0.5, np.inf], dtype=np.float32)
    assert count(ordered, Range(0.0, 1.0)).sum() == 2


def test_a_spike_beyond_any_precision_is_counted_too() -> None:
    ordered = np.array([-3e38, 0.0, 1e-30, 3e38], dtype=np.float32)
    span = next_range(next_range(None, 0.0, 0.0), float(ordered[0]), float(ordered[-1]))
    assert count(ordered, span).sum() == 4
    columns, _ = _histograms({"a": ordered}, {"a": next_range(None, 0.0, 0.0)})
    lo, hi, counts = (columns[f"a.{end}"] for end in ("lo", "hi", "counts"))
    assert np.isfinite([lo, hi]).all()  # as float32
    assert added(lo, hi, counts, np.zeros(1, np.intp), lo, hi).sum() == 4


@settings(max_examples=50)
@given(
    rows=st.lists(
        st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=20).map(sorted), min_size=1, max_size=12
    ),
    cuts=st.sets(st.integers(1, 11), max_size=4),
)
def test_histograms_of_rows_added_up_are_the_histogram_of_all_their_values(
    rows: list[list[float]], cuts: set[int]
) -> None:
    rows[0] = sorted([*rows[0], -1.03, 1.03])  # as wide as float32 can tell its ends from zero
    spans: list[Range] = []
    for row in rows:
        spans.append(next_range(spans[-1] if spans else None, row[0], row[-1]))
    # The upper end of a range belongs to its last bin, but to the next one once the range has doubled.
    assume(all(row[-1] != span.hi for row, span in zip(rows, spans, strict=True)))
    starts = np.array([0, *sorted(at for at in cuts if at < len(rows))])
    lo, hi = (np.array([getattr(span, end) for span in spans], np.float32) for end in ("lo", "hi"))
    counts = np.array([count(np.array(row), span) for row, span in zip(rows, spans, strict=True)])
    ends = bucket_ends(starts, len(rows))
    bucket = np.searchsorted(starts, np.arange(len(rows)), side="right") - 1
    total = added(lo, hi, counts, bucket, lo[ends], hi[ends])
    for i, (start, end) in enumerate(pairwise([*starts.tolist(), len(rows)])):
        values = np.sort(np.concatenate(rows[start:end]))
        assert total[i].tolist() == count(values, spans[end - 1]).tolist()
