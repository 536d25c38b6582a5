"""The trainer process: `python -m worker.trainer`, started by a supervisor; it runs one attempt after another."""

import io
import platform
import signal
import traceback

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from jobs import store
from jobs.attempts import Hold, record_probabilities, record_start, record_weights
from jobs.database import Database, open_database
from jobs.errors import AttemptLost, BnlabError, NonFiniteLoss
from jobs.failpoints import reach
from jobs.job import JobError
from jobs.objects import Objects
from jobs.settings import Settings
from jobs.spec import JobSpec
from jobs.submission import stored_spec
from worker.checkpoint import capture, resume
from worker.control import DRAIN, STOP, Control, Ended, Ready, say
from worker.divergence import advice, first_non_finite, up_to
from worker.evaluation import test_probabilities
from worker.locks import try_lock
from worker.recorder import Recorder
from worker.room import when_there_is_room
from worker.state import State, prepare_run
from worker.training import blocks

OUTCOME = {DRAIN: "drained", STOP: "stopped"}  # of an attempt that was asked to end


def main() -> None:
    """Say which devices there are, then run what the supervisor sends until it closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the supervisor decides when a trainer ends
    settings = Settings()
    database, objects = open_database(settings), Objects(settings.data / "objects")
    torch.use_deterministic_algorithms(True)
    control = Control()
    say(Ready(("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)))
    for hold in control.holds():
        say(attempt(hold, settings, database, objects, control))
        reach("said")


def attempt(hold: Hold, settings: Settings, database: Database, objects: Objects, control: Control) -> Ended:
    """Run one attempt to its end, whatever that is."""
    try:
        with try_lock(settings.data, hold.job_id) as alone:
            if not alone:
                return Ended("lost")
            reach("locked")
            return _train(hold, settings, database, objects, control)
    except AttemptLost:
        return Ended("lost")
    except BnlabError as error:
        return Ended("failed", JobError(error.code, str(error), error.retryable))
    except torch.OutOfMemoryError as error:
        message = f"{error}; a smaller data.batch_size, or a smaller network, needs less"
        return Ended("failed", JobError("out_of_memory", message))
    except Exception as error:
        traceback.print_exc()
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"{type(error).__name__}: {error} (at {where.name}, line {where.lineno}); the worker's log has it all"
        return Ended("failed", JobError("exception", message))


def _train(hold: Hold, settings: Settings, database: Database, objects: Objects, control: Control) -> Ended:
    job = store.get(database, hold.job_id)
    spec = stored_spec(job)
    device = torch.device(job.device or _device(spec.resources.device))
    torch.set_num_threads(spec.resources.threads)
    when_there_is_room(lambda: record_start(database, hold, device.type, _environment(spec)), hold.job_id)
    reach("started")
    run = prepare_run(spec, job.block_steps, device, settings.data)
    state, ranges = resume(run, database, objects, hold)
    reach("resumed")
    with Recorder(run, state.network, ranges, database, objects, hold) as recorder:
        for block in blocks(run, state):
            broken = first_non_finite(block) if spec.training.on_non_finite == "fail" else None
            if broken is not None:
                recorder.put(up_to(block, broken))
                raise NonFiniteLoss(advice(run, state.network, block, broken))
            asked = control.asked()
            due = recorder.checkpoint_due() or asked == DRAIN
            recorder.put(block, capture(state) if due else None)
            if asked:
                return Ended(OUTCOME[asked])
    _keep_weights(state, hold, database, objects)
    if spec.evaluation.probabilities:
        _keep_probabilities(test_probabilities(run, state), hold, database, objects)
    return Ended("succeeded")


def _device(requested: str) -> str:
    found = "cuda" if torch.cuda.is_available() else "cpu"
    return found if requested == "auto" else requested


def _environment(spec: JobSpec) -> dict[str, str | int]:
    """What a run's bits depend on, beside the specification."""
    return {
        "torch": torch.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": spec.resources.threads,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def _keep_weights(state: State, hold: Hold, database: Database, objects: Objects) -> None:
    """Store the final weights and buffers, and put their checksum into the row."""
    tensors = {name: tensor.contiguous().cpu() for name, tensor in state.network.state_dict().items()}
    data = save(tensors)
    key = f"jobs/{hold.job_id}/{hold.attempt}/weights.safetensors"
    stored = when_there_is_room(lambda: objects.put(key, data), hold.job_id)
    reach("weights written")
    when_there_is_room(lambda: record_weights(database, hold, stored.sha256), hold.job_id)
    reach("weights recorded")


def _keep_probabilities(probabilities: Tensor, hold: Hold, database: Database, objects: Objects) -> None:
    """Store them as numpy's own file, which whoever averages them reads without torch."""
    file = io.BytesIO()
    np.save(file, probabilities.numpy(), allow_pickle=False)
    key = f"jobs/{hold.job_id}/{hold.attempt}/probabilities.npy"
    stored = when_there_is_room(lambda: objects.put(key, file.getvalue()), hold.job_id)
    reach("probabilities written")
    when_there_is_room(lambda: record_probabilities(database, hold, stored), hold.job_id)
    reach("probabilities recorded")


if __name__ == "__main__":
    main()
