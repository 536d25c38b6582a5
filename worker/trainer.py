"""The trainer process: `python -m worker.trainer SOCKET`, started by a supervisor; it runs attempt after attempt."""

import logging
import signal
import socket
import sys
import traceback
from functools import partial

import torch

from jobs.datasets.uploaded import arrays_of
from jobs.errors import AttemptLost, BnlabError, NonFiniteLoss
from jobs.failpoints import reach
from jobs.lifecycle import lookup
from jobs.lifecycle.attempts import record_start
from jobs.lifecycle.demands import OBEYED
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, JobError
from jobs.logs import about, configure
from jobs.settings import Settings, settings_or_exit
from jobs.storage.database import is_away, open_database
from jobs.storage.objects.opening import open_objects
from worker.control import Control
from worker.engine import Told, engine_of, sweep_packages
from worker.record.checkpoint import capture, resume
from worker.record.journal import Journal
from worker.record.recorder import Recorder
from worker.record.results import keep_probabilities, keep_weights, whitening_of
from worker.supervise.locks import try_lock
from worker.supervise.protocol import Ready, Taken
from worker.train.determinism import be_deterministic, device_for
from worker.train.divergence import advice, first_non_finite, up_to
from worker.train.environment import changed, environment_of
from worker.train.interpreter import let_train
from worker.train.loop import blocks
from worker.train.memory import is_out_of_memory, out_of_memory
from worker.train.state import prepare_run

log = logging.getLogger(__name__)


def main() -> None:
    """Say which devices there are, then run what the supervisor sends until it closes the socket."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the supervisor decides when a trainer ends
    settings = settings_or_exit()
    configure(settings.log)
    database, objects = open_database(settings), open_objects(settings)
    be_deterministic()
    connection = socket.socket(fileno=int(sys.argv[1]))
    connection.set_inheritable(False)
    control = Control(connection)
    control.say(Ready(working_devices()))
    let_train()
    sweep_packages(settings)
    for hold in control.holds():
        control.say(Taken())
        held = Held(database, objects, hold, control.alive)
        control.say(attempt(held, settings, control))
        reach("said")


def working_devices() -> tuple[str, ...]:
    """The devices on which torch computes a gradient: a broken installation shows before any job is taken."""
    devices = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
    for device in devices:
        weight = torch.ones(2, 2, device=device, requires_grad=True)
        torch.autograd.grad((weight @ weight).sum(), weight)
    return devices


def attempt(held: Held, settings: Settings, control: Control) -> Ended:
    """Run one attempt to its end, whatever that is."""
    job_id = held.hold.job_id
    try:
        with try_lock(settings.data, job_id) as alone:
            if not alone:
                return Ended("replaced")
            reach("locked")
            return _train(held, settings, control)
    except AttemptLost:
        return Ended("replaced")
    except BnlabError as error:
        return Ended("failed", JobError(error.code, str(error), error.retryable))
    except Exception as error:  # noqa: BLE001 - whatever a training raises ends its attempt, and is told
        if is_away(error):
            about_it = about("given_back", **held.hold.fields, step=control.step)
            log.warning("job %s is given back, to go on where it was stored last: %s", job_id, error, extra=about_it)
            return Ended("drained")
        if is_out_of_memory(error):
            job = lookup.get(held.database, job_id)
            message = out_of_memory(error, job.step, job.resolved.spec.data.batch_size)
            return Ended("failed", JobError("out_of_memory", message))
        traceback.print_exc()
        where = traceback.extract_tb(error.__traceback__)[-1]
        what, place = f"{type(error).__name__}: {error}", f"{where.name}, line {where.lineno}"
        message = f"after step {control.step}, at {place}: {what}; the worker's log has all of it"
        return Ended("failed", JobError("exception", message))


def _train(held: Held, settings: Settings, control: Control) -> Ended:
    job = lookup.get(held.database, held.hold.job_id)
    spec = job.resolved.spec
    device = device_for(job.device or spec.resources.device, spec.resources.threads)
    arrays = arrays_of(job.resolved.dataset, settings.data, held.objects)
    run = prepare_run(job.resolved, device, arrays, control.alive)
    state, ranges = resume(run, held)
    if state.begun:
        control.alive(state.step)
    reach("resumed")
    try:
        engine, choice = engine_of(held, run, settings, control, begun=state.begun)
    except Told as told:
        return Ended(OBEYED[told.order])
    environment = environment_of(spec, device, engine.identity)
    before, strict = job.environment or {}, spec.reproducible == "strict"
    differs = changed(before, environment, already=job.differs, strict=strict) if state.begun else ()
    found = (run.preprocessing, differs, choice, whitening_of(held, run))
    start = partial(record_start, held.database, held.hold, device.type, environment, *found)
    held.room.wait_for(start, repeatable=True)
    reach("started")
    journal = Journal(held.hold, settings.journal)
    with Recorder(run, ranges, held, settings.commit_seconds) as recorder:
        for block in blocks(run, state, engine):
            journal.note(block)
            broken = first_non_finite(block) if spec.training.on_non_finite == "fail" else None
            if broken is not None:
                recorder.put(up_to(block, broken))
                raise NonFiniteLoss(advice(run, block, broken))
            order = control.told()
            due = recorder.checkpoint_due() or order == "drain" or block.ends
            recorder.put(block, capture(run, state) if due else None)
            control.alive(block.last)
            if order:
                return Ended(OBEYED[order])
    keep_weights(held, run, state)
    if spec.evaluation.probabilities:
        keep_probabilities(held, run, state)
    return Ended("succeeded")


if __name__ == "__main__":
    main()
