"""What an experiment is judged by is recorded by some of its jobs, or the experiment is refused before any runs."""

from typing import Any

import pytest

from jobs.errors import InvalidSpec
from jobs.experiments.document import ExperimentSpec, Member
from jobs.experiments.recorded import require_recorded
from tests.support.documents import resolved

PLAIN, HELD_OUT = resolved(), resolved(data={"validation": 0.1})
TUNED = {"grid": {"/x": [1, 2]}, "tune": {"over": "/x"}}


def fault(*, one: Any = PLAIN, other: Any = PLAIN, **said: Any) -> tuple[str, str] | None:
    """Where a fault is, and what is wrong, of an experiment of two variants of these jobs."""
    spec = ExperimentSpec.model_validate({"variants": {"a": {}, "b": {}}} | said)
    try:
        require_recorded(spec, [(Member("a", {}, 0), one), (Member("b", {}, 0), other)])
    except InvalidSpec as error:
        (found,) = error.errors
        return found.pointer, found.message
    return None


def test_a_series_that_one_variant_records_is_enough() -> None:
    ranked = resolved(recording={"diagnostics": [{"name": "rank", "every": 10}]})
    primary = {"series": "rank.hidden1.rank", "goal": "max"}
    assert fault(primary=primary, other=ranked) is None
    refused = fault(primary=primary)
    assert refused is not None
    assert refused[0] == "/primary/series"
    assert refused[1].startswith("no job of this experiment records 'rank.hidden1.rank'")


@pytest.mark.parametrize(("layer", "is_there"), [("hidden3", True), ("hidden", False)])
def test_what_wanders_is_a_layer_whose_units_are_recorded(layer: str, is_there: bool) -> None:
    assert (fault(primary={"kind": "wander", "series": f"units.{layer}"}) is None) == is_there


def test_each_variant_whose_settings_are_chosen_needs_a_validation_part() -> None:
    assert fault(one=HELD_OUT, other=HELD_OUT, **TUNED) is None
    refused = fault(one=HELD_OUT, **TUNED)
    assert refused is not None
    assert refused[0] == "/tune"
    assert "variant 'b' has none" in refused[1]
