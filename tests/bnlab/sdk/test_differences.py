"""Where documents differ."""

from bnlab.sdk.differences import differing


def test_only_what_differs_in_the_documents_is_shown() -> None:
    one = {"training": {"steps": 10, "seed": 0}, "batch_norm": False, "architecture": {"preset": "mlp"}}
    other = {"training": {"steps": 10, "seed": 1}, "batch_norm": {"epsilon": 1e-5}, "architecture": {"preset": "mlp"}}
    assert differing([one, other]) == {"/training/seed": [0, 1], "/batch_norm": [False, {"epsilon": 1e-5}]}
    assert differing([one, one]) == {}
    assert differing([{"a": 1}, {}]) == {"/a": [1, None]}
