"""Series of several jobs at once: they agree with the answers of each job, and say which jobs have none."""

from collections.abc import Callable, Iterable
from itertools import count, pairwise
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, update

from jobs.errors import DamagedObject, Gone, InvalidQuery, InvalidSpec, NotFound
from jobs.series.answers import answers
from jobs.series.answers.several import COLUMNS, Asked, matrix, several
from jobs.series.format.schema import ACTIVATIONS, UNITS, Rows, between
from jobs.series.read.cuts import Cut
from jobs.storage import tables
from jobs.storage.objects.protocol import Objects
from tests.support.disk import change, flip_a_bit
from tests.support.running_jobs import Run, rows, text, train

numbers = count()
STEPS = 60
DIAGNOSTICS = [{"name": "drift", "every": 5}, {"name": "rank", "every": 10}]
RECORDING = {"activations_every": 1, "histograms_every": 5, "probe_every": 5, "units": 1, "diagnostics": DIAGNOSTICS}
TABLES = {
    "train": ("loss", "accuracy", "learning_rate", "gradient_norm"),
    "test": ("loss", "accuracy"),
    "activations": ("hidden1.p50", "hidden2.p50", "hidden1.min"),
    "units": ("hidden1.50.p15", "hidden1.50.p50"),
    "drift": ("hidden1.mean_gap", "accuracy_running"),
    "rank": ("hidden1.rank", "hidden2.rank"),
}
ENDS = {"value": "", "min": ".min", "max": ".max", "mean": ".mean"}  # how the names of columns go on
some_step = st.none() | st.integers(0, STEPS)


def asked(*names: str, points: int = 200, columns: tuple[str, ...] = ("value",), **how: Any) -> Asked:
    own = {name: how.pop(name) for name in ("digits", "time") if name in how}
    return Asked(names, columns, Cut(points=points, **how), **own)


def series_of(runs: Iterable[Run], wanted: Asked) -> Any:
    """The answer as a client sees it."""
    runs = list(runs)
    return orjson.loads(text(several(runs[0].database, runs[0].objects, [run.job.id for run in runs], wanted)))


def matrix_of(run: Run, wanted: Asked) -> Any:
    return orjson.loads(text(matrix(run.database, run.objects, run.job.id, wanted)))


def random_rows(table: str, random: np.random.Generator) -> Rows:
    """Rows at some steps, of which some values are not finite."""
    step = np.flatnonzero(random.random(STEPS + 1) < random.choice([0.1, 0.6, 1.0]))
    step = step if len(step) else np.array([7])
    found: dict[str, Any] = {}
    for name in TABLES[table]:
        values = random.normal(size=len(step)).astype(np.float32)
        values[random.random(len(step)) < 0.1] = random.choice([np.nan, np.inf, -np.inf])
        found[name.replace(".", "__")] = values
    return rows(step, **found)


def recorded(new_run: Callable[..., Run], seed: int) -> Run:
    """A job of which something is recorded in every table, in chunks of any length."""
    random = np.random.default_rng(seed)
    run = new_run(job_id=f"several{next(numbers)}", steps=STEPS, batch_norm=True, recording=RECORDING)
    whole = {table: random_rows(table, random) for table in TABLES}
    edges = sorted({-1, STEPS, *random.integers(0, STEPS, 2).tolist()})
    run.record(*({table: between(rows, a + 1, b) for table, rows in whole.items()} for a, b in pairwise(edges)))
    return run


def flattened(table: str, tree: dict[str, Any]) -> dict[str, Any]:
    """An answer's columns by their full names."""
    found: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            found |= flattened(f"{table}.{name}", value)
        elif name not in ("step", "time", "statistics"):
            found[f"{table}.{name}"] = value
    return found


