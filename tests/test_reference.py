"""The tables of the documents have what the code has: fields, presets, layers, diagnostics and datasets."""

import re
from typing import get_args

from pydantic import BaseModel

from bn.architecture.layers import Layer
from bn.architecture.measures import DIAGNOSTIC_NAMES
from bn.architecture.presets import PRESETS
from jobs.datasets.catalogue import CATALOGUE
from jobs.series.format.columns import OF_ACTIVATION, OF_BATCH_NORM, OF_DIAGNOSTIC, OF_TAP, OF_WEIGHT
from jobs.spec.document import JobBatchNorm, JobSpec
from tests.support.markdown import text_of

Row = tuple[list[str], str, str]
LAYERS: tuple[type[BaseModel], ...] = get_args(get_args(Layer)[0])


def rows(page: str, heading: str) -> list[Row]:
    """Of the table whose head begins so: the names of each row's first cell, its second cell and its last one."""
    lines = text_of(page).split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])] for line in lines]
    return [(re.findall(r"`(\w+)`", row[0]), row[1], row[-1]) for row in cells]


def names(page: str, heading: str) -> list[str]:
    return [name for found, _, _ in rows(page, heading) for name in found]


def options(cell: str, fields: set[str]) -> set[str]:
    """Those of the fields that a cell names."""
    return set(re.findall(r"`(\w+)`", cell)) & fields


def test_the_page_of_jobs_has_every_field_of_a_document() -> None:
    assert sorted(names("docs/using/jobs.md", "field")) == sorted(JobSpec.model_fields)


def test_the_options_of_batch_normalization_have_their_defaults() -> None:
    shown = {found[0]: default.strip("`") for found, _, default in rows("docs/science/transform.md", "option")}
    fields = {name: field.default for name, field in JobBatchNorm.model_fields.items()}
    assert shown == {name: f"{value}".lower().replace("e-0", "e-") for name, value in fields.items()}


def test_the_networks_are_the_presets_with_their_options() -> None:
    found = {name: last for (name,), _, last in rows("docs/science/networks.md", "preset")}
    assert list(found) == list(PRESETS)
    for name, last in found.items():
        own = PRESETS[name].model_fields.keys() - {"preset", "activation", "init"}
        assert options(last, set(own)) == own


def test_the_layers_are_there_with_their_options() -> None:
    found = {name: last for names, _, last in rows("docs/science/networks.md", "`kind`") for name in names}
    kinds = {kind: layer for layer in LAYERS for kind in get_args(layer.model_fields["kind"].annotation)}
    assert found.keys() == kinds.keys()
    for kind, layer in kinds.items():
        own = layer.model_fields.keys() - {"kind"}
        assert kind == "batch_norm" or options(found[kind], set(own)) == own


def test_every_measure_has_its_row_and_every_series_of_a_diagnostic_is_explained() -> None:
    page, own = text_of("docs/science/measures.md"), {each for made in OF_ACTIVATION.values() for each in made}
    table = page.split("| measure |", 1)[1].split("\n\n", 1)[0]
    assert {*OF_WEIGHT, *OF_TAP, *own, *OF_BATCH_NORM, "units", "histograms"} <= set(re.findall(r"`(\w+)`", table))
    explained = set(re.findall(r"`(\w+)`", text_of("docs/science/diagnostics.md")))
    assert {each for _, of_layers, whole in OF_DIAGNOSTIC.values() for each in (*of_layers, *whole)} <= explained


def test_every_diagnostic_has_its_row_and_its_section() -> None:
    page = "docs/science/diagnostics.md"
    assert sorted(names(page, "diagnostic")) == sorted(DIAGNOSTIC_NAMES)
    assert sorted(re.findall(r"^## `(\w+)`", text_of(page), re.MULTILINE)) == sorted(DIAGNOSTIC_NAMES)


def test_the_datasets_are_those_of_the_catalogue() -> None:
    assert names("docs/running/starting.md", "dataset") == list(CATALOGUE)
