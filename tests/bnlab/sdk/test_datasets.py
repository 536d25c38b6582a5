"""Datasets by the SDK, against a served API."""

from pathlib import Path

import numpy as np
import pytest

from bnlab import ApiError, Client
from tests.support.own_data import arrays_of_images, npz


def test_arrays_are_uploaded_looked_at_and_deleted(client: Client) -> None:
    found = client.add_dataset("own", **arrays_of_images())
    assert (found["name"], found["shape"], found["train"], found["test"]) == ("own", [1, 8, 8], 20, 10)
    assert client.dataset("own") == found
    assert [each["name"] for each in client.datasets()][-2:] == ["synthetic", "own"]
    client.delete_dataset("own")
    with pytest.raises(ApiError, match="there is no dataset 'own'"):
        client.dataset("own")


def test_lists_with_a_share_to_test_are_arrays_too(client: Client) -> None:
    rows = [[0.5 * i, 1.0] for i in range(10)]
    found = client.add_dataset("own", rows, [i % 2 for i in range(10)], test=0.2, seed=3)
    assert (found["shape"], found["dtype"], found["train"], found["test"]) == ([2], "float32", 8, 2)


def test_a_file_is_sent_in_pieces_and_its_progress_is_told(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bnlab.sdk.datasets.PIECE", 1000)
    content, told = npz(), list[tuple[int, int]]()
    (tmp_path / "file").write_bytes(content)
    found = client.upload_dataset("own", tmp_path / "file", progress=lambda sent, total: told.append((sent, total)))
    assert found["train"] == 20
    assert [sent for sent, _ in told] == [*range(1000, len(content), 1000), len(content)]
    assert {total for _, total in told} == {len(content)}


def test_everything_that_is_wrong_is_in_the_errors(client: Client) -> None:
    arrays = arrays_of_images() | {"y_train": np.arange(20) * 2}
    with pytest.raises(ApiError) as refused:
        client.add_dataset("own", **arrays)
    assert (refused.value.status, refused.value.code) == (422, "dataset_refused")
    assert refused.value.errors
