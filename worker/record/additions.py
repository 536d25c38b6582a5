"""What Blocks add to each table of the series: a pure function of the Blocks and the histograms' last ranges."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray

from bn import step_rows
from bn.network import Network
from bn.step_rows import Layout
from jobs.series.format import schema
from worker.record.columns import (
    Columns,
    Matrix,
    activation_columns,
    as_float32,
    sorted_samples,
    test_columns,
    train_columns,
    unit_columns,
    weight_columns,
)
from worker.record.histograms import Range, count, next_range
from worker.train.loop import Block, RawRows
from worker.train.state import Run

LARGEST = np.finfo(np.float32).max

Ranges = dict[str, Range]  # by tap
Addition = tuple[str, schema.Rows]  # a table's name and what it gains


@lru_cache(maxsize=2)  # the batches and the last of an epoch: an earlier job's network is not kept for long
def _layout(network: Network, batch_size: int, limit: int) -> Layout:
    return step_rows.activation_layout(network, batch_size, limit)


def additions(run: Run, blocks: Sequence[Block], ranges: Ranges) -> tuple[list[Addition], Ranges]:
    """The rows of every table, and the ranges after these Blocks, which follow each other.

    How many there are at once changes no value; many take less time than the same ones one by one.
    """
    times = {
        step: at for block in blocks for step, at in zip(range(block.first, block.last + 1), block.times, strict=True)
    }
    added: list[Addition] = []
    for rows in _joined(rows for block in blocks for rows in block.losses):
        columns = train_columns(run, rows, step_rows.loss_layout(run.network))
        added.append((schema.TRAIN, _rows(rows.steps, times, columns)))
    for rows in _joined(rows for block in blocks for rows in block.activations):
        inside, ranges = _inside(run, rows, times, ranges)
        added += inside
    return [*added, *(addition for block in blocks for addition in _at_end(run, block))], ranges


def _joined(every: Iterable[RawRows]) -> Iterator[RawRows]:
    """As few as there are stretches of batches of one size."""
    for size, group in groupby(every, key=lambda rows: rows.batch_size):
        several = list(group)
        steps = tuple(step for rows in several for step in rows.steps)
        yield several[0] if len(several) == 1 else RawRows(steps, size, torch.cat([rows.values for rows in several]))


def _at_end(run: Run, block: Block) -> Iterator[Addition]:
    """What was measured once the Block's last step was taken."""
    at_end = {block.last: block.ended}
    if block.evaluation is not None:
        yield schema.TEST, _rows(at_end, at_end, test_columns(block.evaluation))
    if block.units is not None:
        yield schema.UNITS, _rows(at_end, at_end, unit_columns(run, block.units))
    for name, measures in block.diagnostics.items():
        columns: Columns = {measure: as_float32([value]) for measure, value in measures.items()}
        yield name, _rows(at_end, at_end, columns)


def _inside(run: Run, rows: RawRows, times: dict[int, float], ranges: Ranges) -> tuple[list[Addition], Ranges]:
    recording = run.spec.recording
    layout = _layout(run.network, rows.batch_size, recording.sample)
    samples = sorted_samples(run, rows, layout)
    columns = weight_columns(run, rows, layout) | activation_columns(run, rows, layout, samples)
    added = list(_due(schema.ACTIVATIONS, rows.steps, times, columns, recording.activations_every))
    due = [i for i, step in enumerate(rows.steps) if step % recording.histograms_every == 0]
    for i in due if run.plan.taps else []:
        counted, ranges = _histograms({name: ordered[i] for name, ordered in samples.items()}, ranges)
        added.append((schema.HISTOGRAMS, _rows(rows.steps[i : i + 1], times, counted)))
    return added, ranges


def _histograms(samples: dict[str, Matrix], ranges: Ranges) -> tuple[Columns, Ranges]:
    columns: Columns = {}
    for name, ordered in samples.items():
        finite = ordered[np.isfinite(ordered)]
        if len(finite):
            ranges = ranges | {name: next_range(ranges.get(name), float(finite[0]), float(finite[-1]))}
        span = ranges.get(name, Range(0.0, 1.0))  # nothing finite was ever seen: all counts are 0
        columns[f"{name}.lo"], columns[f"{name}.hi"] = _float32(span.lo), _float32(span.hi)
        columns[f"{name}.counts"] = count(finite, span)[np.newaxis]
    return columns, ranges


def _float32(end: float) -> NDArray[np.float32]:
    """One end of a range, which may lie beyond every float32 where each value is one."""
    return np.array([end]).clip(-LARGEST, LARGEST).astype(np.float32)


def _due(
    table: str, steps: tuple[int, ...], times: dict[int, float], columns: Columns, every: int
) -> Iterator[Addition]:
    keep = np.array([step % every == 0 for step in steps])
    if keep.any():
        kept = {name: values[keep] for name, values in columns.items()}
        yield table, _rows([step for step, kept in zip(steps, keep, strict=True) if kept], times, kept)


def _rows(steps: Iterable[int], times: dict[int, float], columns: Columns) -> schema.Rows:
    steps = list(steps)
    return schema.Rows(
        step=np.array(steps, dtype=np.int64),
        time=np.array([times[step] for step in steps]),
        columns=columns,
    )
