from pathlib import Path

import numpy as np
import pytest

from jobs.datasets.judging import text_labels
from tests.support.judging import faults_of, judged, the_fault
from tests.support.uploads import small_csv

ROWS = "1,2,a\n3,4,b\n" * 4


def test_the_last_column_is_the_class_and_the_others_are_features(tmp_path: Path) -> None:
    dataset = judged(small_csv(), tmp_path, test=0.25)
    found = dataset.found
    assert (found.source_format, found.shape, found.dtype) == ("csv", (2,), "float32")
    assert (found.classes, found.train_counts, found.test_counts) == (("a", "b"), (3, 3), (1, 1))
    rows = np.concatenate([dataset.train_images, dataset.test_images])
    assert {tuple(row) for row in rows.tolist()} == {(row + 0.5, float(row * row)) for row in range(8)}


def test_a_column_called_label_is_the_class_wherever_it_stands(tmp_path: Path) -> None:
    content = b"label,x\n" + b"1,0.5\n0,0.25\n" * 4
    dataset = judged(content, tmp_path, test=0.25)
    assert dataset.found.classes == ("0", "1")
    assert dataset.train_images[dataset.train_labels == 1].ravel().tolist() == [0.5] * 3


@pytest.mark.parametrize(
    "text",
    ["\ufeffx,y,kind\n" + ROWS, "x,y,kind\r\n" + ROWS.replace("\n", "\r\n"), "x,y,kind\n" + ROWS + "\n\n"],
    ids=["BOM", "CRLF", "empty lines"],
)
def test_text_is_read_as_programs_write_it(text: str, tmp_path: Path) -> None:
    assert judged(text.encode(), tmp_path, test=0.25).found.train_counts == (3, 3)


def test_numbers_may_be_quoted_and_have_spaces_around_them(tmp_path: Path) -> None:
    dataset = judged(b"x,kind\n" + b'" 1.5 ",a\n -2e3,b\n' * 4, tmp_path, test=0.25)
    assert set(dataset.train_images.ravel().tolist()) == {1.5, -2000.0}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x,y,kind\n1,2,a\n3,four,b\n" + ROWS, "row 2, column 'y': 'four' is no number"),
        ("x,y,kind\n1,2,a\n3,,b\n" + ROWS, "row 2, column 'y': there is nothing"),
        ("x,y,kind\n1,2,a\n3,=1+1,b\n" + ROWS, "row 2, column 'y': '=1+1' is no number"),
        ("x,y,kind\n1,2,a\n3,NaN,b\n" + ROWS, "row 2, column 'y' is NaN"),
        ("x,y,kind\n1,2,a\n3,-inf,b\n" + ROWS, "row 2, column 'y' is infinite"),
        ("x,y,kind\n1,2,a\n3,1e39,b\n" + ROWS, "row 2, column 'y' is 1e+39: float32 reaches"),
        ("x,y,kind\n1,2,a\n3,4\n5,6,b\n", "row 2 has 2 cells, and there are 3 names"),
        ("x,y,kind\n1,2,a\n3,4,\n", "row 2 has no label"),
        ("x,y,kind\n1,2,0\n3,4,2\n", "labels have gaps: they reach 2, and none is 1"),
        ("x,y,kind\n1,2,0\n3,4,-1\n", "example 1 has label -1"),
        ("x,y,kind\n1,2,0.5\n3,4,1.5\n", "labels are numbers such as 0.5: number the classes 0, 1, 2, or name them"),
        ("x,y,kind\n1,2,a\n3,4,a\n", "there is one class alone"),
        ("x;y;kind\n1;2;a\n", "columns are separated by ';': save them with commas"),
        ("x\n1\n", "there is one column; features and a label are read"),
        ("1,2,0\n3,4,1\n", "the first line has numbers: it must be the names of the columns"),
        ("x,x,kind\n1,2,a\n", "two columns are called 'x'"),
        ("x,,kind\n1,2,a\n", "column 2 has no name"),
        ("x,y,kind\n", "there is no row below the line of names"),
        ("x,y,kind", "there is no row below the line of names"),
        ("x,y,kind\n1,\0,a\n", "the file is no CSV in UTF-8, nor is it npz"),
        ("hello", "there is one column"),
        ('"' + "x" * 200_000 + '",y\n1,2\n', "field larger than field limit"),
    ],
)
def test_what_is_wrong_is_told_with_row_and_column(text: str, told: str, tmp_path: Path) -> None:
    assert told in the_fault(text.encode(), tmp_path, test=0.5)


@pytest.mark.parametrize("text", ["größe,kind\n1,a\n", "x,kind\n1,größe\n3,a\n"])
def test_other_characters_than_utf_8_are_refused_with_what_to_do(text: str, tmp_path: Path) -> None:
    assert the_fault(text.encode("latin-1"), tmp_path, test=0.5) == "the file is no CSV in UTF-8: save it in UTF-8"


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    assert "what it begins with makes no sense" in the_fault(b"x" * 2**21, tmp_path, test=0.5)
    assert "a line is longer than 1,048,576 bytes" in the_fault(b"x,kind\n1," + b"y" * 2**22, tmp_path, test=0.5)


def test_more_columns_than_the_limit_are_refused_by_the_first_line(tmp_path: Path) -> None:
    line = ",".join(f"c{place}" for place in range(100_000))
    assert the_fault(f"{line}\n".encode(), tmp_path, test=0.5).startswith("there are 100,000 columns: at most 10,000")


def test_a_column_of_texts_without_end_is_no_label(tmp_path: Path) -> None:
    rows = "".join(f"1,{place}x\n" for place in range(10_001))
    assert "there are more than 10,000 different labels" in the_fault(f"x,kind\n{rows}".encode(), tmp_path, test=0.5)


def test_more_rows_than_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_labels, "MAX_EXAMPLES", 7)
    assert the_fault(small_csv(), tmp_path, test=0.5) == "there are more than 7 rows: no more are read"


def test_faults_of_several_columns_are_told_at_once(tmp_path: Path) -> None:
    faults = faults_of(b"x,y,kind\n1,nan,a\nz,2,b\n" + ROWS.encode(), tmp_path, test=0.5)
    assert [fault.message for fault in faults] == [
        "row 2, column 'x': 'z' is no number",
        "row 1, column 'y' is NaN: fill in a number, or leave the example out",
    ]


def test_the_first_that_is_no_number_is_found_among_many(tmp_path: Path) -> None:
    cells = ["1"] * 1_000
    cells[777] = "one"
    rows = "".join(f"{cell},{place % 2}\n" for place, cell in enumerate(cells))
    assert the_fault(f"x,kind\n{rows}".encode(), tmp_path, test=0.5) == "row 778, column 'x': 'one' is no number"


def test_a_feature_that_is_the_same_everywhere_is_warned_of(tmp_path: Path) -> None:
    found = judged(b"x,y,kind\n" + b"0.1,1,a\n0.1,2,b\n" * 5, tmp_path, test=0.2).found
    assert found.sd[0] == 0
    assert found.warnings == ("features with one value in all training examples, counted from 0: 0",)
