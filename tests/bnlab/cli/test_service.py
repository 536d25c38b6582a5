"""The commands that run something on this machine; `bnlab up` itself is tried in `tests/bnlab/local/test_stack.py`."""

from pathlib import Path

from tests.support.command_line import bnlab


def test_a_dataset_that_needs_no_files_is_fetched_without_any(tmp_path: Path) -> None:
    done = bnlab("data", "fetch", "synthetic", "--data", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing to fetch" in done.stdout
    assert list(tmp_path.iterdir()) == []
