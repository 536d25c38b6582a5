"""Which fields a document may have and where, read off the models."""

from typing import Any

import pytest

from jobs.spec.document import JobSpec
from jobs.spec.pointers import pointer
from jobs.spec.vocabulary import in_words, tag_of, vocabulary

KNOWN = vocabulary(JobSpec)
BRANCHES = {"kind": "concatenate", "branches": [[], [{"kind": "dropout"}]]}


def places(name: str) -> dict[str, tuple[str, ...]]:
    return {pointer(home.place): home.kinds for home in KNOWN.homes[name]}


def test_a_field_has_a_home_wherever_it_may_stand_and_the_kinds_that_have_it_there() -> None:
    assert places("learning_rate") == {"/training/optimizer/learning_rate": ()}
    assert places("momentum") == {"/training/optimizer/momentum": ("momentum", "nesterov")}
    assert places("epochs") == {"/training/epochs": ()}
    assert places("hidden") == {"/architecture/hidden": ("mlp", "convnet")}
    assert places("placement") == {"/batch_norm/placement": (), "/architecture/layers/0/batch_norm/placement": ()}


def test_every_field_of_a_job_is_known() -> None:
    definitions = JobSpec.model_json_schema()["$defs"].values()
    fields = {field for each in definitions for field in each.get("properties", {})} | JobSpec.model_fields.keys()
    assert KNOWN.homes.keys() == fields - {"kind", "scheme", "preset"}


def test_a_kind_is_known_where_an_object_may_be_of_it() -> None:
    assert [pointer(home.place) for home in KNOWN.kinds["nesterov"]] == ["/training/optimizer"]
    assert [pointer(home.place) for home in KNOWN.kinds["normal"]] == [
        "/architecture/init",
        "/architecture/layers/0/init",
    ]


@pytest.mark.parametrize(
    ("document", "place", "words"),
    [
        ({}, ("training", "steps"), "a whole number or null"),
        ({}, ("batch_norm",), "true, false, 'keras', an object or null"),
        ({}, ("training", "weight_decay"), "a number, an object or null"),
        ({"architecture": "mlp"}, ("architecture", "hidden"), "a list"),
        ({"architecture": {"layers": [BRANCHES]}}, ("architecture", "layers", 0, "branches", 1, 0, "rate"), "a number"),
        ({"training": {"optimizer": {"kind": "adam"}}}, ("training", "optimizer", "beta1"), "a number"),
        ({"training": {"optimizer": {"kind": "sgd"}}}, ("training", "optimizer", "beta1"), ""),
        ({}, ("nowhere", 0, "at all"), ""),
    ],
)
def test_what_may_stand_at_a_place_depends_on_the_kinds_above_it(document: Any, place: Any, words: str) -> None:
    assert in_words(KNOWN.forms_at(document, place)) == words


def test_the_example_of_an_object_is_of_the_kind_that_was_given_without_one() -> None:
    forms = KNOWN.forms_at({"architecture": {"layers": ["flatten"]}}, ("architecture", "layers", 0))
    assert in_words(forms, "flatten") == 'an object such as {"kind": "flatten"}'
    assert {kind for form in forms for kind in tag_of(form)[1]} >= {"linear", "max_pool", "average_pool"}
