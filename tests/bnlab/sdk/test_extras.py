"""What the bare install leaves out, and how to have it."""

import pytest

from bnlab.errors import CannotRun
from bnlab.sdk.extras import EXTRA_OF, imported, missing
from tests.support.alone import extras


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (["pyarrow"], "to have it: pip install -e '.[tables]' in the checkout"),
        (["pyarrow", "matplotlib"], "to have everything: pip install -e '.[all]' in the checkout"),
        (["torch"], "to have everything: pip install -e '.[all]' in the checkout"),
        (["pandas"], "to have it: pip install pandas"),
    ],
)
def test_what_is_missing_is_told_with_what_brings_it(names: list[str], advice: str) -> None:
    assert str(missing(names)) == f"not installed: {', '.join(names)}; {advice}"


def test_the_extras_that_are_named_bring_the_packages() -> None:
    for package, extra in EXTRA_OF.items():
        assert package.lower() in extras()[extra]


def test_a_module_that_is_not_there_is_told() -> None:
    with pytest.raises(CannotRun, match="not installed: nonesuch"):
        imported("nonesuch.inside")
