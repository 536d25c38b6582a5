"""A text that is no JSON: what people write by habit is named, with its line and column."""

import json

import pytest

from jobs.errors import InvalidSpec
from jobs.spec.json_text import read
from jobs.spec.not_json import told

START = "line 1, column 1"
MISSING = "a comma is missing in front of this"
BAD: dict[str, tuple[str, str, str]] = {
    "single quotes": ("{'a': 1}", "line 1, column 2", 'JSON has double quotes: {"a": 1}'),
    "a value in single quotes": ("{\"a\": 'mlp'}", "line 1, column 7", "JSON has double quotes"),
    "quotes of a word processor": ('{"a": \u201cmlp\u201d}', "line 1, column 7", "straight double quotes"),
    "a comma behind the last field": (
        '{"a": 1,}',
        "line 1, column 9",
        "the comma in front of this '}' is one too many",
    ),
    "a comma behind the last item": (
        '{"a": [1,\n2,\n]}',
        "line 3, column 1",
        "the comma in front of this ']' is one t",
    ),
    "two commas": ('{"a": 1,, "b": 2}', "line 1, column 9", "this comma is one too many"),
    "a key without quotes": ("{\n  a: 1}", "line 2, column 3", 'a key stands in double quotes: "a"'),
    "a later key without quotes": ('{"a": 1, b : 1}', "line 1, column 10", 'a key stands in double quotes: "b"'),
    "a key that is a number": ("{1: 2}", "line 1, column 2", "a key stands in double quotes"),
    "a text without quotes": ('{"a": mlp}', "line 1, column 7", 'a text stands in double quotes: "mlp"'),
    "Python's yes": ('{"a": True}', "line 1, column 7", "JSON writes true, not True"),
    "Python's no": ('{"a": [False]}', "line 1, column 8", "JSON writes false, not False"),
    "Python's nothing": ('{"a": None}', "line 1, column 7", "JSON writes null, not None"),
    "yes in capitals": ('{"a": TRUE}', "line 1, column 7", "JSON writes true, not TRUE"),
    "nan": ('{"a": nan}', "line 1, column 7", "there is no nan in JSON"),
    "a comment at the end of a line": ('{"a": 1 // one\n}', "line 1, column 9", "JSON has no comments"),
    "a comment of a line": ('{\n# one\n"a": 1}', "line 2, column 1", "JSON has no comments"),
    "a comment in front": ("// one\n{}", START, "JSON has no comments"),
    "a comment in the middle": ('{"a": /* one */ 1}', "line 1, column 7", "JSON has no comments"),
    "nothing": ("", START, "it is empty; the shortest document is {}"),
    "white space": (" \n ", START, "it is empty; the shortest document is {}"),
    "YAML": ("architecture: mlp\nbatch_norm: true\n", START, "this looks like YAML"),
    "YAML with its mark": ("---\na: 1\n", START, "this looks like YAML"),
    "a list of YAML": ("- a\n- b\n", START, "this looks like YAML"),
    "a form": ("architecture=mlp&batch_norm=true", START, "this looks like a form"),
    "a document cut off behind a value": (
        '{"a": {"b": 1',
        "line 1, column 14",
        "cut off: the '{' of line 1, column 7 is",
    ),
    "one cut off behind a key": ('{\n"a"', "line 2, column 4", "cut off: the '{' of line 1, column 1 is not closed"),
    "one cut off behind a colon": ('{"a": ', "line 1, column 7", "cut off: the '{' of line 1, column 1 is not closed"),
    "one cut off behind a line": (
        '{"a": [1,\n',
        "line 2, column 1",
        "cut off: the '[' of line 1, column 7 is not closed",
    ),
    "one cut off in a text": ('{"a": "ml', "line 1, column 7", "a double quote is missing, or the document is cut off"),
    "one cut off in a word": ('{"a": tru', "line 1, column 7", "the document is cut off"),
    "a bracket too many": ('{"a": 1}}', "line 1, column 9", "this '}' is one too many"),
    "another bracket": ('{"a": [1, 2}', "line 1, column 12", "the '[' of line 1, column 7 is closed by ']'"),
    "two documents": ("{}\n{}", "line 2, column 1", "the document ends in front of this; there can be one alone"),
    "a missing comma": ('{"a": 1\n "b": 2}', "line 2, column 2", "a comma is missing in front of this"),
    "a quote within a text": ('{"a": "b"c"}', "line 1, column 10", "or the text in front of it ends too early"),
    "a missing colon": ('{"a" 1}', "line 1, column 6", "a colon is missing between the key and this"),
    "an equals sign": ('{"a" = 1}', "line 1, column 6", "a colon is missing between the key and this"),
    "a missing value": ('{"a": }', "line 1, column 7", "a value is missing in front of this '}'"),
    "a zero in front": ('{"a": 01}', "line 1, column 8", "01 is no number of JSON; one is 10, 0.5 or 1e-3"),
    "no digit in front of a point": ('{"a": .5}', "line 1, column 7", ".5 is no number of JSON"),
    "no digit behind a point": ('{"a": 5.}', "line 1, column 8", "5. is no number of JSON"),
    "a plus": ('{"a": +1}', "line 1, column 7", "+1 is no number of JSON"),
    "digits in groups": ('{"a": 10_000}', "line 1, column 9", "10_000 is no number of JSON"),
    "a letter behind a number": ('{"a": 3e-4f}', "line 1, column 11", "3e-4f is no number of JSON"),
    "a point behind an exponent": ('{"a": 1e3.5}', "line 1, column 10", "1e3.5 is no number of JSON"),
    "percent": ('{"a": 50%}', "line 1, column 9", "50% is no number of JSON"),
    "a quotient": ('{"a": 1/10}', "line 1, column 8", "1/10 is no number of JSON"),
    "a power": ('{"a": 2**5}', "line 1, column 8", "2**5 is no number of JSON"),
    "a decimal comma": ('{"a": 0,5}', "line 1, column 9", "a number has no comma in it; one is 10000 or 0.5"),
    "thousands": ('{"a": 10,000, "b": 1}', "line 1, column 10", "a number has no comma in it"),
    "a key that is a number, behind a number": ('{"a": 1,2: 3}', "line 1, column 9", "a key stands in double quotes"),
    "no comma between numbers": ("[16 32]", "line 1, column 5", MISSING),
    "no comma between numbers in lines": ("[1\n2]", "line 2, column 1", MISSING),
    "no comma between a number and a negative one": ("[1 -2]", "line 1, column 4", MISSING),
    "two numbers as one value": ('{"a": 5 5}', "line 1, column 9", MISSING),
    "a number and a text": ('["5" 6]', "line 1, column 6", MISSING),
    "a text and a number": ('[1 "b"]', "line 1, column 4", MISSING),
    "a text at a number": ('[1"b"]', "line 1, column 3", MISSING),
    "a list and a number": ("[[1] 2]", "line 1, column 6", MISSING),
    "no comma in front of true": ("[1 true]", "line 1, column 4", MISSING),
    "no comma between words": ('{"a": true null}', "line 1, column 12", MISSING),
    "a semicolon between items": ("[1;2]", "line 1, column 3", "JSON separates by a comma, not by ';'"),
    "a semicolon between fields": ('{"a": 1; "b": 2}', "line 1, column 8", "JSON separates by a comma, not by ';'"),
    "a line break in a text": ('{"a": "b\nc"}', "line 1, column 9", r"a line break in it is written \n"),
    "a backslash": (r'{"a": "C:\data"}', "line 1, column 10", r"a backslash in a text is written \\"),
    "a tuple": ('{"a": (1, 2)}', "line 1, column 7", "this is no value of JSON"),
    "a page": ("<html></html>", START, "this is no value of JSON"),
}


