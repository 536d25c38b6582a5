"""The texts beside the claims' numbers."""

import re

import pytest

from bnlab.claims.paper import CLAIMS
from bnlab.claims.told import PROSE, references, told_of

NAMES = sorted(path.name.removesuffix(".md") for path in PROSE.iterdir() if path.name != "references.md")
CITED = re.compile(r"([A-Z]\w+)(?:, [A-Z]\w+)*(?: et al\.| and [A-Z]\w+)? ((?:19|20)\d\d)\b")
LISTED = re.compile(r"^- (?:van )?([A-Z]\w+), [^\n]*?((?:19|20)\d\d)\.", re.MULTILINE)
THE_PAPER = ("Ioffe", "2015")


@pytest.mark.parametrize("name", NAMES)
def test_a_claim_has_a_question_what_the_paper_says_what_is_changed_and_what_came_since(name: str) -> None:
    told = told_of(name)
    assert told.asked.endswith("?")
    assert told.changed.startswith("- ")
    assert told.said
    assert told.since


def test_every_claim_has_its_texts() -> None:
    assert set(CLAIMS) <= set(NAMES)


def test_what_the_texts_cite_is_in_the_references_and_nothing_else_is() -> None:
    cited = {pair for name in NAMES for pair in CITED.findall((PROSE / f"{name}.md").read_text(encoding="utf-8"))}
    listed = LISTED.findall(references())
    assert len(listed) == len(references().splitlines())
    assert cited == set(listed) - {THE_PAPER}


def test_references_are_in_the_order_of_their_authors() -> None:
    authors = [author for author, _ in LISTED.findall(references())]
    assert authors == sorted(authors)
