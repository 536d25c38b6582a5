"""What a training leaves beside its series: how it whitens inputs, its weights, its probabilities on the test set."""

import io
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor

from jobs.failpoints import reach
from jobs.lifecycle.artifacts import Artifact, Kind
from jobs.lifecycle.attempts import record_probabilities, record_weights
from jobs.lifecycle.held import Held
from jobs.storage import keys
from worker.train.evaluation import test_probabilities
from worker.train.selection import sentence_of
from worker.train.state import Run, State, at_best


def whitening_of(held: Held, run: Run) -> Artifact | None:
    """The matrix by which inputs are whitened, stored, or None; it is real once the start is recorded."""
    matrix = run.preprocessing.matrix
    if matrix is None:
        return None
    key = keys.of_whitening(held.hold.job_id, held.hold.attempt)
    return Artifact("whitening", 0, held.room.wait_for(lambda: held.objects.put(key, _as_file(matrix))))


def keep_weights(held: Held, run: Run, state: State) -> None:
    """Store the final weights and buffers, and those of the best network; the row says what they are and why the
    training was stopped. Raises AttemptLost.
    """
    hold, best = held.hold, state.standing.best
    weights = [_stored(held, "weights", keys.of_weights(hold.job_id, hold.attempt), state.step, state.learned.tensors)]
    kept = None
    if state.best and best is not None:
        weights.append(_stored(held, "best", keys.of_best(hold.job_id, hold.attempt), best.step, state.best))
        kept = {"metric": run.spec.chosen_by, **asdict(best), "sha256": weights[-1].stored.sha256}
    reach("weights written")
    stopped = state.standing.stopped
    told = None if stopped is None else asdict(stopped) | {"message": sentence_of(stopped, run.spec)}
    record = partial(record_weights, held.database, hold, *weights, stopped=told, kept=kept)
    held.room.wait_for(record, repeatable=True)
    reach("weights recorded")


def _stored(held: Held, kind: Kind, key: str, step: int, tensors: Mapping[str, Tensor]) -> Artifact:
    data = save({name: tensor.contiguous().cpu() for name, tensor in tensors.items()})
    return Artifact(kind, step, held.room.wait_for(lambda: held.objects.put(key, data)))


def keep_probabilities(held: Held, run: Run, state: State) -> None:
    """Store those of the network that is kept as numpy's own file, which whoever averages them reads without torch.

    Raises AttemptLost.
    """
    file = _as_file(test_probabilities(run, at_best(state)).numpy())
    key = keys.of_probabilities(held.hold.job_id, held.hold.attempt)
    stored = held.room.wait_for(lambda: held.objects.put(key, file))
    reach("probabilities written")
    probabilities = Artifact("probabilities", state.step, stored)
    held.room.wait_for(lambda: record_probabilities(held.database, held.hold, probabilities), repeatable=True)
    reach("probabilities recorded")


def _as_file(values: NDArray[np.float32]) -> bytes:
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return file.getvalue()
