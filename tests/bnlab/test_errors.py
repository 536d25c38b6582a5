"""The client's errors are one tree, and what the server said is in them."""

import pytest

import bnlab
from bnlab import errors
from tests.support.error_trees import defined, drawn


def test_whoever_catches_the_root_catches_all_of_them() -> None:
    assert drawn(errors.__doc__ or "", errors.BnlabError) == defined(errors.BnlabError)
    assert {bnlab.ApiError, bnlab.Unreachable} <= set(errors.BnlabError.__subclasses__())


def test_a_refusal_has_what_programs_need_and_reads_as_its_reason() -> None:
    with pytest.raises(errors.BnlabError) as refused:
        raise errors.ApiError(422, "invalid_spec", "/steps: too many", [{"pointer": "/steps", "message": "too many"}])
    error = refused.value
    assert isinstance(error, errors.ApiError)
    assert (error.status, error.code, str(error)) == (422, "invalid_spec", "/steps: too many")
    assert error.errors == ({"pointer": "/steps", "message": "too many"},)
