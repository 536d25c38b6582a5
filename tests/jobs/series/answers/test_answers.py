"""Metrics as answers: whole, cut, in pages and thinned."""

from collections.abc import Callable

import numpy as np
import orjson
import pandas as pd
import pytest
from sqlalchemy import update

from jobs.errors import DamagedObject, InvalidQuery, NotFound
from jobs.lifecycle.job import Status
from jobs.series.answers import answers
from jobs.series.format.schema import cut
from jobs.storage import tables
from tests.support.disk import change
from tests.support.running_jobs import Run, activations, ask, histograms, metrics, rows, text, train


def test_metrics_are_every_step_of_both_tables(run: Run) -> None:
    run.record(
        {"test": rows([0], loss=2.3, accuracy=0.1), "train": rows([1, 2, 3], loss=[0.7, 0.6, 0.5], accuracy=0.1)},
        {"train": rows([4, 5], loss=0.1, accuracy=1), "test": rows([5], loss=0.1, accuracy=0.975)},
    )
    answer = metrics(run)
    assert list(answer) == [
        *("job", "status", "attempt", "complete", "watermark", "sampled", "next", "train", "test", "nonfinite")
    ]
    assert answer == {
        "job": "0job",
        "status": "running",
        "attempt": 1,
        "complete": False,
        "watermark": 5,
        "sampled": False,
        "next": None,
        "train": {
            "step": [1, 2, 3, 4, 5],
            "time": [1.7e9 + step / 2 for step in (1, 2, 3, 4, 5)],
            "loss": [0.7, 0.6, 0.5, 0.1, 0.1],
            "accuracy": [0.1, 0.1, 0.1, 1.0, 1.0],
        },
        "test": {"step": [0, 5], "time": [1.7e9, 1.7e9 + 2.5], "loss": [2.3, 0.1], "accuracy": [0.1, 0.975]},
        "nonfinite": {},
    }


def test_a_table_of_metrics_is_a_data_frame_as_it_stands(run: Run) -> None:
    run.record({"train": train(1, 10)})
    frame = pd.DataFrame(metrics(run)["train"])
    assert list(frame) == ["step", "time", "loss", "accuracy", "learning_rate", "gradient_norm"]
    assert frame.dtypes.astype(str).tolist() == ["int64", *["float64"] * 5]


def test_numbers_are_the_shortest_decimals_that_read_back_to_the_same_float32(run: Run) -> None:
    bits = np.random.default_rng(0).integers(0, 2**32, 10_000, dtype=np.uint32).view(np.float32)
    values = np.concatenate([np.array([0.1, 1 / 3, -0.0, 1e-45, 3.4028235e38], np.float32), bits[np.isfinite(bits)]])
    run.record({"train": rows(np.arange(1, len(values) + 1), loss=values)})
    data = text(answers.metrics(run.series))
    assert b'"loss":[0.1,0.33333334,-0.0,1e-45,3.4028235e+38,' in data
    back = np.array(orjson.loads(data)["train"]["loss"]).astype(np.float32)
    assert back.tobytes() == values.tobytes()


def test_a_job_that_has_recorded_nothing_has_empty_columns(new_run: Callable[..., Run]) -> None:
    run = new_run(status=Status.QUEUED)
    answer = metrics(run, points=10)
    assert answer["watermark"] is None
    assert not answer["complete"]
    assert answer["train"] == {
        key: [] for key in ("step", "time", "loss", "accuracy", "learning_rate", "gradient_norm")
    }
    assert answer["test"] == {key: [] for key in ("step", "time", "loss", "accuracy")}
    inside = activations(run, "units", "histograms", layers=["nobody", "hidden1"], statistics=["mean"])
    assert (inside["step"], inside["layers"]) == ([], {})
    assert inside["units"] == inside["histograms"] == {"step": []}


def test_a_job_that_does_not_exist_is_not_found(run: Run) -> None:
    with run.database.write() as connection:
        connection.execute(tables.jobs.delete())
    with pytest.raises(NotFound, match="0job"):
        metrics(run)


def test_a_series_is_complete_once_every_step_is_there(run: Run) -> None:
    writer = run.writer()
    writer.append("test", rows([0, 5], loss=1))
    writer.append("train", train(1, 9))
    writer.commit()
    assert not metrics(run)["complete"]
    writer.append("train", train(10, 10))
    writer.append("test", rows([10], loss=1))
    writer.commit()
    assert metrics(run)["complete"]
    assert metrics(run, start=3, stop=4, points=2)["complete"]  # of the series, not of the range


@pytest.mark.parametrize(
    ("train_steps", "test_steps"),
    [([*range(1, 7), 8, 9, 10], [0, 5, 10]), ([*range(2, 11)], [0, 5, 10]), ([*range(1, 11)], [0, 10])],
)
def test_a_series_that_lacks_a_step_is_never_called_complete(
    run: Run, train_steps: list[int], test_steps: list[int]
) -> None:
    run.record({"train": rows(train_steps, loss=1), "test": rows(test_steps, loss=1)})
    assert not metrics(run)["complete"]


