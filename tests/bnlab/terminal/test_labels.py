"""What jobs are called, and what tells them apart."""

from typing import Any

from bnlab.terminal.labels import label, telling_labels
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
        "mlp, without BN, learning rate 0.1",
        "mlp, without BN, learning rate 0.01, seed 1",
        "mlp, without BN, learning rate 0.01, seed 2",
        "one",
    ]
    assert telling_labels([]) == []


def test_jobs_of_one_document_are_told_apart_by_what_can_be_typed() -> None:
    jobs = [of() | {"id": f"1m88g7nq4p9d{end}"} for end in "fg"]
    assert telling_labels(jobs) == ["mlp, without BN, 4p9df", "mlp, without BN, 4p9dg"]


def test_what_means_nothing_to_us_tells_nothing_apart() -> None:
    jobs = [of(metadata={"a": 1}, tags=["x"]), of(metadata={"a": 2}, tags=["y"]) | {"id": "1m88g7nq4p9dg"}]
    assert telling_labels(jobs) == ["mlp, without BN, 4p9df", "mlp, without BN, 4p9dg"]
