"""Whatever stands where it should not is refused in our own words: every field of every model is given every value."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from bn.architecture.document import Document
from jobs.errors import InvalidSpec
from jobs.experiments.document import ExperimentSpec
from jobs.sentences import BOUNDS, EXPECTED, OURS, SENTENCES
from jobs.spec.document import JobSpec
from jobs.spec.problems import validated
from tests.support.foreign_words import foreign

SAID = {*EXPECTED, *BOUNDS, *OURS, *SENTENCES}
OF_TEXTS = {"int_parsing", "int_parsing_size", "int_from_float", "float_parsing", "bool_parsing", "enum"}
"""Errors of what was written as a text: of queries and of settings."""

SCALARS: list[Any] = [None, True, False, -1, 0, 1, 2, 1.5, -1.5, 1e300, 10**17, "", "fast", "many", "x" * 3000]
KINDS = [{tag: value} for tag in ("kind", "scheme", "preset", "layers") for value in (*SCALARS[:8], "adamm", [], {})]
WRONG: list[Any] = [
    *SCALARS,
    *KINDS,
    [],
    {},
    [[]],
    [1] * 1001,
    ["a"] * 300,
    *([value] for value in SCALARS),
    *({"a": value} for value in SCALARS),
    *({"": value} for value in SCALARS),
    *([kind] for kind in KINDS),
    *([[kind]] for kind in KINDS),
    {"a" * 300: {}},
    [{"kind": "flatten"}] * 1001,
    {str(i): {} for i in range(101)},
]


def models(of: type[BaseModel] = Document) -> Iterator[type[BaseModel]]:
    for model in of.__subclasses__():
        yield model
        yield from models(model)


MODELS = sorted(set(models()), key=lambda model: model.__name__)


def sample(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """A small value that a schema allows."""
    if "$ref" in schema:
        return sample(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            first = sample(schema[choices][0], definitions)
            kinds = schema.get("discriminator", {}).get("mapping", {})
            named = next((kind for kind, at in kinds.items() if at == schema[choices][0]["$ref"]), None)
            return {"kind": named, **first} if named else first
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if schema.get("type") == "object":
        required = {name: sample(schema["properties"][name], definitions) for name in schema.get("required", ())}
        return required or ({"a": {}} if schema.get("minProperties") else {})
    if schema.get("type") == "array":
        return [sample(schema["items"], definitions)] * schema.get("minItems", 0)
    return "a" if schema.get("type") == "string" else 1


def smallest(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    return dict(sample(schema, schema.get("$defs", {})))


def wrong(model: type[BaseModel]) -> Iterator[Any]:
    """Documents of a model with one thing wrong, or with nothing wrong after all."""
    fine = smallest(model)
    yield from (value for value in WRONG if not isinstance(value, dict) or not {"kind", "preset"} & value.keys())
    yield {**fine, "surprise": 1}
    yield {**fine, "momentum": 0.5}
    for field in model.model_fields:
        yield {name: value for name, value in fine.items() if name != field}
        yield {**fine, f"{field}_": 1}
        yield from ({**fine, field: value} for value in WRONG)


def raw_types(model: type[BaseModel], document: Any) -> set[str]:
    try:
        model.model_validate_json(json.dumps(document))
    except ValidationError as error:
        return {each["type"] for each in error.errors()}
    return set()


def messages(model: type[BaseModel], document: Any) -> list[str]:
    try:
        validated(model, document)
    except InvalidSpec as error:
        return [each.message for each in error.errors]
    return []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_wrong_value_of_every_field_is_told_in_our_words(model: type[BaseModel]) -> None:
    assert messages(model, smallest(model)) == []
    found = [(message, document) for document in wrong(model) for message in messages(model, document)]
    assert found
    for message, document in found:
        assert not foreign(message), f"{message!r} has {foreign(message)!r}, of {json.dumps(document)[:200]}"
        assert "cannot stand here" not in message, document


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_error_that_a_model_can_make_is_in_the_tables(model: type[BaseModel]) -> None:
    met = {kind for document in wrong(model) for kind in raw_types(model, document)}
    assert met <= SAID


def test_what_is_in_the_tables_can_be_met() -> None:
    met = {kind for model in MODELS for document in wrong(model) for kind in raw_types(model, document)}
    assert SAID - OF_TEXTS - {"finite_number"} <= met  # no document that was read as JSON has a number without end


def test_every_model_of_a_document_is_among_those() -> None:
    for root in (JobSpec, ExperimentSpec):
        assert root.model_json_schema()["$defs"].keys() | {root.__name__} <= {model.__name__ for model in MODELS} | {
            "JsonValue"
        }


def test_pydantic_s_own_words_would_be_found() -> None:
    document = {"training": {"steps": "many", "optimizer": "adamm", "schedule": {"kind": "step"}}, "tags": ["a"] * 51}
    with pytest.raises(ValidationError) as refused:
        JobSpec.model_validate_json(json.dumps(document))
    found = refused.value.errors()
    assert len(found) == 4
    assert all(foreign(each["msg"]) for each in found)
