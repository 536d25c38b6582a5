"""JSON pointers."""

import pytest

from bnlab.sdk.pointers import escaped, names_in


@pytest.mark.parametrize("keys", [[], [""], ["a", ""], ["a/b"], ["~1"], ["~0", "/~"], ["~01", "x"]])
def test_whatever_keys_lead_to_a_place_its_pointer_gives_them_back(keys: list[str]) -> None:
    assert names_in("".join(f"/{escaped(key)}" for key in keys)) == keys
