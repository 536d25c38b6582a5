"""From a Block's raw rows to the columns of the series: percentiles, shares, gaps. Pure numpy, many rows at once."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bn import step_rows
from bn.architecture.plan import Placed
from bn.functional import gaps
from bn.step_rows import Layout
from jobs.series.format.schema import Column
from jobs.spec.training import learning_rate
from worker.train.engines.protocol import RawRows
from worker.train.evaluation import Evaluation
from worker.train.state import Run

Columns = dict[str, Column]
Matrix = NDArray[Any]

PERCENTILES = {"p15": 0.15, "p50": 0.50, "p85": 0.85}  # Ioffe and Szegedy 2015, figure 1
SATURATION = {"sigmoid": 4.585, "tanh": 2.993}  # |a| beyond which |g'(a)| < 0.01


def train_columns(run: Run, rows: RawRows, layout: Layout) -> Columns:
    """loss, accuracy, learning_rate, gradient_norm (over all trained values), a value for each row."""
    values = rows.values.numpy()
    total = layout.of("")
    rates = [learning_rate(run.spec.training, run.spec.steps, step) for step in rows.steps]
    return {
        "loss": values[:, total["loss"]].ravel(),
        "accuracy": as_float32(values[:, total["correct"]].ravel() / rows.batch_size),
        "learning_rate": as_float32(rates),
        "gradient_norm": as_float32(np.sqrt(np.square(values[:, total["gradient_norms"]], dtype=np.float64).sum(1))),
    }


def weight_columns(run: Run, rows: RawRows, layout: Layout) -> Columns:
    """Each layer's weight_norm and gradient_norm, both before the update, and update_ratio, a value for each row.

    update_ratio: the norm of what the update added to the weight, over the weight's own.
    """
    raw = {what: rows.values.numpy()[:, at] for what, at in layout.of("").items()}
    places = {name: i for i, name in enumerate(run.network.parameter_names)}
    columns: Columns = {}
    for i, (layer, weight) in enumerate(run.network.weight_names.items()):
        columns[f"{layer}.weight_norm"] = raw["norms"][:, i]
        columns[f"{layer}.gradient_norm"] = raw["gradient_norms"][:, places[weight]]
        with np.errstate(divide="ignore", invalid="ignore"):  # of a weight that is 0: infinite, or not a number
            columns[f"{layer}.update_ratio"] = raw["update_norms"][:, i] / raw["norms"][:, i]
    return columns


def sorted_samples(run: Run, rows: RawRows, layout: Layout) -> dict[str, Matrix]:
    """Each tap's sample, sorted along its row; NaN comes last."""
    values = rows.values.numpy()
    return {tap.name: np.sort(values[:, layout.of(tap.name)["sample"]], axis=1) for tap in run.plan.taps}


@np.errstate(invalid="ignore", over="ignore")  # of a training that diverged: what is shown is not finite either
def activation_columns(run: Run, rows: RawRows, layout: Layout, samples: dict[str, Matrix]) -> Columns:
    """Every statistic of every tap and every BN, as `<layer>.<statistic>`, a value for each row."""
    columns: Columns = {}
    for placed in run.plan.layers:
        tensors = {what: rows.values[:, at] for what, at in layout.of(placed.name).items()}
        raw = {what: values.numpy() for what, values in tensors.items()}
        if placed.has_tap:
            found = dict(_tap_statistics(placed, raw, samples[placed.name]))
            columns |= {f"{placed.name}.{name}": as_float32(value) for name, value in found.items()}
        if placed.normalization is not None:
            gap, ratio = gaps(
                tensors["mean"],
                tensors["variance"],
                tensors["running_mean"],
                tensors["running_var"],
                placed.normalization.epsilon,
            )
            columns |= {f"{placed.name}.mean_gap": as_float32(gap), f"{placed.name}.variance_ratio": as_float32(ratio)}
    return columns


def percentiles(ordered: Matrix) -> dict[str, NDArray[np.float32]]:
    """p15, p50, p85 of each sorted row, interpolated linearly as numpy does; NaN where the row holds one.

    >>> percentiles(np.array([[0.0, 1.0, 2.0, 3.0, 4.0]]))["p50"].tolist()
    [2.0]
    """
    last = ordered.shape[1] - 1
    poisoned = np.isnan(ordered[:, -1])
    found = {}
    for name, share in PERCENTILES.items():
        below = int(share * last)
        low, high = ordered[:, below].astype(np.float64), ordered[:, min(below + 1, last)].astype(np.float64)
        with np.errstate(invalid="ignore"):  # infinity minus infinity: NaN is the answer
            found[name] = as_float32(np.where(poisoned, np.nan, low + (high - low) * (share * last - below)))
    return found


def evaluation_columns(evaluation: Evaluation) -> Columns:
    """loss and accuracy on all examples of a part, one value each."""
    return {"loss": as_float32([evaluation.loss]), "accuracy": as_float32([evaluation.accuracy])}


def _tap_statistics(placed: Placed, raw: dict[str, Matrix], ordered: Matrix) -> Iterator[tuple[str, Matrix]]:
    """Right behind BN mean, std, min and max are of every value, by BN's own moments; elsewhere of the sample."""
    if step_rows.is_behind_batch_norm(placed):
        assert placed.normalization is not None
        scale, shift = raw.get("weight", np.float32(1)), raw.get("bias", np.float32(0))
        inverse = 1 / (raw["variance"].astype(np.float64) + placed.normalization.epsilon)
        means = np.broadcast_to(shift, raw["variance"].shape).astype(np.float64)
        squares = np.square(scale, dtype=np.float64) * raw["variance"] * inverse + means**2
        mean = means.mean(1)
        yield from (("mean", mean), ("std", np.sqrt(np.maximum(squares.mean(1) - mean**2, 0))))
        yield from (("min", raw["low"].min(1)), ("max", raw["high"].max(1)))
    else:
        yield from (("mean", ordered.mean(1, dtype=np.float64)), ("std", ordered.std(1, dtype=np.float64)))
        yield from (("min", np.where(np.isnan(ordered[:, -1]), np.nan, ordered[:, 0])), ("max", ordered[:, -1]))
    yield from percentiles(ordered).items()
    if placed.activation in SATURATION:
        yield "saturated", (np.abs(ordered) > SATURATION[placed.activation]).mean(1)
    if placed.activation == "relu":
        yield "dead", (raw["high"] <= 0).mean(1)


def as_float32(values: Any) -> NDArray[np.float32]:
    """The values as they are kept."""
    if isinstance(values, np.ndarray) and values.dtype == np.float32:
        return values
    with np.errstate(over="ignore"):  # beyond float32 is infinity, and shown as such
        return np.asarray(values, dtype=np.float32)
