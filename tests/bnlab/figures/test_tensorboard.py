"""A job's series in event files, as TensorBoard itself reads them."""

from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from bnlab import Client
from jobs.lifecycle.job import Job
from tests.support.command_line import bnlab


def test_tensorboard_shows_the_scalars_and_histograms(url: str, client: Client, finished: Job, tmp_path: Path) -> None:
    shown = bnlab("metrics", finished.id, "--tensorboard", str(tmp_path), url=url)
    assert (shown.returncode, shown.stdout.strip()) == (0, str(tmp_path / finished.id))
    found = EventAccumulator(str(tmp_path / finished.id), size_guidance={"scalars": 0, "histograms": 0})
    found.Reload()
    exact = client.metrics(finished.id)
    accuracy = found.Scalars("train/accuracy")
    assert [event.step for event in accuracy] == exact["train"]["step"]
    assert np.array_equal(
        np.array([event.value for event in accuracy], np.float32), np.array(exact["train"]["accuracy"], np.float32)
    )
    assert [event.wall_time for event in accuracy] == exact["train"]["time"]
    assert [event.step for event in found.Scalars("test/loss")] == [0, 100, 200]
    assert "activations/hidden3/p50" in found.Tags()["scalars"]
    assert "units/hidden3/50/p15" in found.Tags()["scalars"]
    histogram = found.Histograms("histograms/hidden1")
    assert [event.step for event in histogram] == [100, 200]
    assert sum(histogram[0].histogram_value.bucket) == histogram[0].histogram_value.num == 64
    again = bnlab("metrics", finished.id, "--tensorboard", str(tmp_path), url=url)
    assert (again.returncode, again.stdout) == (1, "")
    assert "would show every step twice" in again.stderr


def test_a_folder_that_cannot_be_written_is_one_message(url: str, finished: Job, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shown = bnlab("metrics", finished.id, "--tensorboard", str(tmp_path / "file"), url=url)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "Traceback" not in shown.stderr
    assert f"cannot write {tmp_path / 'file' / finished.id}" in shown.stderr
