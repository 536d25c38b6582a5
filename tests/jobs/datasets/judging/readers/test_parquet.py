from pathlib import Path

import pyarrow as pa
import pytest

from jobs.datasets.judging.readers import parquet_file
from tests.support.judging import faults_of, judged, the_fault
from tests.support.uploads import SIDE, labels, noise, parquet_of, picture, small_parquet, tabled, zipped

PICTURES = [picture(seed) for seed in range(8)]
NUMBERS = labels(8).tolist()


def test_a_file_of_hugging_face_has_its_classes_names(tmp_path: Path) -> None:
    dataset = judged(small_parquet(), tmp_path, test=0.25)
    found = dataset.found
    assert (found.source_format, found.shape, found.classes) == ("parquet", (1, SIDE, SIDE), ("cat", "dog"))
    assert (found.train_counts, found.test_counts) == ((3, 3), (1, 1))
    written = {image.tobytes() for image in (*dataset.train_images, *dataset.test_images)}
    assert written == {noise(SIDE, SIDE, seed=seed).tobytes() for seed in range(8)}


def test_without_names_in_its_metadata_classes_are_digits(tmp_path: Path) -> None:
    assert judged(tabled(PICTURES, NUMBERS), tmp_path, test=0.25).found.classes == ("0", "1")


def test_labels_of_text_are_names(tmp_path: Path) -> None:
    texts = ["dog" if number else "cat" for number in NUMBERS]
    assert judged(tabled(PICTURES, texts), tmp_path, test=0.25).found.classes == ("cat", "dog")


def test_pictures_may_be_plain_bytes_under_any_one_name(tmp_path: Path) -> None:
    table = pa.table({"photo": PICTURES, "species": NUMBERS, "weight": [0.5] * 8})
    assert judged(parquet_of(table), tmp_path, test=0.25).found.train_counts == (3, 3)


def test_all_row_groups_are_read(tmp_path: Path) -> None:
    dataset = judged(tabled(PICTURES, NUMBERS, row_group_size=3), tmp_path, test=0.25)
    assert len(dataset.train_images) + len(dataset.test_images) == 8


def test_an_archive_has_a_file_or_several_of_each_part(tmp_path: Path) -> None:
    names = ("data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/validation-0.parquet")
    found = judged(zipped(dict.fromkeys((*names, "data/test-0.parquet"), small_parquet())), tmp_path).found
    assert (found.train_counts, found.test_counts) == ((12, 12), (4, 4))
    assert found.warnings == ("the validation files are joined to the training part",)
    assert sorted(path.name for path in tmp_path.glob("unpacked*")) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (tabled(PICTURES, [*NUMBERS[:-1], None]), "row 8 has no label"),
        (tabled(PICTURES, ["a", None] * 4), "row 2 has no label"),
        (tabled([*PICTURES[:-1], None], NUMBERS), "row 8 has no picture's bytes: a path alone is not read"),
        (tabled([*PICTURES[:-1], b"hello"], NUMBERS), "row 8 is neither PNG nor JPEG"),
        (tabled([*PICTURES[:-1], PICTURES[0][:60]], NUMBERS), "row 8 "),
        (tabled(PICTURES, NUMBERS, ["cat"]), "example 1 has label 1, and 3 more: there are 1 names of classes"),
        (tabled(PICTURES, NUMBERS, ["cat", "dog", "emu"]), "no training example is of class 'emu'"),
        (tabled(PICTURES, NUMBERS, ["cat", "cat"]), "two classes have the same name"),
        (tabled(PICTURES, [str(each / 2) for each in range(8)]), "labels are numbers such as 0.0: number the classes"),
        (tabled([], []), "has no column of labels"),
        (parquet_of(pa.table({"image": pa.array([], pa.binary()), "label": pa.array([], pa.int64())})), "no picture"),
        (parquet_of(pa.table({"x": [1.0], "label": [0]})), "has no column of picture files"),
        (
            parquet_of(pa.table({"image": PICTURES, "label": [0.5] * 8})),
            "has no column of labels, whole numbers or text",
        ),
        (parquet_of(pa.table({"image": PICTURES, "a": NUMBERS, "b": NUMBERS})), "has several columns of labels"),
        (b"PAR1" + bytes(100), "the Parquet file is damaged"),
        (small_parquet()[:-9], "the Parquet file is damaged"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    assert told in the_fault(content, tmp_path, test=0.25)


def test_what_is_wrong_with_a_member_is_told_with_its_name(tmp_path: Path) -> None:
    bad = {"train-0.parquet": small_parquet()[:-9], "cats.parquet": small_parquet(), "test-0.parquet": b"PAR1"}
    faults = faults_of(zipped({"train-1.parquet": small_parquet()} | bad), tmp_path)
    assert [fault.member for fault in faults] == ["cats.parquet", "test-0.parquet", "train-0.parquet"]
    assert "says neither train nor test in its name" in faults[0].message


def test_an_archive_of_test_files_alone_has_nothing_to_train_with(tmp_path: Path) -> None:
    assert "no file to train with" in the_fault(zipped({"test-0.parquet": small_parquet()}), tmp_path)


def test_labels_that_are_numbers_here_and_text_there_are_refused(tmp_path: Path) -> None:
    texts = tabled(PICTURES, ["cat", "dog"] * 4)
    members = {"train-0.parquet": small_parquet(), "test-0.parquet": texts}
    assert "whole numbers in some files and text in others" in the_fault(zipped(members), tmp_path)


@pytest.mark.parametrize(("name", "data"), [("ray.data.arrow_tensor", "gASVCg=="), ("arrow.uuid", "")])
def test_extension_types_are_refused_by_their_metadata_alone(name: str, data: str, tmp_path: Path) -> None:
    marks = {"ARROW:extension:name": name, "ARROW:extension:metadata": data}
    field = pa.field("evil", pa.binary(16), metadata=marks)
    nested = pa.field("outer", pa.struct([field]))
    for each, values in ((field, [bytes(16)] * 8), (nested, [{"evil": bytes(16)}] * 8)):
        columns = [pa.array(PICTURES), pa.array(NUMBERS), pa.array(values, each.type)]
        schema = pa.schema([pa.field("image", pa.binary()), pa.field("label", pa.int64()), each])
        content = parquet_of(pa.table(columns, schema=schema))
        assert "extension types" in the_fault(content, tmp_path, test=0.25)


def test_bombs_are_refused_by_what_a_row_group_says_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_file, "MAX_ROW_GROUP", 100)
    assert "bytes in row group 0: at most 100 are read" in the_fault(small_parquet(), tmp_path, test=0.25)
    monkeypatch.undo()
    monkeypatch.setattr(parquet_file, "MAX_EXAMPLES", 7)
    assert "has 8 rows: at most 7 are read" in the_fault(small_parquet(), tmp_path, test=0.25)
    monkeypatch.undo()
    monkeypatch.setattr(parquet_file, "MAX_PICTURE", 10)
    assert "bytes: at most 10 are read" in faults_of(small_parquet(), tmp_path, test=0.25)[0].message


def test_a_damaged_page_is_told_when_it_is_read(tmp_path: Path) -> None:
    content = bytearray(tabled(PICTURES, NUMBERS, compression="none", write_page_checksum=True))
    content[content.index(b"IDAT")] ^= 1
    assert "CRC checksum verification failed" in faults_of(bytes(content), tmp_path, test=0.25)[0].message
