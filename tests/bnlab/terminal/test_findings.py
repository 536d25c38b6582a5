from typing import Any

from bnlab.terminal.findings import lines_of

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
    assert lines_of(_answer(watermark=None), WIDE)[0].endswith("before its first step")


def test_a_terminal_gets_lines_as_wide_as_it_is_and_no_word_is_lost() -> None:
    narrow = lines_of(_answer(FOUND), 30)
    assert max(map(len, narrow)) <= 30
    assert " ".join(" ".join(narrow).split()) == " ".join(" ".join(lines_of(_answer(FOUND), WIDE)).split())


def test_what_a_server_says_is_made_visible() -> None:
    assert "\\x1b[2J" in lines_of(_answer({**FOUND, "sentence": "\x1b[2J"}), WIDE)[1]
