from typing import Any

from bnlab.terminal.findings import ENOUGH, lines_of
from jobs.findings.table import RULES

FOUND = {"rule": "dead", "sentence": "97 % of the relus of hidden3 are dead", "remedy": "a smaller learning rate"}
WIDE = 10_000


def _answer(*found: dict[str, str], watermark: int | None = 2000) -> dict[str, Any]:
    return {"findings": found, "rules": ["dead", "saturated"], "watermark": watermark}


def test_a_finding_is_its_rule_its_sentence_and_what_to_try() -> None:
    assert lines_of(_answer(FOUND), WIDE) == [
        "findings: 1, of 2 rules, up to step 2,000",
        "  dead: 97 % of the relus of hidden3 are dead",
        "    try: a smaller learning rate",
    ]


def test_that_there_is_none_is_said_with_how_far_was_looked() -> None:
    assert lines_of(_answer(), WIDE) == ["findings: none; 2 rules see nothing wrong up to step 2,000"]
    (early,) = lines_of(_answer(watermark=300), WIDE)
    assert early == "findings: none; 2 rules see nothing wrong up to step 300; some of them ask for 1,000 steps"
    for step in (None, 0):
        assert lines_of(_answer(watermark=step), WIDE) == ["findings: none yet; no step is recorded"]


def test_the_rules_have_enough_to_judge_by_when_it_is_said_so() -> None:
    assert max(rule.bound for rule in RULES if rule.name in ("at_chance", "labels_unrelated")) == ENOUGH


def test_a_terminal_gets_lines_as_wide_as_it_is_and_no_word_is_lost() -> None:
    narrow = lines_of(_answer(FOUND), 30)
    assert max(map(len, narrow)) <= 30
    assert " ".join(" ".join(narrow).split()) == " ".join(" ".join(lines_of(_answer(FOUND), WIDE)).split())


def test_what_a_server_says_is_made_visible() -> None:
    assert "\\x1b[2J" in lines_of(_answer({**FOUND, "sentence": "\x1b[2J"}), WIDE)[1]
