"""What a finished training leaves: its weights, and its probabilities on the test set where they were asked for."""

import io

import numpy as np
from safetensors.torch import save

from jobs.failpoints import reach
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import record_probabilities, record_weights
from jobs.lifecycle.held import Held
from jobs.storage import keys
from worker.train.evaluation import test_probabilities
from worker.train.state import Run, State


def keep_weights(held: Held, state: State) -> None:
    """Store the final weights and buffers, and put their checksum into the row. Raises AttemptLost."""
    data = save({name: tensor.contiguous().cpu() for name, tensor in state.learned.tensors.items()})
    key = keys.of_weights(held.hold.job_id, held.hold.attempt)
    stored = held.room.wait_for(lambda: held.objects.put(key, data))
    reach("weights written")
    weights = Artifact("weights", state.step, stored)
    held.room.wait_for(lambda: record_weights(held.database, held.hold, weights), repeatable=True)
    reach("weights recorded")


def keep_probabilities(held: Held, run: Run, state: State) -> None:
    """Store them as numpy's own file, which whoever averages them reads without torch. Raises AttemptLost."""
    file = io.BytesIO()
    np.save(file, test_probabilities(run, state).numpy(), allow_pickle=False)
    key = keys.of_probabilities(held.hold.job_id, held.hold.attempt)
    stored = held.room.wait_for(lambda: held.objects.put(key, file.getvalue()))
    reach("probabilities written")
    probabilities = Artifact("probabilities", state.step, stored)
    held.room.wait_for(lambda: record_probabilities(held.database, held.hold, probabilities), repeatable=True)
    reach("probabilities recorded")
