"""A document that can be run, and what follows from it."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from jobs.datasets.catalogue import Dataset
from jobs.errors import InvalidSpec
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import Listed
from jobs.spec.resolved import digest
from tests.support.documents import otherwise, resolved

LETTERS = Listed(Settings(), {"letters": Dataset("letters", (3, 16, 16), 26, 520, 260)})


def test_a_dataset_is_what_whoever_judges_the_document_says() -> None:
    found = check(
        '{"data": {"dataset": "letters", "batch_size": 52}, "training": {"epochs": 3}, "recording": {"probe_size": 9}}',
        LETTERS,
    )
    assert (found.plan.input, found.plan.output, found.steps) == ((3, 16, 16), (26,), 30)
    with pytest.raises(InvalidSpec, match=r"/data/dataset: unknown dataset 'mnist'; there is: letters"):
        check('{"data": {"dataset": "mnist"}}', LETTERS)


def test_the_probe_is_as_many_test_examples_as_there_are_unless_they_are_more_than_a_thousand() -> None:
    small = check('{"data": {"dataset": "letters", "batch_size": 52}, "training": {"steps": 1}}', LETTERS)
    assert (small.spec.recording.probe_size, resolved().spec.recording.probe_size) == (260, 1000)


@pytest.mark.parametrize("labels", [{"name": "a"}, {"tags": ["a"]}, {"metadata": {"a": 1}}])
def test_what_a_job_is_called_is_no_part_of_its_digest(labels: dict[str, Any]) -> None:
    assert resolved(**labels).sha256 == resolved().sha256
    assert resolved(**labels) != resolved()


@pytest.mark.parametrize("decisive", [{"training": {"seed": 1}}, {"recording": {"units": 2}}, {"batch_norm": True}])
def test_what_results_depend_on_is_part_of_its_digest(decisive: dict[str, Any]) -> None:
    assert resolved(**decisive).sha256 != resolved().sha256


LAYERS = [{"kind": "flatten"}, {"kind": "batch_norm"}, {"kind": "linear", "features": 10, "batch_norm": True}]


def test_a_document_of_an_earlier_release_has_the_digest_that_it_had() -> None:
    made = resolved(batch_norm=True, architecture={"layers": LAYERS})
    before = copy.deepcopy(made.document)
    _, standing_alone, linear = before["architecture"]["layers"]
    del (
        before["initial"],
        before["training"]["rate_factors"],
        before["batch_norm"]["noise"],
        standing_alone["noise"],
        linear["batch_norm"]["noise"],
    )
    assert digest(before) == made.sha256
    assert digest(before | {"initial": {"job": "0" * 13}}) != made.sha256
    narrow = resolved(architecture={"preset": "bn_inception", "wide_4cd": False})
    before = copy.deepcopy(narrow.document)
    del before["architecture"]["wide_4cd"]
    assert digest(before) == narrow.sha256 != resolved(architecture="bn_inception").sha256
    assert resolved(batch_norm={"noise": True}, architecture={"layers": LAYERS}).sha256 != made.sha256


def test_what_is_stored_and_read_again_says_the_same() -> None:
    made = resolved(batch_norm=True, recording={"diagnostics": [{"name": "drift", "every": 7}]})
    read = replace(made)
    assert read == made
    assert (read.spec, read.plan) == (made.spec, made.plan)
    assert read.diagnostics == {"drift": 7}


def test_a_document_that_this_release_refuses_still_says_its_length_and_its_device() -> None:
    strange = otherwise(resolved(training={"steps": 7}), "training", optimizer={"kind": "of an earlier release"})
    assert (strange.steps, strange.device) == (7, "auto")
    with pytest.raises(InvalidSpec, match=r"this release cannot run the document: .*; submit it anew"):
        _ = strange.spec
