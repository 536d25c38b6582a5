"""How the scores of a job follow from what it records: pure, from the manifest's words on each series."""

from collections.abc import Mapping
from typing import Any

from jobs.lifecycle.scores import GOALS, Score, Scores
from jobs.series.format.manifest import read_described
from jobs.series.format.schema import TEST, TRAIN, VALIDATION, Rows, statistics
from jobs.storage.database import Database

SCORED = (TRAIN, VALIDATION, TEST)


def recorded(database: Database, job_id: str) -> Scores:
    """The scores of what is committed of a job. Raises NotFound."""
    _, said = read_described(database, job_id, SCORED)
    scores: Scores = {}
    for table, chunks in said.items():
        for _first, _last, series in chunks:
            scores = _followed(scores, table, series)
    return scores


def followed(scores: Scores, table: str, rows: Rows) -> Scores:
    """The scores once these rows follow what they are of; they change with those of `SCORED` alone."""
    return _followed(scores, table, statistics(rows)) if table in SCORED else scores


def _followed(scores: Scores, table: str, series: Mapping[str, Mapping[str, Any]]) -> Scores:
    later = {f"{table}.{name}": _score(name, said) for name, said in series.items()}
    return {**scores, **{name: _joined(name, scores.get(name), score) for name, score in later.items()}}


def _score(name: str, said: Mapping[str, Any]) -> Score:
    goal = GOALS.get(name)
    return Score(said["last"]) if goal is None else Score(said["last"], said[goal], said[f"{goal}_step"])


def _joined(series: str, earlier: Score | None, later: Score) -> Score:
    """Of two parts of a series, the earlier one first; of two best values that are equal, the first."""
    if earlier is None or earlier.best is None:
        return later
    is_least = GOALS[series.partition(".")[2]] == "min"
    is_better = later.best is not None and (later.best < earlier.best if is_least else later.best > earlier.best)
    best = later if is_better else earlier
    return Score(later.last, best.best, best.step)
