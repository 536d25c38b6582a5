"""A job's series in event files, as TensorBoard itself reads them."""

from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from bnlab import Client
from bnlab.figures.tensorboard import export
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Job
from jobs.series.format.schema import TRAIN, VALIDATION
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.command_line import bnlab
from tests.support.recorded_jobs import rows, take


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


def test_what_is_measured_on_a_validation_part_is_shown_too(
    client: Client, database: Database, settings: Settings, tmp_path: Path
) -> None:
    client.submit(data={"dataset": "synthetic", "validation": 0.1})
    job = take(database)
    writer = Writer(Held(database, open_objects(settings), Hold(job.id, job.attempt)))
    writer.append(TRAIN, rows(range(1, 3), ("loss",)))
    writer.append(VALIDATION, rows((0, 2), ("loss", "accuracy")))
    writer.commit(steps_per_second=1.0)
    found = EventAccumulator(str(export(client, job.id, tmp_path)))
    found.Reload()
    assert [event.step for event in found.Scalars("validation/accuracy")] == [0, 2]


def test_a_folder_that_cannot_be_written_is_one_message(url: str, finished: Job, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shown = bnlab("metrics", finished.id, "--tensorboard", str(tmp_path / "file"), url=url)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "Traceback" not in shown.stderr
    assert f"cannot write {tmp_path / 'file' / finished.id}" in shown.stderr
