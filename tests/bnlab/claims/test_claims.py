"""Claims run, judged and written down on a server of their own."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from bnlab.claims import claims, paper
from bnlab.errors import CannotRun
from bnlab.settings import Settings


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
        assert text.count("is better than the first variant") == 2
        assert text.count("| `test.accuracy` of ") == 1
        assert (folder / "claims" / "placement.svg").stat().st_size > 1000
    assert results[0] == results[1]
