"""The rule by which claims are judged, fed invented results both ways; and claims run on a server of their own."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnlab.claims import claims, paper, report
from bnlab.claims.paper import CLAIMS, EXPERIMENTS
from bnlab.claims.verdicts import Check, Checked, Outcome, judged, told, verdict
from bnlab.errors import CannotRun
from bnlab.figures import drawing
from bnlab.settings import Settings
from jobs import settings as servers
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.spec.known import in_catalogue

HIGHER, LOWER = Check("higher", "a", "b"), Check("lower", "a", "b")
FEWER, ABOVE = Check("fewer steps", "a", "b", target=0.9), Check("above", "a", "", target=0.5)


def measured(low: float | None, high: float | None) -> dict[str, Any]:
    return {"mean": 0.0 if low is None or high is None else (low + high) / 2, "low": low, "high": high, "n": 3}


@pytest.mark.parametrize(
    ("check", "low", "high", "outcome"),
    [
        (HIGHER, 0.01, 0.2, "upheld"),
        (HIGHER, -0.01, 0.2, "open"),
        (HIGHER, -0.2, -0.01, "not upheld"),
        (LOWER, -0.2, -0.01, "upheld"),
        (LOWER, 0.01, 0.2, "not upheld"),
        (LOWER, -0.1, 0.2, "open"),
        (FEWER, 1.5, 4.0, "upheld"),
        (FEWER, 0.9, 4.0, "open"),
        (FEWER, 0.2, 0.9, "not upheld"),
        (ABOVE, 0.6, 0.7, "upheld"),
        (ABOVE, 0.4, 0.7, "open"),
        (ABOVE, 0.1, 0.4, "not upheld"),
        (HIGHER, None, None, "open"),
    ],
)
def test_an_interval_is_judged_by_the_side_on_which_it_lies(
    check: Check, low: float | None, high: float | None, outcome: str
) -> None:
    assert judged(check, {}, measured(low, high)).outcome == outcome


def test_what_no_seed_has_is_open() -> None:
    assert judged(HIGHER, {}, None).outcome == "open"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["upheld", "upheld"], "upheld"),
        (["upheld", "open"], "mixed"),
        (["upheld", "not upheld"], "mixed"),
        (["not upheld", "open"], "not upheld"),
        (["not upheld", "not upheld"], "not upheld"),
        (["open", "open"], "open"),
    ],
)
def test_a_claim_is_judged_by_all_of_its_checks(outcomes: list[Outcome], expected: str) -> None:
    assert verdict([Checked(HIGHER, {}, None, outcome) for outcome in outcomes]) == expected


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claims_experiment_can_be_run_and_its_checks_are_of_its_variants(name: str) -> None:
    spec = read((EXPERIMENTS / f"{name}.json").read_bytes())
    assert spec.name == name
    assert members(spec, in_catalogue(servers.Settings()), range(spec.seeds))
    assert "Ours: " in (spec.claim or "")
    for check in CLAIMS[name].checks:
        assert {check.variant, check.than} - {""} <= spec.variants.keys()
        assert check.kind != "fewer steps" or check.target in spec.targets
    assert spec.seeds > 1  # else there is no interval, and no verdict


def test_a_claim_that_there_is_none_of_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="there is no claim 'moon'; there is: mnist, learning-rates"):
        claims.run(Settings(), ["moon"], tmp_path, Console(quiet=True))


SMALL = {
    "name": "placement",
    "claim": "A small one. Ours: all of it.",
    "base": {
        "architecture": {"preset": "mlp", "hidden": [20]},
        "data": {"dataset": "synthetic", "train_samples": 500},
        "training": {"steps": 60},
        "evaluation": {"every": 30},
        "recording": {"units": 0, "activations_every": 30},
    },
    "variants": {
        "none": {},
        "after": {"batch_norm": {"placement": "after_activation"}},
        "before": {"batch_norm": True},
    },
    "seeds": 2,
    "targets": [0.3],
}


def test_a_claim_is_run_judged_and_written_down_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiments = tmp_path / "experiments"
    experiments.mkdir()
    (experiments / "placement.json").write_text(json.dumps(SMALL))
    monkeypatch.setattr(paper, "EXPERIMENTS", experiments)
    results = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        settings = Settings(url="http://127.0.0.1:9", data=tmp_path / "data", slots=2)  # nobody answers there
        claims.run(settings, ["placement"], folder, Console(quiet=True))
        result = json.loads((folder / "claims" / "placement.json").read_text())
        results.append({key: result[key] for key in ("verdict", "checks", "document")})
        assert [group["succeeded"] for group in result["groups"]] == [2, 2, 2]
        text = (folder / "claims.md").read_text()
        assert f"## In front of the nonlinearity: {result['verdict']}" in text
        assert text.count("| `test.accuracy` of ") == 3
        assert (folder / "claims" / "placement.svg").stat().st_size > 1000
    assert results[0] == results[1]


def test_a_grid_is_drawn_and_told_point_by_point(tmp_path: Path) -> None:
    def group(variant: str, rate: float, mean: float) -> dict[str, Any]:
        return {
            "variant": variant,
            "point": {"/training/optimizer/learning_rate": rate},
            "jobs": ["1", "2"],
            "succeeded": 2,
            "diverged": [],
            "failed": [],
            "cancelled": [],
            "final_accuracy": {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n": 2},
        }

    check = {"kind": "higher", "variant": "with BN", "than": "without BN", "series": "test.accuracy", "target": 0.0}
    point = {"/training/optimizer/learning_rate": 10.0}
    result = {
        "name": "learning-rates",
        "verdict": "not upheld",
        "checks": [{"check": check, "point": point, "measured": measured(-0.2, -0.1), "outcome": "not upheld"}],
        "groups": [group("without BN", 0.1, 0.5), group("with BN", 0.1, 0.9), group("with BN", 10.0, 0.3)],
        "shown": {"rank.hidden1.rank": [{"variant": "with BN", "value": {"mean": 2.0, "low": 1.0, "high": 3.0}}]},
        "units": [],
        "document": {
            "claim": "c",
            "seeds": 2,
            "variants": {"without BN": {}, "with BN": {}},
            "grid": {"/training/optimizer/learning_rate": [0.1, 10.0]},
        },
        "seconds": 60,
        "environment": {"torch": "2"},
    }
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "learning-rates.json").write_text(json.dumps(result))
    drawing.save(drawing.claim(result), tmp_path / "claims" / "learning-rates.svg")
    report.write(tmp_path, {"learning-rates": "Higher rates"})
    text = (tmp_path / "claims.md").read_text()
    assert "| learning_rate 10 | -0.15 | -0.2 to -0.1 | 3 | not upheld |" in text
    assert "Not shown to hold: with BN learning_rate 10." in text
    assert "| with BN | learning_rate 0.1 | 0.9000 | 0.8000 to 1.0000 | 2 |  |" in text


def test_a_claim_of_all_variants_together_and_a_mean_that_is_not_finite_are_told_in_words(tmp_path: Path) -> None:
    together, higher = Check("together"), Check("higher", "plain", "other", "test.loss")
    infinite = {"mean": None, "low": None, "high": None, "n": 2}
    band = {"mean": [0.1], "low": [None], "high": [None]}
    group = {"variant": "plain", "point": {}, "jobs": ["1", "2"], "step": [0], "accuracy": band, "final_accuracy": None}
    shown = [{"variant": "plain", "value": infinite}, {"variant": "other", "value": measured(0.1, 0.2)}]
    result = {
        "name": "ensemble",
        "verdict": "not upheld",
        "checks": [asdict(judged(together, {}, measured(-0.2, -0.1))), asdict(judged(higher, {}, infinite))],
        "groups": [group | {"succeeded": 0, "diverged": ["1", "2"], "failed": [], "cancelled": []}],
        "shown": {"test.loss": shown},
        "units": [],
        "document": {"claim": "c", "seeds": 2, "variants": {"plain": {}, "other": {}}, "grid": {}},
        "seconds": 60,
        "environment": {"torch": "2"},
    }
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "ensemble.json").write_text(json.dumps(result))
    drawing.save(drawing.claim(result), tmp_path / "claims" / "ensemble.svg")
    report.write(tmp_path, {"ensemble": "Together"})
    text = (tmp_path / "claims.md").read_text()
    assert "| not finite |  | 2 | open |" in text
    assert "Not shown to hold: all members together, plain." in text
    assert told(judged(higher, {}, infinite)).endswith("not finite: open")
