"""Claims run, judged and written down on a server of their own."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnlab.claims import claims, paper
from bnlab.claims.claims import Asked
from bnlab.errors import CannotRun
from bnlab.settings import Settings

NOWHERE = Settings(url="http://127.0.0.1:9", data=Path("/dev/null/data"))  # nobody answers, and none can start
RATE = "/training/optimizer/learning_rate"


def test_a_claim_that_there_is_none_of_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="there is no claim 'moon'; there is: mnist, learning-rates"):
        claims.run(Settings(), Asked(["moon"], tmp_path, quick=False), Console(quiet=True))


@pytest.mark.parametrize("names", [[], ["mnist"]])
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_trained(
    tmp_path: Path, names: list[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CannotRun, match=r"cannot write the report into '.*taken': .*; name another folder"):
        claims.run(NOWHERE, Asked(names, tmp_path / "taken", quick=True), Console(quiet=True))


def test_a_result_that_cannot_be_read_is_named_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "mnist.json").write_text('{"p": 0.')
    with pytest.raises(CannotRun, match=r"mnist\.json' is no claim's result, .*: delete it, or run that claim again"):
        claims.run(NOWHERE, Asked(["landscape"], tmp_path, quick=True), Console(quiet=True))


SMALL = {
    "name": "landscape",
    "claim": "A small one. Ours: all of it.",
    "base": {
        "architecture": {"preset": "mlp", "hidden": [20]},
        "data": {"dataset": "synthetic", "validation": 0.1, "train_samples": 500},
        "training": {"steps": 60},
        "evaluation": {"every": 30},
        "recording": {"units": 0, "activations_every": 30, "diagnostics": [{"name": "landscape", "every": 30}]},
    },
    "variants": {"without BN": {}, "with BN": {"batch_norm": True}},
    "grid": {RATE: [0.1, 1.0, 10.0]},
    "tune": {"over": RATE},
    "seeds": 2,
    "targets": [0.3],
    "primary": {"kind": "mean", "series": "landscape.smoothness", "goal": "min"},
}


def test_a_claim_is_run_judged_and_written_down_whole_and_in_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiments = tmp_path / "experiments"
    experiments.mkdir()
    (experiments / "landscape.json").write_text(json.dumps(SMALL))
    monkeypatch.setattr(paper, "EXPERIMENTS", experiments)
    whole, short = found(tmp_path, "whole", quick=False), found(tmp_path, "short", quick=True)
    assert len(whole["groups"]) == 6
    assert {curve["job"] for curve in whole["curves"]} == {
        each["job"] for tuned in whole["tuned"] for each in tuned["chosen"]
    }
    assert [curve["step"] for curve in whole["curves"]] == [[0, 30, 60]] * 4
    assert [(check["check"]["kind"], check["point"].get(RATE)) for check in whole["checks"]] == [
        ("better", None),
        ("lower", None),
        ("lower", None),
    ]
    assert [each["check"]["kind"] for each in short["checks"]] == ["better", "lower", "lower"]
    assert all(check["measured"]["n"] == 2 for check in whole["checks"])
    assert (whole["quick"], short["quick"]) == (False, True)
    assert [group["point"] for group in short["groups"]] == [{RATE: 1.0}] * 2
    assert [group["succeeded"] for group in short["groups"]] == [3, 3]
    assert (short["tuned"], short["verdict"]) == ([], "open")
    assert short["verdicts"][0]["interval"]["coverage"] == 0.75


def test_several_claims_are_queued_one_ahead_and_each_has_its_own_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paper, "EXPERIMENTS", tmp_path)
    variants: dict[str, Any] = {"after": {}, "before": {}, "none": {"batch_norm": False}}
    names = ("landscape", "placement", "learning-rates")
    for name in names:
        document = {**SMALL, "name": name, "seeds": 1, **({"variants": variants} if name == "placement" else {})}
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    settings = NOWHERE.model_copy(update={"data": tmp_path / "data", "slots": 2})
    claims.run(settings, Asked(names, tmp_path / "report", quick=True), Console(quiet=True))
    made = [json.loads((tmp_path / "report" / "claims" / f"{name}.json").read_text()) for name in names]
    assert [each["name"] for each in made] == list(names)
    assert [len(each["groups"]) for each in made] == [2, 3, 2]
    said = capsys.readouterr().out
    assert [said.index(f"{name}: open") for name in names] == sorted(said.index(f"{name}: open") for name in names)


def found(tmp_path: Path, name: str, *, quick: bool) -> dict[str, Any]:
    """The result of the small claim, run anew into a folder of that name."""
    settings = Settings(url="http://127.0.0.1:9", data=tmp_path / "data", slots=2)  # nobody answers there
    claims.run(settings, Asked(["landscape"], tmp_path / name, quick), Console(quiet=True))
    result: dict[str, Any] = json.loads((tmp_path / name / "claims" / "landscape.json").read_text())
    assert f": {result['verdict']}" in (tmp_path / name / "claims.md").read_text()
    assert (tmp_path / name / "claims" / "landscape.svg").stat().st_size > 1000
    return result
