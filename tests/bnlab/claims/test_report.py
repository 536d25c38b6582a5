"""The page of the claims, from invented results."""

import json
from pathlib import Path
from typing import Any

import pytest

from bnlab.claims import report
from bnlab.claims.first import FIRST
from tests.support.claim_results import checked, estimate, group, result, verdict

WITHOUT, WITH = "without BN", "with BN"
TITLES = {"mnist": "Faster, and higher", "placement": "In front of the nonlinearity", "landscape": "A smoother loss"}


def kept(name: str, verdict_of_claim: str = "upheld", **fields: Any) -> dict[str, Any]:
    numbers = {WITHOUT: [(0.9, 0.9)] * 8, WITH: [(0.95, 0.95)] * 8}
    sentence = f"'{WITH}' is 0.05 above '{WITHOUT}'."
    concluded = verdict(WITH, WITHOUT, {}, numbers, sentence=sentence)
    return result(
        [WITHOUT, WITH],
        name=name,
        groups=[group(variant, {}, [0.9] * 8) for variant in (WITHOUT, WITH)],
        verdicts=[concluded],
        checks=[checked(WITH, concluded["interval"], sentence=sentence, kind="better", role="primary")],
        **({"verdict": verdict_of_claim} | fields),
    )


def page(folder: Path, *results: dict[str, Any]) -> str:
    (folder / "claims").mkdir(exist_ok=True)
    for each in results:
        (folder / "claims" / f"{each['name']}.json").write_text(json.dumps(each))
    report.write(folder, TITLES)
    return (folder / "claims.md").read_text()


def test_a_section_asks_answers_shows_and_then_says_what_the_paper_does_and_what_came_since(tmp_path: Path) -> None:
    text = page(tmp_path, kept("mnist"))
    order = [
        "## Faster, and higher: upheld\n",
        "? **Upheld.** 'with BN' is 0.05 above 'without BN'.",
        "![Faster, and higher](claims/mnist.svg)",
        "**The paper.** On handwritten digits",
        "**Changed.**\n\n- Both networks",
        "**Since.** ",
        "<details><summary>1 check: 1 upheld</summary>\n\n| check |",
        "Accuracy on the test set at the end, of every variant",
        "**Run it.** `bnlab claims mnist`",
        "8 seeds, 1.0 minutes; torch 2.",
        "## References\n\n- Arora",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert text.count("<details>") == text.count("</details>") == 3


def test_the_summary_has_a_clause_and_p_corrected_for_all_claims(tmp_path: Path) -> None:
    text = page(tmp_path, kept("mnist", p=0.02), kept("placement", p=0.01), kept("landscape", "open", p=1.0))
    clause = "accuracy on the test set at the end: with BN 0.05 above without BN"
    assert f"| [Faster, and higher](#mnist) | **upheld** | {clause} | 0.02 | 0.04 | 16 | 1.0 |" in text
    assert f"| [In front of the nonlinearity](#placement) | **upheld** | {clause} | 0.01 | 0.03 | 16 | 1.0 |" in text
    assert f"| [A smoother loss](#landscape) | **open** | {clause} |  |  | 16 | 1.0 |" in text
    assert "corrected by Holm for the 3 claims here" in text
    assert "cannot show" not in text


def test_a_summary_of_more_claims_than_its_seeds_can_decide_together_says_so(tmp_path: Path) -> None:
    text = page(tmp_path, *(of_seeds(6, name) for name in TITLES))
    assert "No exact test of 6 pairs of seeds has a p below 0.031, and 3 times that is 0.094" in text
    text = page(tmp_path, *(of_seeds(2, name) for name in TITLES))
    assert "has a p below 0.5, and 3 times that is 1 or more: that all claims" in text


def of_seeds(number: int, name: str) -> dict[str, Any]:
    found = kept(name)
    return found | {"document": found["document"] | {"seeds": number}}


def test_a_verdict_that_is_not_that_of_the_first_report_is_explained_with_both_intervals(tmp_path: Path) -> None:
    text = page(tmp_path, kept("mnist"), kept("placement"), kept("landscape"))
    first = FIRST["placement"]
    (said,) = [line for line in text.splitlines() if line.startswith("*Otherwise than in the first report*")]
    assert first.verdict != "upheld"
    assert first.measured in said
    assert "Now it is **upheld**: accuracy on the test set at the end: with BN 0.05 above" in said
    assert "interval 0.05" in said
    assert "Why: it also asked whether each place is better than none" in said


@pytest.mark.parametrize(
    ("quick", "said"),
    [((True, True), "All claims were run in short"), ((True, False), "Faster, and higher was run in short")],
)
def test_a_quick_result_is_marked_at_the_top_and_in_its_section(
    quick: tuple[bool, bool], said: str, tmp_path: Path
) -> None:
    results = [kept(name, quick=each) for name, each in zip(("mnist", "placement"), quick, strict=True)]
    text = page(tmp_path, *results)
    assert f"> **Quick.** {said}: three seeds" in text
    assert "no exact test of pairs can reach 5 %" in text
    assert "## Faster, and higher: upheld (quick)" in text
    assert "](#mnist) (quick) |" in text
    assert text.count("*Otherwise than in the first report*") == (0 if all(quick) else 1)


def test_without_quick_results_nothing_is_said_of_them(tmp_path: Path) -> None:
    assert "uick" not in page(tmp_path, kept("mnist")).replace("quickly", "")


def test_a_long_list_of_checks_is_folded_and_counted(tmp_path: Path) -> None:
    many = [checked(WITH, estimate([0.1, 0.2]), outcome) for outcome in ("upheld", "open", "open")]
    text = page(tmp_path, kept("mnist") | {"checks": many})
    assert "<details><summary>3 checks: 1 upheld, 2 open</summary>" in text


def test_a_result_of_an_earlier_release_is_left_out_until_its_claim_is_run_again(tmp_path: Path) -> None:
    assert "## Faster" not in page(tmp_path, {"name": "mnist", "verdict": "upheld", "verdicts": []})
