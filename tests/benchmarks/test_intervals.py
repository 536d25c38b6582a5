"""Intervals over seeds cover what they say, of whatever seeds are drawn from; the page has what was drawn."""

from math import inf

import pytest

from benchmarks.intervals import (
    BEGIN,
    END,
    PAGE,
    POPULATIONS,
    SEEDS,
    evaluated,
    medians,
    signed_ranks,
    step_ratios,
    tables,
    wilson,
)
from jobs.experiments.statistics.interval import Bounds

SAMPLES = 100  # with which a coverage of 96 % has a standard error of 2 points
SLACK = 0.07


@pytest.mark.parametrize("name", POPULATIONS)
def test_intervals_that_assume_no_normal_seeds_cover_what_they_say(name: str) -> None:
    for covered in (signed_ranks, medians, step_ratios):
        short = [each.says - each.held for each in covered(POPULATIONS[name], SAMPLES)[:4]]
        assert max(short) < SLACK, covered


def test_what_evaluations_tell_of_steps_holds_them() -> None:
    assert evaluated([1, 250, 799, 801, inf], 800) == [
        Bounds(0, 20),
        Bounds(240, 260),
        Bounds(780, 800),
        Bounds(800, inf),
        Bounds(800, inf),
    ]


def test_the_worst_share_for_an_interval_of_eight_is_covered_by_83_percent() -> None:
    assert wilson(8).held == pytest.approx(0.834, abs=1e-3)


def test_the_page_has_a_number_for_every_number_of_seeds() -> None:
    _, begun, rest = PAGE.read_text().partition(BEGIN)
    written, ended, _ = rest.partition(END)
    assert (begun, ended) == (BEGIN, END)
    rows = [line for table in tables(2) for line in table.splitlines()]
    kept = [line for line in written.splitlines() if line]
    assert [line.split(" | ")[0] for line in kept] == [line.split(" | ")[0] for line in rows]
    assert {line.count("|") for line in kept} == {len(SEEDS) + 2, 3}


def test_a_coverage_is_a_share_of_the_samples_and_says_what_the_interval_does() -> None:
    three, *_ = signed_ranks(POPULATIONS["normal"], SAMPLES)
    assert three.says == 0.75
    assert 0 < three.held == round(SAMPLES * three.held) / SAMPLES < 1
