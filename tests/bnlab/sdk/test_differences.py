"""Where documents differ."""

from bnlab.sdk.differences import differing
from bnlab.sdk.pointers import names_in


def test_only_what_differs_in_the_documents_is_shown() -> None:
    one = {"training": {"steps": 10, "seed": 0}, "batch_norm": False, "architecture": {"preset": "mlp"}}
    other = {"training": {"steps": 10, "seed": 1}, "batch_norm": {"epsilon": 1e-5}, "architecture": {"preset": "mlp"}}
    assert differing([one, other]) == {"/training/seed": [0, 1], "/batch_norm": [False, {"epsilon": 1e-5}]}
    assert differing([one, one]) == {}
    assert differing([{"a": 1}, {}]) == {"/a": [1, None]}


def test_a_place_is_named_by_a_json_pointer_whatever_its_keys_have() -> None:
    keys = ("a/b", "a~b", "~1", "", "é")
    documents = [{"metadata": dict.fromkeys(keys, value)} for value in (1, 2)]
    found = differing(documents)
    assert list(found) == ["/metadata/a~1b", "/metadata/a~0b", "/metadata/~01", "/metadata/", "/metadata/é"]
    assert [names_in(pointer)[1] for pointer in found] == list(keys)
