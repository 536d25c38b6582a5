"""How many inputs go through a network at once."""

from typing import Any

import pytest

from api.errors import Refusal
from api.predicting.amounts import ITEM, LARGEST, most_at_once, refuse_batch
from bn.architecture.plan import Plan, plan
from jobs.errors import InvalidInputs
from jobs.spec.document import JobSpec


def of(*layers: dict[str, Any]) -> Plan:
    """A network of these layers and one more."""
    described = {"architecture": {"layers": [*layers, {"kind": "linear", "features": 10}]}}
    return plan(JobSpec.model_validate(described).architecture, None, (1, 28, 28), 10)


WIDE = {"kind": "conv2d", "channels": 128, "padding": 1, "activation": "relu"}
FLAT = {"kind": "flatten"}


def test_a_network_takes_a_hundred_or_as_many_as_its_widest_layer_allows() -> None:
    assert most_at_once(of(FLAT)) == 100
    assert most_at_once(of(WIDE, FLAT)) == LARGEST // (128 * 28 * 28 * ITEM) < 100


def test_by_their_own_moments_all_inputs_have_to_fit_at_once() -> None:
    most = most_at_once(of(WIDE, FLAT))
    refuse_batch(of(WIDE, FLAT), most)
    with pytest.raises(Refusal, match=f"at most {most}: these are {most + 1}") as refused:
        refuse_batch(of(WIDE, FLAT), most + 1)
    assert (refused.value.status_code, refused.value.code) == (413, "too_many_inputs")


@pytest.mark.parametrize(
    ("layers", "least"),
    [
        ((FLAT, {"kind": "batch_norm"}), 2),
        ((FLAT, {"kind": "batch_norm", "frozen": True}), 1),
        ((FLAT, {"kind": "linear", "features": 3, "activation": "relu", "batch_norm": True}), 2),
        (({"kind": "batch_norm"}, FLAT), 1),
        ((FLAT,), 1),
    ],
    ids=["of features", "that is frozen", "at a nonlinearity", "of an image", "that is not there"],
)
def test_one_input_is_enough_for_batch_normalization(layers: tuple[dict[str, Any], ...], least: int) -> None:
    refuse_batch(of(*layers), least)
    if least > 1:
        with pytest.raises(InvalidInputs, match="one value a channel"):
            refuse_batch(of(*layers), least - 1)
