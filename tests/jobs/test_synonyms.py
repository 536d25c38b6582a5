"""What values are called elsewhere."""

import pytest

from jobs.datasets.catalogue import CATALOGUE
from jobs.sentences import unknown_name
from jobs.spec.document import JobSpec
from jobs.spec.vocabulary import vocabulary
from jobs.synonyms import VALUES, plain

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "none")
OPTIMIZERS = ("adam", "adamw", "momentum", "nesterov", "sgd")


def values(schema: object) -> set[str]:
    """Every text that a schema names as a value."""
    if isinstance(schema, list):
        return set().union(*map(values, schema))
    if not isinstance(schema, dict):
        return set()
    own = {each for each in (schema.get("const"), *schema.get("enum", ())) if isinstance(each, str)}
    return own.union(*(values(each) for each in schema.values()))


def test_every_synonym_is_of_a_value_and_written_as_it_is_looked_up() -> None:
    known = {*values(JobSpec.model_json_schema()), *vocabulary(JobSpec).kinds, *CATALOGUE}
    for name, meant in VALUES.items():
        assert plain(name) == name
        assert set(meant) <= known, name
        assert name not in {plain(each) for each in meant}


@pytest.mark.parametrize(
    ("given", "known", "says"),
    [
        ("gpu", ("auto", "cpu", "cuda"), "; it is called 'cuda'"),
        ("CUDA", ("auto", "cpu", "cuda"), "; it is called 'cuda'"),
        ("tpu", ("auto", "cpu", "cuda"), ""),
        ("cup", ("auto", "cpu", "cuda"), "; the nearest is 'cpu'"),
        ("SGD", OPTIMIZERS, "; it is called 'sgd'"),
        ("AdamW", OPTIMIZERS, "; it is called 'adamw'"),
        ("ADAMM", OPTIMIZERS, "; the nearest is 'adam'"),
        ("nadam", OPTIMIZERS, ""),
        ("ReLU", ACTIVATIONS, "; it is called 'relu'"),
        ("LeakyReLU", ACTIVATIONS, "; it is called 'leaky_relu'"),
        ("elu", ACTIVATIONS, ""),
        ("dense", ("linear", "conv2d"), "; it is called 'linear'"),
        ("dense", ("mlp", "convnet"), "; it is called 'mlp'"),
        ("maxpool", ("max_pool", "average_pool"), "; it is called 'max_pool'"),
    ],
)
def test_a_synonym_goes_before_what_is_spelt_alike(given: str, known: tuple[str, ...], says: str) -> None:
    assert unknown_name(given, "value", known).startswith(f"'{given}' is no value{says} (")