def with_every_column(table: dict[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """What `/series` makes of a table: of rows that were not joined, each of its columns is the value."""
    wanted: dict[str, Any] = {}
    values = {name: value for name, value in table.items() if name not in ("step", "time")}
    plain = [name for name in values if f"{name}.mean" not in values and name.rpartition(".")[0] not in values]
    joined = [name for name in values if f"{name}.mean" in values]
    for name in (*plain, *joined):
        for column in columns:
            key = f"{name}{ENDS[column]}"
            wanted[key] = values[name] if name in plain else values[key]
    return {**{name: table[name] for name in ("step", "time") if name in table}, **wanted}


def tables_of_each_route(run: Run, part: Cut) -> list[tuple[tuple[str, ...], dict[str, Any], Any]]:
    """What the routes of one job say: the patterns that ask for the same, the tables, and the rest."""
    found: list[tuple[tuple[str, ...], dict[str, Any], Any]] = []
    one = orjson.loads(text(answers.metrics(run.series, cut=part)))
    found.append((("train.*", "test.*"), {name: one[name] for name in ("train", "test")}, one))
    two = orjson.loads(text(answers.activations(run.series, (ACTIVATIONS, UNITS), cut=part)))
    inside = {"activations": {"step": two["step"], **two["layers"]}, "units": two["units"]}
    found.append((("activations.*", "units.*"), inside, two))
    three = orjson.loads(text(answers.diagnostics(run.series, cut=part)))
    found.append((("drift.*", "rank.*"), three["diagnostics"], three))
    return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    seeds=st.lists(st.integers(0, 10_000), min_size=1, max_size=3),
    points=st.integers(2, 40),
    start=some_step,
    length=some_step,
    columns=st.lists(st.sampled_from(list(COLUMNS)), min_size=1, unique=True),
)
def test_they_agree_with_what_the_routes_of_each_job_say(
    new_run: Callable[..., Run],
    seeds: list[int],
    points: int,
    start: int | None,
    length: int | None,
    columns: list[str],
) -> None:
    runs = [recorded(new_run, seed) for seed in seeds]
    part = Cut(start=start, stop=None if length is None else (start or 0) + length, points=points)
    for route in range(3):
        patterns = tables_of_each_route(runs[0], part)[route][0]
        answer = series_of(runs, Asked(patterns, tuple(columns), part))
        assert list(answer["jobs"]) == [run.job.id for run in runs]
        for run in runs:
            _, whole, one = tables_of_each_route(run, part)[route]
            job = answer["jobs"][run.job.id]
            for key in ("status", "attempt", "complete", "watermark", "sampled", "nonfinite"):
                assert job[key] == one[key], key
            assert job.get("bucket_width") == one.get("bucket_width")
            assert job["tables"] == {
                name: with_every_column({"step": table["step"], **flattened(name, table)}, columns)
                for name, table in whole.items()
            }


def test_what_a_job_is_going_to_record_is_there_without_rows(new_run: Callable[..., Run]) -> None:
    run = new_run(batch_norm=True, recording=RECORDING)
    (job,) = series_of([run], asked("test.accuracy", "rank.*"))["jobs"].values()
    assert job["tables"] == {
        "test": {"step": [], "test.accuracy": []},
        "rank": {
            "step": [],
            **{f"rank.hidden{i}.{what}": [] for i in (1, 2, 3) for what in ("rank", "orthogonality_gap")},
        },
    }
    assert (job["watermark"], job["complete"]) == (None, False)
    assert matrix_of(run, asked("rank.*.rank"))["values"] == [[], [], []]


def test_a_job_that_lacks_a_series_does_not_show_it(new_run: Callable[..., Run]) -> None:
    with_rank = new_run(job_id="one", recording=RECORDING)
    without = new_run(job_id="other", recording={**RECORDING, "diagnostics": []})
    answer = series_of([with_rank, without], asked("rank.hidden1.rank", "test.loss"))
    assert {name: list(job["tables"]) for name, job in answer["jobs"].items()} == {
        "one": ["test", "rank"],
        "other": ["test"],
    }


def test_numbers_are_rounded_where_that_is_asked_for(run: Run) -> None:
    run.record({"train": rows([1, 2, 3], loss=[1 / 3, 12345.678, np.nan])})
    answer = series_of([run], asked("train.loss", digits=3))
    assert answer["digits"] == 3
    assert answer["jobs"]["0job"]["tables"]["train"]["train.loss"] == [0.333, 12300.0, None]


def test_a_job_that_was_deleted_is_named_and_the_others_are_answered(new_run: Callable[..., Run]) -> None:
    runs = [new_run(job_id=name) for name in ("one", "gone", "other")]
    delete_row(runs[1])
    answer = series_of(runs, asked("train.loss"))
    assert (list(answer["jobs"]), answer["gone"]) == (["one", "other"], ["gone"])


def test_where_every_job_was_deleted_there_is_nothing_to_answer(run: Run) -> None:
    delete_row(run)
    for answer in (series_of, lambda runs, wanted: matrix_of(runs[0], wanted)):
        with pytest.raises(Gone, match="0job"):
            answer([run], asked("train.loss"))


def test_a_job_that_never_was_is_not_found(new_run: Callable[..., Run]) -> None:
    run, gone = new_run(), new_run(job_id="gone")
    delete_row(gone)
    with pytest.raises(NotFound, match="there is no job 'nobody'"):
        several(run.database, run.objects, ["0job", "gone", "nobody"], asked("train.loss"))


def test_a_job_that_is_damaged_is_named_with_the_reason_and_the_others_are_answered(
    new_run: Callable[..., Run], objects: Objects
) -> None:
    runs = [new_run(job_id=name) for name in ("one", "broken")]
    for run in runs:
        run.record({"train": train(1, 9)})
    (key,) = runs[1].files()
    change(objects, key, flip_a_bit)
    answer = series_of(runs, asked("train.loss"))
    assert (list(answer["jobs"]), list(answer["damaged"])) == (["one"], ["broken"])
    assert key in answer["damaged"]["broken"]
    with pytest.raises(DamagedObject, match=key):
        matrix_of(runs[1], asked("train.loss"))


def test_a_job_whose_document_this_release_refuses_is_named_with_the_reason(new_run: Callable[..., Run]) -> None:
    runs = [new_run(job_id=name) for name in ("one", "old")]
    with runs[1].database.write() as connection:
        document = {**runs[1].job.resolved.document, "training": {"steps": 10, "optimizer": "none of today's"}}
        connection.execute(update(tables.jobs).where(tables.jobs.c.id == "old").values(spec=document))
    answer = series_of(runs, asked("train.loss"))
    assert list(answer["jobs"]) == ["one"]
    assert "this release cannot run the document" in answer["damaged"]["old"]
    with pytest.raises(InvalidSpec):
        series_of(runs[1:], asked("train.loss"))


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (asked("train.los"), "names: 'train.los' matches nothing; the nearest is train.loss"),
        (asked("train.loss", "test.gradient*"), r"names: 'test.gradient\*' matches nothing"),
        (asked("train"), "'train' is a table; say which of its series, such as train.*"),
        (asked("histograms.hidden1.lo"), "a histogram is no number a row"),
        (asked("histograms.*"), "a histogram is no number a row"),
        (asked("rank.hidden1.rank"), "'rank.hidden1.rank' matches nothing; .*there are series of: train, test"),
        (asked(), "names: names no series"),
        (asked(*(f"train.{i}*" for i in range(21))), "names: 21 patterns; at most 20"),
        (asked("train.*", points=100_000, columns=tuple(COLUMNS)), None),
        (
            asked("activations.*", points=100_000, columns=tuple(COLUMNS)),
            "points: 100000 points of 144 columns are too many: at most",
        ),
        (asked("train.loss", start=5, stop=4), "from: 5 is past to=4"),
        (asked("train.loss", after=11), "after: 11 is no watermark"),
    ],
)
def test_what_cannot_be_answered_is_refused(run: Run, wanted: Asked, says: str | None) -> None:
    if says is None:
        assert list(series_of([run], wanted)["jobs"]) == ["0job"]
    else:
        with pytest.raises(InvalidQuery, match=says):
            series_of([run], wanted)


