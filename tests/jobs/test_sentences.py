"""What is said of a value that a field refuses."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from jobs.sentences import Wanted, sentence, shown, unknown_name
from tests.support.foreign_words import foreign

CASES: dict[str, tuple[Any, Any, str]] = {
    "a whole number": (int, "many", "must be a whole number, not 'many'"),
    "a bound below a whole number": (Annotated[int, Field(gt=0)], 0, "must be a whole number of at least 1, not 0"),
    "one that is reached": (Annotated[int, Field(ge=2)], "1", "must be a whole number of at least 2, not 1"),
    "a bound below a number": (Annotated[float, Field(gt=0)], 0, "must be a number greater than 0, not 0"),
    "a bound above": (Annotated[float, Field(lt=1)], 1.5, "must be a number less than 1, not 1.5"),
    "a bound above a whole number": (Annotated[int, Field(le=16)], 17, "must be a whole number of at most 16, not 17"),
    "a choice": (Literal["auto", "cpu"], "cup", "must be 'auto' or 'cpu', not 'cup'; the nearest is 'cpu'"),
    "a choice that is not near": (Literal["auto", "cpu"], "tpu!", "must be 'auto' or 'cpu', not 'tpu!'"),
    "a choice of numbers": (Literal[20, 32, 44], 18, "must be 20, 32 or 44, not 18"),
    "a choice of no": (Literal[False, "inherit"], True, "must be false or 'inherit', not true"),
    "yes or no": (bool, "perhaps", "must be true or false, not 'perhaps'"),
    "a text": (str, 5, "must be a text, not 5"),
    "a long text": (Annotated[str, Field(max_length=3)], "four", "takes at most 3 characters, not 4"),
    "an empty text": (Annotated[str, Field(min_length=1)], "", "needs at least 1 character, not 0"),
    "a list": (tuple[int, ...], {"a": 1}, "must be a list, not an object"),
    "an object": (dict[str, int], [1], "must be an object, not a list"),
    "nothing": (int, None, "must be a whole number, not null"),
    "a list that is too short": (Annotated[list[int], Field(min_length=2)], [1], "needs at least 2 layers"),
    "a list that is too long": (Annotated[list[int], Field(max_length=1)], [1, 2], "takes at most 1 layer, not 2"),
    "a number that is none": (
        Annotated[float, Field(allow_inf_nan=False)],
        "nan",
        "must be a finite number, not 'nan'",
    ),
}


def detail(kind: Any, value: Any) -> ErrorDetails:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    return refused.value.errors()[0]


@pytest.mark.parametrize(("kind", "value", "says"), CASES.values(), ids=CASES)
def test_it_says_what_was_expected_and_what_is_there(kind: Any, value: Any, says: str) -> None:
    said = sentence(detail(kind, value), Wanted(items=("layer", "layers")))
    assert said == says
    assert not foreign(said)


def test_what_may_stand_at_the_place_goes_before_what_the_error_expects() -> None:
    assert sentence(detail(int, "x"), Wanted(expected="a number or null")) == "must be a number or null, not 'x'"


def test_an_error_that_no_table_has_is_told_without_its_words() -> None:
    unknown: ErrorDetails = {"type": "of_a_later_release", "loc": (), "msg": "Input should be valid", "input": [1]}
    assert sentence(unknown) == "a list cannot stand here"


@pytest.mark.parametrize(
    ("value", "says"),
    [("x" * 100, f"'{'x' * 60}...'"), (10**300, "1e+300"), (1.5, "1.5"), (False, "false"), (2**63, str(2**63))],
)
def test_a_value_is_named_shortly(value: Any, says: str) -> None:
    assert shown(value) == says


def test_a_name_that_nobody_could_have_meant_has_no_nearest() -> None:
    assert unknown_name("lion", "optimizer", ("sgd", "adam")) == "'lion' is no optimizer (there is: adam, sgd)"
    assert "nearest" not in unknown_name("a" * 10_000, "optimizer", ("sgd", "adam"))