def test_status_and_attempt_are_those_of_the_moment_of_the_rows(run: Run) -> None:
    with run.database.write() as connection:
        connection.execute(update(tables.jobs).values(status=Status.SUCCEEDED, attempt=3))
    answer = metrics(run)  # the job's value was read before
    assert (answer["status"], answer["attempt"]) == ("succeeded", 3)


def test_values_that_are_not_finite_are_null_and_listed(run: Run) -> None:
    run.record({"train": rows([1, 2, 3, 4], loss=[0.5, np.nan, np.inf, -np.inf], accuracy=0)})
    answer = metrics(run)
    assert answer["train"]["loss"] == [0.5, None, None, None]
    assert answer["nonfinite"] == {"train.loss": [[2, 2, "NaN"], [3, 3, "Infinity"], [4, 4, "-Infinity"]]}
    assert metrics(run, start=3, stop=3)["nonfinite"] == {"train.loss": [[3, 3, "Infinity"]]}


def test_a_series_that_stays_nan_is_one_run_however_long(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=150_000)
    steps = np.arange(1, 150_001)
    run.record({"train": rows(steps, loss=np.where(steps > 700, np.nan, 1), accuracy=0)})
    assert metrics(run, points=1000)["nonfinite"] == {"train.loss": [[701, 150_000, "NaN"]]}
    pages = metrics(run), metrics(run, start=100_001)
    assert [page["nonfinite"]["train.loss"] for page in pages] == [[[701, 100_000, "NaN"]], [[100_001, 150_000, "NaN"]]]


@pytest.mark.parametrize("points", [2, 30, 4000])
def test_a_thinned_answer_has_a_bounded_number_of_runs(new_run: Callable[..., Run], points: int) -> None:
    run, steps = new_run(steps=20_000), np.arange(1, 20_001)
    run.record({"train": rows(steps, loss=np.where(steps % 2 == 0, np.inf, 1), accuracy=0)})
    found = metrics(run, points=points)["nonfinite"]["train.loss"]
    assert len(found) <= min(points, 1000)
    assert (found[0], found[-1][1]) == ([2, 2, "Infinity"], 20_000)
    assert sum(1 if isinstance(value, str) else value["Infinity"] for _, _, value in found) == 10_000


def test_a_page_has_every_run_however_many(run: Run) -> None:
    steps = np.arange(1, 5001)
    run.record({"train": rows(steps, loss=np.where(steps % 2 == 0, np.nan, 1), accuracy=0)})
    assert metrics(run)["nonfinite"]["train.loss"] == [[step, step, "NaN"] for step in range(2, 5001, 2)]


def test_a_range_has_both_of_its_ends(run: Run) -> None:
    run.record({"test": rows([0, 5], loss=1), "train": train(1, 10)})
    answer = metrics(run, start=3, stop=5)
    assert (answer["train"]["step"], answer["test"]["step"]) == ([3, 4, 5], [5])
    assert metrics(run, start=11)["train"]["step"] == []
    assert metrics(run, start=-(10**30), stop=10**30)["train"]["step"] == list(range(1, 11))
    assert metrics(run, start=10**30, points=5)["train"]["step"] == []


def test_after_the_watermark_comes_what_is_new(run: Run) -> None:
    writer = run.writer()
    seen: list[int] = []
    tested: list[int] = []
    watermark = None
    for first in (1, 4, 7):
        writer.append("train", train(first, first + 2))
        writer.append("test", rows([first + 2], loss=1))
        writer.commit()
        answer = metrics(run, after=watermark)
        seen += answer["train"]["step"]
        tested += answer["test"]["step"]
        watermark = answer["watermark"]
    assert seen == list(range(1, 10))
    assert tested == [3, 6, 9]
    assert metrics(run, after=watermark)["train"]["step"] == []


def test_a_range_after_the_watermark_is_cut_by_both(run: Run) -> None:
    run.record({"train": train(1, 10)})
    assert metrics(run, start=2, stop=8, after=6)["train"]["step"] == [7, 8]
    assert metrics(run, start=9, stop=10, after=2)["train"]["step"] == [9, 10]
    assert metrics(run, start=1, stop=4, after=6)["train"]["step"] == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"start": 5, "stop": 4}, "from"),
        ({"points": 1}, "points"),
        ({"points": 0}, "points"),
        ({"points": 100_001}, "points"),
    ],
)
def test_a_range_or_a_number_of_points_that_makes_no_sense_is_refused(
    run: Run, query: dict[str, int], parameter: str
) -> None:
    for answer in (metrics, activations):
        with pytest.raises(InvalidQuery) as refused:
            answer(run, **query)
        assert refused.value.parameter == parameter


