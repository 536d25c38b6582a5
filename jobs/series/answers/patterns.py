"""Series by their full names, `activations.hidden1.p50`, and by patterns in which a * stands for any characters."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import escape

from jobs.errors import InvalidQuery
from jobs.lifecycle.job import Job
from jobs.sentences import nearest
from jobs.series.format.columns import expected
from jobs.series.format.manifest import Manifest
from jobs.series.format.schema import HISTOGRAMS, TABLES, TEST, TRAIN
from jobs.series.read.selection import Names

MOST_SERIES = 1000  # of an answer, all its jobs together
MOST_PATTERNS = 20
ANY = "*"

Known = Mapping[str, Names]
"""By job, the series of each table."""


def tables_of(names: Iterable[str]) -> tuple[str, ...]:
    """The tables in which these names and patterns can have a series, and those that tell how far a job is.

    >>> tables_of(["activations.*.p50", "r*"])
    ('train', 'test', 'activations', 'rank')
    """
    starts = [name.partition(ANY)[0] if ANY in name else name for name in names]
    return tuple(
        table
        for table in TABLES
        if table in (TRAIN, TEST) or any(f"{table}.".startswith(start) or start.startswith(table) for start in starts)
    )


def known_names(job: Job, manifest: Manifest) -> Names:
    """The series of each table that a job has recorded or is going to, in the order of its network's layers.

    Histograms are none of them: a row of theirs is no number. Raises InvalidSpec for a document that this release
    cannot run.
    """
    planned = expected(job.resolved)
    return {
        table: _in_order(manifest.names[table], planned.get(table, ()))
        for table in TABLES
        if table != HISTOGRAMS and (manifest.names[table] or table in planned)
    }


def matching(names: Iterable[str], known: Names) -> Names:
    """Those of the known series that one of these names and patterns is of, without tables that have none.

    >>> matching(["test.loss", "activations.*.p50"], {"test": ("loss",), "activations": ("a.0.p50", "a.0.std")})
    {'test': ('loss',), 'activations': ('a.0.p50',)}
    """
    exact, globs = _split(names)
    found = {
        table: tuple(each for each in series if _is_named(f"{table}.{each}", exact, globs))
        for table, series in known.items()
    }
    return {table: series for table, series in found.items() if series}


def check_matching(names: Sequence[str], known: Known, found: Known) -> None:
    """Raise InvalidQuery where a name is of no series of any job, or where they are of too many."""
    if not names:
        raise InvalidQuery("names", "names no series; give their names, such as test.accuracy, or activations.*.p50")
    patterns = sum(ANY in name for name in names)
    if patterns > MOST_PATTERNS:
        raise InvalidQuery("names", f"{patterns} patterns; at most {MOST_PATTERNS}")
    there = dict.fromkeys(full for of_job in known.values() for full in _full(of_job))
    for name in names:
        exact, globs = _split([name])
        if name not in there and not (globs and any(_is_named(each, exact, globs) for each in there)):
            raise InvalidQuery("names", _unmatched(name, there))
    number = sum(len(series) for of_job in found.values() for series in of_job.values())
    if number > MOST_SERIES:
        raise InvalidQuery("names", f"{number} series of {len(found)} jobs; an answer has at most {MOST_SERIES}")


def _split(names: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Names without a *, and patterns as `fnmatch` has them: nothing but a * means anything there."""
    exact = frozenset(name for name in names if ANY not in name)
    return exact, tuple(escape(name).replace("[*]", ANY) for name in names if ANY in name)


def _is_named(name: str, exact: frozenset[str], globs: Iterable[str]) -> bool:
    return name in exact or any(fnmatchcase(name, each) for each in globs)


def _unmatched(name: str, there: Iterable[str]) -> str:
    table, _, series = name.partition(".")
    said = f"'{name[:80]}' matches nothing"
    if table == HISTOGRAMS:
        return f"{said}: a histogram is no number a row; 'histograms=true' of a job's activations has them"
    tables = dict.fromkeys(each.partition(".")[0] for each in there)
    if table in tables and not series:
        return f"{said}: '{table}' is a table; say which of its series, such as {table}.{ANY}"
    near = nearest(name[:80], there)
    return f"{said}; {f'the nearest is {near}; ' if near else ''}there are series of: {', '.join(tables)}"


def _full(names: Names) -> Iterable[str]:
    return (f"{table}.{each}" for table, series in names.items() for each in series)


def _in_order(recorded: Sequence[str], planned: Sequence[str]) -> tuple[str, ...]:
    """What is recorded, or else planned: what is planned first, in that order, and behind it the rest."""
    if not recorded:
        return tuple(planned)
    there = dict.fromkeys(recorded)
    return tuple(dict.fromkeys([*(name for name in planned if name in there), *there]))
