"""A training that diverged: the step and the layer where it began, and the rows up to there."""

from dataclasses import replace

import torch

from bn import step_rows
from jobs.spec.training import learning_rate
from worker.train.engines.protocol import RawRows
from worker.train.loop import Block
from worker.train.state import Run


def first_non_finite(block: Block) -> int | None:
    """The first step of a Block whose loss is not a finite number, or after which the evaluation has diverged."""
    for rows in block.losses:
        broken = torch.isfinite(rows.values[:, 0]).logical_not().nonzero()
        if len(broken):
            return rows.steps[int(broken[0])]
    if any(evaluation.has_diverged for evaluation in block.evaluations.values()):
        return block.last
    return None


def up_to(block: Block, step: int) -> Block:
    """The Block without what came after a step; what was due at its end falls away where that came after it."""
    if step == block.last:
        return block
    return replace(
        block,
        last=step,
        times=block.times[: step - block.first + 1],
        losses=_rows_up_to(block.losses, step),
        activations=_rows_up_to(block.activations, step),
        evaluations={},
        ends=False,
        learned=None,
        diagnostics={},
    )


def _rows_up_to(rows: tuple[RawRows, ...], step: int) -> tuple[RawRows, ...]:
    kept = ((r, sum(taken <= step for taken in r.steps)) for r in rows)
    return tuple(RawRows(r.steps[:count], r.batch_size, r.values[:count]) for r, count in kept if count)


def advice(run: Run, block: Block, step: int) -> str:
    """What happened at the first step whose loss is not finite, where in the network it began, and what would help."""
    layer = where_it_began(run, block, step)
    began = f", first at layer '{layer}'" if layer else ""
    rate = learning_rate(run.spec.training, run.spec.steps, step) if step else 0.0  # nothing is updated before step 1
    slower = f"a learning rate below {rate:g}, " if rate else ""
    return (
        f"the loss at step {step} is not a finite number{began}: the training diverged; "
        f"{slower}batch normalization or a smaller initial sd may help; "
        'training.on_non_finite "continue" would go on regardless'
    )


def where_it_began(run: Run, block: Block, step: int) -> str | None:
    """The first layer in forward order with a measured value that is not finite; None where none was measured."""
    for rows in block.activations:
        if step in rows.steps:
            row = rows.values[rows.steps.index(step)]
            layout = step_rows.activation_layout(run.network, rows.batch_size, run.spec.recording.sample)
            for part in layout.parts:
                if part.layer and not torch.isfinite(row[part.start : part.stop]).all():
                    return part.layer
    return None
