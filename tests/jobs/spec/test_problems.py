"""Where a document is wrong, and in how many words."""

import json
from typing import Any

import pytest

from jobs.errors import FieldError, InvalidSpec
from jobs.spec.check import parse
from jobs.spec.problems import MAX_ERRORS, MAX_MESSAGE


def errors_of(document: Any) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidSpec) as refused:
        parse(json.dumps(document))
    return refused.value.errors


def layers(*layers: Any) -> dict[str, Any]:
    return {"architecture": {"layers": list(layers)}}


def optimizer(**options: Any) -> dict[str, Any]:
    return {"training": {"optimizer": options}}


def schedule(**options: Any) -> dict[str, Any]:
    return {"training": {"schedule": options}}


FLATTEN, WRONG = {"kind": "flatten"}, {"kind": "linear", "features": 0}
INSIDE = {"kind": "batch_norm", "batch_norm": {"epsilon": 1}, "epsilon": 0}

PLACES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a field beside one that is called like the kind": (
        optimizer(kind="momentum", momentum=0.9, learning_rate=-1),
        ["/training/optimizer/learning_rate"],
    ),
    "a field that is called like the kind": (
        optimizer(kind="momentum", momentum=1.5),
        ["/training/optimizer/momentum"],
    ),
    "an unknown field that is called like the kind": (
        optimizer(kind="adam", adam={"epsilon": 1}, epsilon=0),
        ["/training/optimizer/epsilon", "/training/optimizer/adam"],
    ),
    "an unknown field that is called like the kind that is not named": (
        optimizer(sgd={"learning_rate": 1}, learning_rate=-1),
        ["/training/optimizer/learning_rate", "/training/optimizer/sgd"],
    ),
    "a schedule with a field called like its kind": (
        schedule(kind="step", step={"every": 1}, every=0),
        ["/training/schedule/every", "/training/schedule/step"],
    ),
    "a field that is missing": (
        schedule(kind="step", step={}),
        ["/training/schedule/every", "/training/schedule/step"],
    ),
    "a layer of the kind that is also a field of layers": (
        layers(FLATTEN, INSIDE),
        ["/architecture/layers/1/epsilon", "/architecture/layers/1/batch_norm"],
    ),
    "a layer within a layer": (
        layers({"kind": "residual", "layers": [FLATTEN, WRONG], "shortcut": [INSIDE]}),
        [
            "/architecture/layers/0/layers/1/features",
            "/architecture/layers/0/shortcut/0/epsilon",
            "/architecture/layers/0/shortcut/0/batch_norm",
        ],
    ),
    "an initialization": (
        {"architecture": {"preset": "mlp", "mlp": 1, "init": {"scheme": "normal", "normal": {"std": 1}, "std": -1}}},
        ["/architecture/init/std", "/architecture/init/normal", "/architecture/mlp"],
    ),
    "options of batch normalization": (
        {"batch_norm": {"on": {"epsilon": 1}, "epsilon": -1}},
        ["/batch_norm/epsilon", "/batch_norm/on"],
    ),
    "those of a layer": (
        layers({"kind": "linear", "features": 1, "batch_norm": {"own": {"epsilon": 1}, "epsilon": -1}}),
        ["/architecture/layers/0/batch_norm/epsilon", "/architecture/layers/0/batch_norm/own"],
    ),
    "layers beside a preset": ({"architecture": {"preset": "mlp", "layers": [FLATTEN]}}, ["/architecture"]),
    "an option of a preset beside layers": (
        {"architecture": {"hidden": [5], "layers": [FLATTEN]}},
        ["/architecture/hidden"],
    ),
    "one bad layer alone": (layers(WRONG), ["/architecture/layers/0/features"]),
    "no layer": (layers(), ["/architecture/layers"]),
    "bad items of a list": ({"tags": [1, "a", 2]}, ["/tags/0", "/tags/2"]),
}


@pytest.mark.parametrize(("document", "pointers"), PLACES.values(), ids=PLACES)
def test_every_fault_is_placed_and_nothing_else(document: dict[str, Any], pointers: list[str]) -> None:
    assert sorted(error.pointer for error in errors_of(document)) == sorted(pointers)


def test_a_preset_beside_layers_is_told_what_is_wrong() -> None:
    (error,) = errors_of({"architecture": {"preset": "mlp", "layers": [FLATTEN]}})
    assert error.message == "give a preset or layers, not both"


def test_of_many_errors_a_hundred_are_named_and_the_rest_counted() -> None:
    found = errors_of({f"field{i}": i for i in range(MAX_ERRORS + 7)})
    assert len(found) == MAX_ERRORS + 1
    assert found[-1] == FieldError("", "and 7 more errors")


@pytest.mark.parametrize(
    "document",
    [
        {"tags": [1] * 300_000},
        {f"{i}": 1 for i in range(70_000)},
        layers(*[{}] * 300_000),
        {"architecture": {"preset": "mlp", "hidden": [0] * 300_000}},
    ],
    ids=["tags", "unknown fields", "layers", "hidden"],
)
def test_a_large_bad_document_gets_a_short_answer(document: dict[str, Any]) -> None:
    found = errors_of(document)
    assert len(found) <= MAX_ERRORS + 1
    assert len(str(InvalidSpec(found))) < 100_000


