"""What follows from a document that can be run."""

import json
from typing import Any

from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.spec.resolved import MAX_BLOCK_VALUES, Resolved


def accepted(**document: Any) -> Resolved:
    return check(json.dumps(document), in_catalogue(Settings()))


def test_the_paper_s_network_takes_64_steps_a_block_and_a_larger_one_fewer() -> None:
    assert accepted(batch_norm=True).block_steps == 64
    assert accepted(architecture="convnet", data={"batch_size": 512}).block_steps < 64


def test_the_inputs_of_a_block_are_bounded_however_little_work_they_are() -> None:
    idle = {"layers": [{"kind": "global_average_pool"}, {"kind": "linear", "features": 10}]}
    found = accepted(architecture=idle, data={"batch_size": 60_000})
    assert found.block_steps * 60_000 * 28 * 28 <= MAX_BLOCK_VALUES
    assert found.block_steps == 1


def test_epochs_become_steps_and_the_digest_is_of_what_is_resolved() -> None:
    by_epochs, by_steps = accepted(training={"epochs": 2}), accepted(training={"steps": 2000})
    assert by_epochs.spec.steps == 2000
    assert by_epochs.sha256 == by_steps.sha256 != accepted(training={"steps": 2001}).sha256
