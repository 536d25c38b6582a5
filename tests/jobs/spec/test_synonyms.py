"""What fields are called elsewhere."""

from jobs.experiments.document import ExperimentSpec
from jobs.spec.document import JobSpec
from jobs.spec.synonyms import ELSEWHERE, SYNONYMS
from jobs.spec.vocabulary import TAGS, vocabulary
from jobs.synonyms import plain

FIELDS = {*vocabulary(ExperimentSpec, base=JobSpec).homes, *TAGS}


def test_every_synonym_is_of_a_field_and_written_as_it_is_looked_up() -> None:
    for name, meant in SYNONYMS.items():
        assert plain(name) == name
        assert set(meant) <= FIELDS, name
        assert name not in {plain(field) for field in meant}


def test_what_is_told_of_another_document_s_fields_is_of_fields_that_it_has() -> None:
    assert ELSEWHERE.keys() <= ExperimentSpec.model_fields.keys() - JobSpec.model_fields.keys()
