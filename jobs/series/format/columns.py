"""Which series a job records, as its document says before the first row is there."""

from collections.abc import Callable, Iterable

from bn.architecture.layers import Weighted
from bn.architecture.measures import DiagnosticName, pairs
from bn.architecture.plan import Placed, Plan
from bn.architecture.sampling import recorded_units
from jobs.series.format.schedule import schedules
from jobs.series.format.schema import ACTIVATIONS, HISTOGRAMS, TEST, TRAIN, UNITS, VALIDATION
from jobs.spec.resolved import Resolved

EVALUATED = (VALIDATION, TEST)  # the tables that an evaluation gives a row
METRICS = {
    TRAIN: ("loss", "accuracy", "learning_rate", "gradient_norm"),
    **dict.fromkeys(EVALUATED, ("loss", "accuracy")),
}
"""The columns of the tables that say how well the network does."""

PERCENTILES = ("p15", "p50", "p85")
OF_WEIGHT = ("weight_norm", "gradient_norm", "update_ratio")
OF_TAP = ("mean", "std", "min", "max", *PERCENTILES)
OF_ACTIVATION = {"sigmoid": ("saturated",), "tanh": ("saturated",), "relu": ("dead",)}
OF_BATCH_NORM = ("mean_gap", "variance_ratio")
OF_HISTOGRAM = ("lo", "hi", "counts")

Layers = Callable[[Plan], Iterable[str]]


def _taps(plan: Plan) -> Iterable[str]:
    return (tap.name for tap in plan.taps)


def _normalizing(plan: Plan) -> Iterable[str]:
    return (each.name for each in plan.layers if each.normalization is not None and not each.normalization.frozen)


OF_DIAGNOSTIC: dict[DiagnosticName, tuple[Layers, tuple[str, ...], tuple[str, ...]]] = {
    "covariate_shift": (
        lambda plan: (each.name for each in plan.layers if isinstance(each.layer, Weighted)),
        ("shift", "cosine"),
        (),
    ),
    "landscape": (
        lambda _plan: (),
        (),
        ("loss_min", "loss_max", "gradient_change_min", "gradient_change_max", "smoothness"),
    ),
    "gradient_filter": (_normalizing, ("share_mean", "share_min", "share_max"), ()),
    "jacobian": (
        lambda plan: (pair.end.name for pair in pairs(plan)),
        ("min", "median", "max", "rms", "share_near_one", "share_random"),
        (),
    ),
    "rank": (_taps, ("rank", "orthogonality_gap"), ()),
    "depth_gradient": (_taps, ("log_norm",), ()),
    "drift": (
        _normalizing,
        OF_BATCH_NORM,
        ("accuracy_running", "accuracy_algorithm2", "accuracy_pooled", "accuracy_batch"),
    ),
    "effective_learning_rate": (
        lambda plan: (each.name for each in plan.layers if each.feeds_batch_norm),
        tuple(f"effective_learning_rate{end}" for end in ("", "_min", "_max")),
        (),
    ),
}
"""Of each diagnostic: in which layers it measures something and what, and what of the whole network."""


def metrics_of(resolved: Resolved) -> dict[str, tuple[str, ...]]:
    """Those that a job records: `validation` where it holds a part of its data out."""
    return {table: columns for table, columns in METRICS.items() if table != VALIDATION or resolved.has_validation}


def expected(resolved: Resolved) -> dict[str, tuple[str, ...]]:
    """The series of each table in which a job of this document will have rows."""
    plan, units = resolved.plan, resolved.spec.recording.units
    found: dict[str, tuple[str, ...]] = {
        **metrics_of(resolved),
        ACTIVATIONS: tuple(f"{each.name}.{name}" for each in plan.layers for name in _statistics(each)),
        UNITS: tuple(
            f"{tap.name}.{unit}.{name}"
            for tap in plan.taps
            for unit in recorded_units(tap.output, units)
            for name in PERCENTILES
        ),
        HISTOGRAMS: tuple(f"{tap.name}.{name}" for tap in plan.taps for name in OF_HISTOGRAM),
        **{name: _measures(name, plan) for name in resolved.diagnostics},
    }
    schedule = schedules(resolved.spec)
    return {table: series for table, series in found.items() if series and schedule[table].next(-1) is not None}


def _statistics(placed: Placed) -> tuple[str, ...]:
    return (
        *(OF_WEIGHT if isinstance(placed.layer, Weighted) else ()),
        *((*OF_TAP, *OF_ACTIVATION.get(placed.activation, ())) if placed.has_tap else ()),
        *(OF_BATCH_NORM if placed.normalization is not None else ()),
    )


def _measures(name: DiagnosticName, plan: Plan) -> tuple[str, ...]:
    layers, of_layer, of_network = OF_DIAGNOSTIC[name]
    return (*(f"{layer}.{measure}" for layer in layers(plan) for measure in of_layer), *of_network)
