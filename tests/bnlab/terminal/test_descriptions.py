"""A job in words, and the layers of its network."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from bnlab import Client
from bnlab.terminal.descriptions import description_of, layers_of, phrase


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"preset": "mlp", "hidden": [20, 10]}, "mlp, hidden 20 10"),
        ({"kind": "adam", "beta": None, "learning_rate": 0.001}, "adam, learning rate 0.001"),
        ({"layers": [{"kind": "flatten"}, {"kind": "linear"}]}, "layers 2 of them"),
        ([], "none"),
        (True, "true"),
    ],
)
def test_a_part_of_a_document_is_one_line(value: Any, said: str) -> None:
    assert phrase(value) == said


@pytest.mark.parametrize("width", [40, 80])
def test_a_job_and_its_layers_fit_a_narrow_terminal_without_being_cut(client: Client, width: int) -> None:
    screen = StringIO()
    console = Console(file=screen, width=width)
    console.print(description_of(client.submit(name="x" * 100)), layers_of(client.validate(architecture="mlp"), width))
    text = screen.getvalue()
    assert all(len(line) <= width for line in text.splitlines())
    assert "…" not in text
    assert text.count("x") >= 100
    assert "queued" in text


def test_how_many_are_ahead_is_told_of_a_queued_job_alone(client: Client) -> None:
    screen = StringIO()
    jobs = [client.submit(), client.submit()]
    Console(file=screen, width=80).print(*map(description_of, (*jobs, client.cancel(jobs[0]["id"]))))
    said = [line.split(maxsplit=1)[1].strip() for line in screen.getvalue().splitlines() if line.startswith(" ahead ")]
    assert said == ["0 jobs", "1 job"]


def test_the_engine_of_a_job_is_told_with_the_reason(client: Client) -> None:
    screen = StringIO()
    Console(file=screen, width=200).print(description_of(client.submit(resources={"engine": "compiled"})))
    assert "compiled: the document asks for it" in screen.getvalue()


def test_whose_network_a_job_starts_from_is_told_of_those_that_start_from_one(client: Client) -> None:
    usual = {"checkpoint": "final", "layers": ["*"], "frozen": [], "batch_norm": "copy", "optimizer": "reset"}
    job = client.submit()
    started = job | {"spec": job["spec"] | {"initial": {"job": "1m8g", "step": 200, **usual}}}
    screen = StringIO()
    Console(file=screen, width=80).print(description_of(job), description_of(started))
    assert [line.split() for line in screen.getvalue().splitlines() if "starts" in line] == [
        ["starts", "from", "job", "1m8g,", "step", "200"]
    ]


def test_what_is_held_out_and_what_evaluations_decide_is_told(client: Client) -> None:
    screen = StringIO()
    stop = {"metric": "validation.loss", "patience": 4}
    job = client.submit(data={"validation": 0.1}, training={"stop": stop}, evaluation={"keep": "best"})
    kept = {"metric": "validation.loss", "step": 500, "value": 0.25}
    decided = {"stopped": {"message": "stopped after step 2500 of 10000"}, "kept": kept}
    Console(file=screen, width=200).print(description_of(job | decided))
    said = dict(line.strip().split(maxsplit=1) for line in screen.getvalue().splitlines())
    assert "validation share 0.1, seed 0" in said["data"]
    assert said["stop"].strip() == "metric validation.loss, goal min, patience 4, min delta 0.0"
    assert said["stopped"].strip() == "stopped after step 2500 of 10000"
    assert said["kept"].strip() == "the best network is kept, that after step 500: validation.loss was 0.25"