@pytest.mark.parametrize(
    "document",
    [
        {"batch_norm": "a" * 900_000},
        {"architecture": "a" * 900_000},
        {"data": {"dataset": "a" * 900_000}},
        optimizer(kind="a" * 900_000),
        {"a" * 900_000: 1},
        {"training": {"a" * 900_000: 1}},
        layers({"kind": "a" * 900_000}),
    ],
    ids=["table", "preset", "dataset", "kind", "field", "inner field", "layer"],
)
def test_a_long_text_of_the_client_is_not_sent_back(document: dict[str, Any]) -> None:
    (error,) = errors_of(document)
    assert len(error.message) <= MAX_MESSAGE + 100
    assert len(error.pointer) < 1001


def test_an_unknown_kind_is_cut_and_those_there_are_are_named() -> None:
    (error,) = errors_of(optimizer(kind="b" * 5000))
    assert "(there is: adam, adamw, momentum, nesterov, sgd)" in error.message


@pytest.mark.parametrize(
    ("document", "pointer", "says"),
    [
        (
            optimizer(kind="adamm"),
            "/training/optimizer",
            "'adamm' is no optimizer; the nearest is 'adam' (there is: ad",
        ),
        ({"training": {"optimizer": "adamm"}}, "/training/optimizer", "'adamm' is no optimizer; the nearest is 'adam'"),
        (optimizer(kind=5), "/training/optimizer", "5 is no optimizer (there is: adam, adamw, momentum"),
        (optimizer(kind=None), "/training/optimizer", "null is no optimizer"),
        (schedule(kind="cosin"), "/training/schedule", "'cosin' is no schedule; the nearest is 'cosine'"),
        (layers({"kind": "conv"}), "/architecture/layers/0", "'conv' is no layer; it is called 'conv2d'"),
        (layers({"kind": "Dense"}), "/architecture/layers/0", "'Dense' is no layer; it is called 'linear'"),
        (layers("fc"), "/architecture/layers/0", 'must be an object such as {"kind": "linear"}, not \'fc\''),
        (layers({"kind": "ReLU"}), "/architecture/layers/0", "'relu' is a value of 'activation'"),
        (layers("ReLU"), "/architecture/layers/0", "not 'ReLU'; 'relu' is a value of 'activation'"),
        (layers({"kind": "relu"}), "/architecture/layers/0", "'relu' is a value of 'activation'"),
        (layers({}), "/architecture/layers/0", 'needs a \'kind\', such as {"kind": "linear"} (there is: average_po'),
        (layers("flatten"), "/architecture/layers/0", 'must be an object such as {"kind": "flatten"}, not \'flatten\''),
        ({"architecture": {"preset": "mlp", "init": 5}}, "/architecture/init", 'such as {"scheme": "normal"}'),
        ({"architecture": {"preset": "mlp", "init": "he"}}, "/architecture/init", '{"scheme": "kaiming_normal"}'),
        ({"resources": {"device": "gpu"}}, "/resources/device", "not 'gpu'; it is called 'cuda'"),
        ({"architecture": "MLP"}, "/architecture", "unknown architecture 'MLP'; it is called 'mlp'; give a preset's"),
        ({"architecture": "vgg"}, "/architecture", "unknown architecture 'vgg'; give a preset's name (mlp, "),
        ({"architecture": 5}, "/architecture", "unknown architecture: give a preset's name (mlp, "),
        ({"architecture": {"preset": "mlp", "init": {}}}, "/architecture/init", "needs a 'scheme', such as"),
        ({"architecture": "resnt"}, "/architecture", "'resnt'; the nearest is 'resnet'; give"),
        ({"architecture": {"preset": "resnt"}}, "/architecture", "'resnt'; the nearest is 'resnet'; give"),
        (layers(), "/architecture/layers", "needs at least 1 layer"),
        (layers({"kind": "concatenate", "branches": [[]]}), "/architecture/layers/0/branches", "at least 2 branches"),
        ({"tags": ["a"] * 51}, "/tags", "takes at most 50 tags, not 51"),
        (schedule(kind="step"), "/training/schedule/every", "must be given: a whole number"),
        ({"batch_norm": 5}, "/batch_norm", "must be true, false, 'keras', an object or null, not 5"),
        ({"training": {"weight_decay": "x"}}, "/training/weight_decay", "must be a number, an object or null, not 'x'"),
        ({"data": None}, "/data", "must be an object, not null"),
        ([], "", "must be an object, not a list"),
    ],
)
def test_it_is_said_what_was_expected_and_what_is_there(document: Any, pointer: str, says: str) -> None:
    assert says in {error.pointer: error.message for error in errors_of(document)}[pointer]


def test_a_control_character_of_a_kind_is_refused_before_it_is_quoted() -> None:
    (error,) = errors_of(optimizer(kind="\x1b[31m"))
    assert error == FieldError("/training/optimizer/kind", "the text holds U+001B, a control character; leave it out")


@pytest.mark.parametrize(
    ("document", "pointer"),
    [({"name": "a\nb"}, "/name"), ({"tags": ["fine", "a\tb"]}, "/tags/1")],
    ids=["name", "tag"],
)
def test_a_name_and_a_tag_are_one_line(document: dict[str, Any], pointer: str) -> None:
    assert errors_of(document) == (FieldError(pointer, "no tab and no line break may stand here"),)


def test_a_note_in_the_metadata_may_have_several_lines() -> None:
    assert parse(json.dumps({"metadata": {"note": "a\n\tb"}})).metadata == {"note": "a\n\tb"}
