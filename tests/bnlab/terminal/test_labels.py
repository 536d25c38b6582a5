"""What jobs are called, and what tells them apart."""

from typing import Any

from bnlab.terminal.labels import label, telling, telling_labels
from tests.support.stranger import EVIL, job


def of(**spec: Any) -> dict[str, Any]:
    return job("queued", spec={"name": None, "architecture": {"preset": "mlp"}, "batch_norm": False, **spec})


def training(rate: float, seed: int, **more: Any) -> dict[str, Any]:
    return {"training": {"optimizer": {"learning_rate": rate}, "seed": seed}, **more}


def test_a_job_without_a_name_is_called_for_what_it_trains() -> None:
    assert label(of()) == "mlp, without BN"
    assert label(of(architecture={"layers": []}, batch_norm={"momentum": 0.1})) == "layers, with BN"
    assert label(job("queued")) == EVIL


def test_jobs_of_one_label_are_told_apart_by_what_differs_and_others_by_their_labels_alone() -> None:
    jobs = [of(**training(0.1, 1)), of(**training(0.01, 1)), of(**training(0.01, 2)), of(name="one")]
    assert telling_labels(jobs) == [
        "mlp, without BN rate 0.1 seed 1",
        "mlp, without BN rate 0.01 seed 1",
        "mlp, without BN rate 0.01 seed 2",
        "one",
    ]


def test_no_more_is_told_than_tells_apart() -> None:
    both = [training(0.1, 0, limits={"wall_seconds": 1}), training(0.2, 0, limits={"wall_seconds": 2})]
    assert telling(both) == ["rate 0.1", "rate 0.2"]
    assert telling([both[0], both[0]]) == ["", ""]
    assert telling_labels([]) == []


def test_what_is_free_tells_nothing_and_a_value_that_is_missing_is_left_out() -> None:
    assert telling([{"metadata": {"a": 1}, "tags": [1]}, {"metadata": {}, "tags": []}]) == ["", ""]
    assert telling([{"name": "x", "epsilon": 1e-5}, {"name": "x"}]) == ["epsilon 1e-05", ""]


def test_bn_is_told_in_words_and_a_long_value_in_its_beginning() -> None:
    assert telling([{"batch_norm": False}, {"batch_norm": {"momentum": 0.1}}]) == ["without BN", "with BN"]
    told = telling([{"layers": [1]}, {"layers": list(range(100))}])
    assert told == ["layers [1]", "layers [0,1,2,3,4,5,6,7,8,9,..."]
