"""The page of the claims, and their figures, from invented results."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bnlab.claims import report
from bnlab.claims.checks import Check
from bnlab.claims.verdicts import judged
from bnlab.figures import drawing


def measured(low: float, high: float) -> dict[str, Any]:
    return {"centre": (low + high) / 2, "low": low, "high": high, "coverage": 0.96, "n": 8}


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
            "final_accuracy": measured(mean - 0.1, mean + 0.1),
        }

    check = {"kind": "higher", "variant": "with BN", "than": "without BN", "series": "test.accuracy", "target": 0.0}
    point = {"/training/optimizer/learning_rate": 10.0}
    checked = {"check": check, "point": point, "measured": measured(-0.2, -0.1), "outcome": "not upheld"}
    result = {
        "name": "learning-rates",
        "verdict": "not upheld",
        "checks": [checked],
        "verdicts": [{"sentence": "'with BN' is far below."}],
        "groups": [group("without BN", 0.1, 0.5), group("with BN", 0.1, 0.9), group("with BN", 10.0, 0.3)],
        "shown": {"rank.hidden1.rank": [{"variant": "with BN", "value": measured(1.0, 3.0)}]},
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
    assert "| learning_rate 10 | -0.15 | 96 % interval -0.2 to -0.1 | 8 | not upheld |" in text
    assert "\n- 'with BN' is far below.\n" in text
    assert "Not shown to hold: with BN learning_rate 10." in text
    assert "| with BN | learning_rate 0.1 | 0.9 | 96 % interval 0.8 to 1 | 2 |  |" in text
    assert "<details>" not in text
    result["checks"] = [checked, *[checked | {"outcome": "open"}] * 6]
    (tmp_path / "claims" / "learning-rates.json").write_text(json.dumps(result))
    report.write(tmp_path, {"learning-rates": "Higher rates"})
    text = (tmp_path / "claims.md").read_text()
    folded = text[text.index("<details>") : text.index("</details>")]
    assert folded.startswith("<details><summary>7 checks: 1 not upheld, 6 open</summary>\n\n| check |")
    assert folded.count("| learning_rate 10 |") == 7


def test_a_claim_of_all_variants_together_and_what_is_not_known_are_told_in_words(tmp_path: Path) -> None:
    together, higher = Check("together"), Check("higher", "plain", "other", "test.loss")
    unknown = {"centre": None, "low": "-Infinity", "high": "Infinity", "coverage": 0.96, "n": 8}
    band = {"median": [0.1], "least": [None], "greatest": [None]}
    group = {"variant": "plain", "point": {}, "jobs": ["1", "2"], "step": [0], "accuracy": band, "final_accuracy": None}
    shown = [{"variant": "plain", "value": unknown}, {"variant": "other", "value": measured(0.1, 0.2)}]
    result = {
        "name": "ensemble",
        "verdict": "not upheld",
        "checks": [asdict(judged(together, {}, measured(-0.2, -0.1))), asdict(judged(higher, {}, unknown))],
        "verdicts": [],
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
    assert "| not known | 96 % interval anything | 8 | open |" in text
    assert "Not shown to hold: all members together, plain." in text


def test_a_result_of_an_earlier_release_is_left_out_until_its_claim_is_run_again(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "old.json").write_text(json.dumps({"name": "old", "verdict": "upheld"}))
    report.write(tmp_path, {"old": "Old"})
    assert "Old" not in (tmp_path / "claims.md").read_text()
