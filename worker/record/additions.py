"""What Blocks add to each table of the series: a pure function of the Blocks and the histograms' last ranges."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

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
    evaluation_columns,
    sorted_samples,
    train_columns,
    weight_columns,
)
from worker.record.histograms import Range, Ranges, count, next_range
from worker.record.units import unit_columns
from worker.train.engines.protocol import RawRows
from worker.train.loop import Block
from worker.train.state import Run

LARGEST = np.finfo(np.float32).max

Addition = tuple[str, schema.Rows]  # a table's name and what it gains


@lru_cache(maxsize=2)  # the batches and the last of an epoch: an earlier job's network is not kept for long
def _layout(network: Network, batch_size: int, limit: int) -> Layout:
    return step_rows.activation_layout(network, batch_size, limit)


def additions(run: Run, blocks: Sequence[Block], ranges: Ranges) -> tuple[list[Addition], Ranges]:
    """The rows of every table, and the ranges after these Blocks, which follow each other.

    How many there are at once changes no value; many take less time than the same ones one by one.
    """
    clock = _Clock(blocks[0].first, np.array([time for block in blocks for time in block.times]))
    losses = _by_size(rows for block in blocks for rows in block.losses)
    inside = [_Inside(run, rows) for rows in _by_size(rows for block in blocks for rows in block.activations)]
    added = _in_order(schema.TRAIN, clock, [_losses(run, rows) for rows in losses])
    added += _in_order(schema.ACTIVATIONS, clock, [each.columns() for each in inside])
    due = sorted(((step, samples) for each in inside for step, samples in each.due()), key=lambda pair: pair[0])
    for step, samples in due if run.plan.taps else []:
        counted, ranges = _histograms(samples, ranges)
        added += _in_order(schema.HISTOGRAMS, clock, [((step,), counted)])
    return [*added, *(addition for block in blocks for addition in _at_end(run, block))], ranges


@dataclass(frozen=True)
class _Clock:
    """When the steps from a first one on were taken."""

    first: int
    times: NDArray[np.float64]

    def at(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """In seconds since 1970."""
        return self.times[steps - self.first]


@dataclass(frozen=True)
class _Inside:
    """What was measured inside the network at some steps, whose batches have one size."""

    run: Run
    rows: RawRows

    @cached_property
    def layout(self) -> Layout:
        return _layout(self.run.network, self.rows.batch_size, self.run.spec.recording.sample)

    @cached_property
    def samples(self) -> dict[str, Matrix]:
        return sorted_samples(self.run, self.rows, self.layout)

    def columns(self) -> tuple[tuple[int, ...], Columns]:
        """The statistics of the steps at which they are to be recorded."""
        found = weight_columns(self.run, self.rows, self.layout)
        found |= activation_columns(self.run, self.rows, self.layout, self.samples)
        every = self.run.spec.recording.activations_every
        kept = [i for i, step in enumerate(self.rows.steps) if step % every == 0]
        if len(kept) == len(self.rows.steps):
            return self.rows.steps, found
        return tuple(self.rows.steps[i] for i in kept), {name: values[kept] for name, values in found.items()}

    def due(self) -> Iterator[tuple[int, dict[str, Matrix]]]:
        """Each step that has histograms, with each tap's sample, sorted."""
        for i, step in enumerate(self.rows.steps):
            if step % self.run.spec.recording.histograms_every == 0:
                yield step, {name: ordered[i] for name, ordered in self.samples.items()}


def _by_size(every: Iterable[RawRows]) -> tuple[RawRows, ...]:
    """The rows of each size of a batch together, for they are laid out alike."""
    of_size: dict[int, list[RawRows]] = {}
    for rows in every:
        of_size.setdefault(rows.batch_size, []).append(rows)
    return tuple(
        RawRows(tuple(step for rows in each for step in rows.steps), size, torch.cat([rows.values for rows in each]))
        for size, each in of_size.items()
    )


def _losses(run: Run, rows: RawRows) -> tuple[tuple[int, ...], Columns]:
    return rows.steps, train_columns(run, rows, step_rows.loss_layout(run.network))


def _in_order(table: str, clock: _Clock, parts: list[tuple[tuple[int, ...], Columns]]) -> list[Addition]:
    """What a table gains of these steps and columns, in the order of the steps; nothing where there are none."""
    steps = np.array([step for part, _ in parts for step in part], dtype=np.int64)
    if not len(steps):
        return []
    columns, order = parts[0][1], np.argsort(steps)
    if len(parts) > 1:
        columns = {name: np.concatenate([part[name] for _, part in parts])[order] for name in columns}
    # A view would hold all that was measured, fifty times as much, until it is stored.
    columns = {name: values if values.base is None else values.copy() for name, values in columns.items()}
    return [(table, schema.Rows(step=steps[order], time=clock.at(steps[order]), columns=columns))]


def _at_end(run: Run, block: Block) -> Iterator[Addition]:
    """What was measured once the Block's last step was taken."""
    measured: dict[str, Columns] = {
        name: {measure: as_float32([value]) for measure, value in measures.items()}
        for name, measures in block.diagnostics.items()
    }
    if block.learned is not None:
        measured = {schema.UNITS: unit_columns(run, block.learned), **measured}
    measured = {part: evaluation_columns(found) for part, found in block.evaluations.items()} | measured
    step, time = np.array([block.last], dtype=np.int64), np.array([block.ended])
    return ((table, schema.Rows(step=step, time=time, columns=columns)) for table, columns in measured.items())


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
