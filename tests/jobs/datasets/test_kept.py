"""An uploaded dataset comes back from the store as it was judged."""

from pathlib import Path

import numpy as np
import pytest

from jobs.datasets import kept
from jobs.datasets.uploaded import arrays_of, the_test_part
from jobs.errors import DatasetUnavailable
from jobs.storage import keys
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support import own_data
from tests.support.disk import change, flip_a_bit


def test_a_row_says_all_that_was_found(database: Database, objects: Objects) -> None:
    uploaded = own_data.put(database, objects)
    with database.read() as connection:
        assert kept.find(connection, "own") == uploaded
        assert kept.every(connection) == (uploaded,)
        assert kept.find(connection, "another") is None


def test_a_job_reads_the_arrays_and_the_sheet_is_none_of_them(database: Database, objects: Objects) -> None:
    uploaded, arrays = own_data.put(database, objects), own_data.arrays_of_images()
    read = arrays_of(uploaded.dataset, database.data, objects)
    assert np.array_equal(read.train_images, arrays["x_train"][:, np.newaxis])
    assert np.array_equal(read.test_labels, arrays["y_test"])
    images, labels = the_test_part(uploaded.dataset, database.data, objects)
    assert np.array_equal(images, read.test_images)
    assert np.array_equal(labels, read.test_labels)
    assert uploaded.sheet is not None
    assert bytes(objects.read(uploaded.sheet)) == b"a picture"
    assert {file.name for file in uploaded.dataset.files} == {f"{name}.npy" for name in vars(read)}


def test_the_same_arrays_are_the_same_dataset_whatever_they_are_kept_under(
    database: Database, objects: Objects
) -> None:
    one, same, other = (
        own_data.put(database, objects),
        own_data.put(database, objects, "copy"),
        own_data.put(database, objects, "other", seed=1),
    )
    assert one.kept != same.kept
    assert one.dataset.sha256 == same.dataset.sha256 != other.dataset.sha256


def test_a_damaged_array_is_told_with_the_way_out(database: Database, objects: Objects) -> None:
    uploaded = own_data.put(database, objects)
    change(objects, keys.of_dataset(uploaded.kept, "test_labels.npy"), flip_a_bit)
    with pytest.raises(DatasetUnavailable, match=r"dataset 'own' is not here: .* upload it again under this name"):
        arrays_of(uploaded.dataset, database.data, objects)


def test_what_cannot_be_kept_whole_is_not_kept(objects: Objects, tmp_path: Path) -> None:
    (tmp_path / "train_images.npy").write_bytes(b"an array, and no other")
    with pytest.raises(FileNotFoundError):
        kept.keep(objects, "0kept", tmp_path)
    assert objects.keys(keys.DATASETS) == ()
