"""What a finished training leaves: its weights, and its probabilities on the test set where they were asked for."""

import io

import numpy as np
from safetensors.torch import save

from jobs.failpoints import reach
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold, record_probabilities, record_weights
from jobs.storage import keys
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from jobs.storage.room import Room
from worker.train.evaluation import test_probabilities
from worker.train.state import Run, State


def keep_weights(state: State, hold: Hold, database: Database, objects: Objects, room: Room) -> None:
    """Store the final weights and buffers, and put their checksum into the row. Raises AttemptLost."""
    data = save({name: tensor.contiguous().cpu() for name, tensor in state.network.state_dict().items()})
    key = keys.of_weights(hold.job_id, hold.attempt)
    stored = room.wait_for(lambda: objects.put(key, data))
    weights = Artifact("weights", state.step, stored)
    reach("weights written")
    room.wait_for(lambda: record_weights(database, hold, weights), repeatable=True)
    reach("weights recorded")


def keep_probabilities(run: Run, state: State, hold: Hold, database: Database, objects: Objects, room: Room) -> None:
    """Store them as numpy's own file, which whoever averages them reads without torch. Raises AttemptLost."""
    file = io.BytesIO()
    np.save(file, test_probabilities(run, state).numpy(), allow_pickle=False)
    key = keys.of_probabilities(hold.job_id, hold.attempt)
    stored = room.wait_for(lambda: objects.put(key, file.getvalue()))
    probabilities = Artifact("probabilities", state.step, stored)
    reach("probabilities written")
    room.wait_for(lambda: record_probabilities(database, hold, probabilities))
    reach("probabilities recorded")
