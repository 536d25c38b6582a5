"""The errors of jobs are one tree, which is drawn above them."""

from jobs import errors
from tests.support.error_trees import defined, drawn


def test_the_tree_is_drawn_as_it_is() -> None:
    tree = defined(errors.BnlabError)
    assert ("NotFound", "Gone") in tree
    assert drawn(errors.__doc__ or "", errors.BnlabError) == tree