def test_over_a_hundred_thousand_rows_come_in_pages(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=200_001)
    run.record(
        {"test": rows([0, 150_000], loss=1), "train": train(1, 150_000)},
        {"train": train(150_001, 200_001)},
    )
    first = metrics(run)
    assert first["next"] == 100_001
    assert len(first["train"]["step"]) == 100_000
    second = metrics(run, start=first["next"])
    assert second["next"] == 200_001
    third = metrics(run, start=second["next"])
    assert third["next"] is None
    pages = (first, second, third)
    assert [step for page in pages for step in page["train"]["step"]] == list(range(1, 200_002))
    assert [step for page in pages for step in page["test"]["step"]] == [0, 150_000]
    assert metrics(run, stop=100_000)["next"] is None


def test_the_pages_of_wide_tables_have_fewer_rows(run: Run) -> None:
    steps = np.arange(1, 50_001)
    run.record({"activations": rows(steps, **{f"layer{i}__mean": i for i in range(100)})})
    first = activations(run)
    assert first["next"] == 40_001
    assert len(first["layers"]["layer7"]["mean"]) == 40_000
    assert activations(run, start=first["next"])["step"] == list(range(40_001, 50_001))
    assert activations(run, layers=["layer7"])["next"] is None


def test_more_points_of_more_series_than_fit_into_an_answer_are_refused(run: Run) -> None:
    steps = np.arange(1, 50_001)
    run.record({"activations": rows(steps, **{f"layer{i}__mean": i for i in range(100)})})
    with pytest.raises(InvalidQuery, match="points: 20000 points of 100 series are too many at once: at most 10000"):
        activations(run, points=20_000)
    assert activations(run, points=20_000, layers=["layer7"])["bucket_width"] == 4
    assert len(activations(run, points=10_000)["step"]) <= 10_000


def test_points_thin_a_range_into_buckets(run: Run) -> None:
    loss = [8, 7, 9, 1, 2, np.nan, 4, 3, np.inf, 5]
    run.record({"test": rows([0, 10], loss=1), "train": rows(range(1, 11), loss=loss)})
    answer = metrics(run, points=4)
    assert (answer["sampled"], answer["bucket_width"], answer["next"]) == (True, 4, None)
    assert answer["train"] == {
        "step": [1, 3, 7, 10],
        "time": [1.7e9 + step / 2 for step in (1, 3, 7, 10)],
        "loss": [8, 9, 4, 5],
        "loss.min": [8, 7, 1, 3],
        "loss.max": [8, 9, 4, 5],
        "loss.mean": [8, 8, 7 / 3, 4],
    }
    assert answer["test"]["step"] == [0, 10]
    assert answer["nonfinite"] == {"train.loss": [[6, 6, "NaN"], [9, 9, "Infinity"]]}


def test_the_range_is_cut_before_it_is_thinned(run: Run) -> None:
    run.record({"train": train(1, 1000)})
    answer = metrics(run, start=501, stop=600, points=60)
    assert answer["bucket_width"] == 2
    assert answer["train"]["step"][:4] == [501, 503, 505, 507]
    assert answer["train"]["step"][-1] == 600


def test_a_range_that_fits_into_the_points_comes_whole(run: Run) -> None:
    run.record({"train": train(1, 1000)})
    whole = metrics(run, start=1, stop=100)
    assert metrics(run, start=1, stop=100, points=100) == whole
    assert not whole["sampled"]
    assert "bucket_width" not in whole


def test_thinning_in_several_passes_gives_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = range(1, 101)
    bad = rows(steps, hidden1__mean=np.nan, hidden1__p50=1, output__norm=np.inf)
    run.record({"activations": bad, "histograms": histograms(steps, "hidden1")})
    whole = activations(run, "histograms", points=10)
    monkeypatch.setattr("jobs.series.read.selection.THINNED_VALUES", 1)
    assert activations(run, "histograms", points=10) == whole


def test_the_same_request_gives_the_same_bytes_wherever_the_chunks_were_cut(new_run: Callable[..., Run]) -> None:
    one, other = new_run(job_id="one"), new_run(job_id="other")
    whole = rows(range(1, 101), loss=np.random.default_rng(0).normal(size=100), accuracy=1)
    one.record({"train": whole})
    other.record(*({"train": cut(whole, slice(i, i + 7))} for i in range(0, 100, 7)))
    queries: list[dict[str, int]] = [{}, {"points": 10}, {"start": 30, "stop": 80, "points": 7}]
    for query in queries:
        first, again, elsewhere = (text(ask(answers.metrics, run, **query)) for run in (one, one, other))
        assert first == again == elsewhere.replace(b"other", b"one")


def test_damage_is_reported_whatever_is_asked_of_the_range(run: Run) -> None:
    run.record({"train": train(1, 10)})
    change(run.objects, "jobs/0job/1/train/1-10.arrow", lambda _: b"ARROW1")
    queries: list[dict[str, int]] = [{}, {"points": 5}, {"start": 5, "stop": 6}]
    for query in queries:
        with pytest.raises(DamagedObject, match="1-10"):
            metrics(run, **query)
    assert metrics(run, after=10)["train"]["step"] == []