def test_a_pattern_is_told_how_many_series_it_is_of_before_a_row_is_read(new_run: Callable[..., Run]) -> None:
    wide = {"preset": "mlp", "hidden": [100] * 30}
    runs = [new_run(job_id=f"wide{i}", architecture=wide, batch_norm=True) for i in range(3)]
    for run in runs:
        run.record({"train": train(1, 9)})
        run.objects.delete_owned(run.job.id)
    with pytest.raises(InvalidQuery, match="names: 1179 series of 3 jobs; an answer has at most 1000"):
        series_of(runs, asked("activations.*"))


def test_one_query_reads_the_manifests_of_all(new_run: Callable[..., Run]) -> None:
    runs = [new_run(job_id=f"job{i}") for i in range(12)]
    said: list[str] = []
    engine = runs[0].database.engine

    def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    def asked_of(some: list[Run]) -> int:
        said.clear()
        series_of(some, asked("train.loss", "test.accuracy"))
        return len(said)

    event.listen(engine, "before_cursor_execute", heard)
    assert asked_of(runs[:1]) == asked_of(runs) > 0


def delete_row(run: Run) -> None:
    with run.database.write() as connection:
        connection.execute(delete(tables.jobs).where(tables.jobs.c.id == run.job.id))
        connection.execute(insert(tables.deleted).values(id=run.job.id, at=0.0))
