"""Tables as files, a piece at a time however long they are: as CSV or as Parquet, with the numbers of the answers."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Literal

from jobs.lifecycle.job import Job
from jobs.series.answers import csv_text, parquet
from jobs.series.answers.names import activation_names, asked_diagnostics, check_names, diagnostic_names, metric_names
from jobs.series.format.columns import metrics_of
from jobs.series.format.schema import ACTIVATIONS, HISTOGRAMS, TRAIN, UNITS
from jobs.series.read.cuts import WHOLE, Cut, check_cut, query_of
from jobs.series.read.reader import Series, View, stream_from
from jobs.series.read.selection import Names, Table, pages

Form = Literal["csv", "parquet"]

ENCODE: dict[Form, Callable[[Job, str, Iterator[Table]], Iterator[bytes]]] = {
    "csv": csv_text.encode,
    "parquet": parquet.encode,
}


def metrics(series: Series, form: Form, *, table: str = TRAIN, cut: Cut = WHOLE) -> Iterator[bytes]:
    """The table `train`, `validation` or `test`; every row, without pages, unless the cut thins them.

    Whatever can be wrong with the request or the first rows is raised before the iterator is returned:
    InvalidQuery, NotFound, DamagedObject. Damage further on is raised where it is met.
    """
    resolved = series.job.resolved
    check_names("table", [table], metrics_of(resolved))
    return _pieces(series, form, table, cut, lambda view: metric_names(resolved, view.manifest))


def activations(
    series: Series,
    form: Form,
    *,
    table: str = ACTIVATIONS,
    layers: Sequence[str] = (),
    statistics: Sequence[str] = (),
    cut: Cut = WHOLE,
) -> Iterator[bytes]:
    """The table `activations`, `units` or `histograms`, as `metrics` has its tables.

    Columns are called by their dotted path: `hidden1.mean`, `hidden3.50.p15`; of a histogram in CSV `hidden1.counts.0`
    to `.63`.
    """
    check_names("table", [table], (ACTIVATIONS, UNITS, HISTOGRAMS))

    def names(view: View) -> Names:
        return activation_names(view.manifest, layers, statistics, dict.fromkeys((ACTIVATIONS, table)))

    return _pieces(series, form, table, cut, names)


def diagnostics(
    series: Series,
    form: Form,
    *,
    table: str,
    layers: Sequence[str] = (),
    cut: Cut = WHOLE,
) -> Iterator[bytes]:
    """One of the job's diagnostics, as `metrics` has its tables; columns are called `hidden1.shift`."""
    asked_diagnostics(series.job, [table])

    def names(view: View) -> Names:
        return diagnostic_names(view.manifest, [table], layers)

    return _pieces(series, form, table, cut, names)


def _pieces(series: Series, form: Form, table: str, cut: Cut, names: Callable[[View], Names]) -> Iterator[bytes]:
    check_cut(cut, series.job.steps)

    def begin(view: View) -> Iterator[bytes]:
        # Of the other tables only the steps: they have a say in the width of the buckets, here as in the JSON.
        wanted = {name: columns if name == table else () for name, columns in names(view).items()}
        found = pages(view, wanted, query_of(view, cut))
        first = next(found)
        return ENCODE[form](series.job, table, (page.tables[table] for page in chain([first], found)))

    return stream_from(series, begin)