@pytest.mark.parametrize(("text", "place", "says"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_in_words_with_its_place(text: str, place: str, says: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        read(text)
    (error,) = refused.value.errors
    assert error.pointer == ""
    assert error.message.startswith(f"not a JSON document: at {place}: ")
    assert says in error.message


def test_a_byte_order_mark_counts_as_no_column() -> None:
    with pytest.raises(InvalidSpec, match="line 1, column 2: JSON has double quotes"):
        read(b"\xef\xbb\xbf{'a': 1}")


@pytest.mark.parametrize("text", ["{" + "a" * 900_000, '{"a": ' + "9" * 900_000 + "_1}", "<" * 900_000, "[1 " * 300])
def test_what_is_said_of_a_long_text_is_short(text: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        read(text)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("cut", range(1, len('{"a": [1.5, true, {"b": "c"}]}')))
def test_a_document_is_told_to_be_cut_off_wherever_it_is(cut: int) -> None:
    with pytest.raises(InvalidSpec, match=r"cut off|is no number"):
        read('{"a": [1.5, true, {"b": "c"}]}'[:cut])


def test_a_comma_too_many_is_at_one_place_in_every_release_of_python() -> None:
    text = '{"a": 1 , }'
    for message, at in (("Expecting property name enclosed in double quotes", 10), ("Illegal trailing comma", 8)):
        assert told(text, json.JSONDecodeError(message, text, at)).startswith(
            "at line 1, column 11: the comma in front"
        )
