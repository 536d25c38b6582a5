"""The diagnostics by their names."""

from collections.abc import Callable

from bn.architecture.measures import DiagnosticName
from bn.diagnostics.covariate_shift import covariate_shift
from bn.diagnostics.depth_gradient import depth_gradient
from bn.diagnostics.drift import drift
from bn.diagnostics.effective_learning_rate import effective_learning_rate
from bn.diagnostics.gradient_filter import gradient_filter
from bn.diagnostics.jacobian import jacobian
from bn.diagnostics.landscape import landscape
from bn.diagnostics.probe import Measures, Probe
from bn.diagnostics.rank import rank

DIAGNOSTICS: dict[DiagnosticName, Callable[[Probe], Measures]] = {
    "covariate_shift": covariate_shift,
    "landscape": landscape,
    "gradient_filter": gradient_filter,
    "jacobian": jacobian,
    "rank": rank,
    "depth_gradient": depth_gradient,
    "drift": drift,
    "effective_learning_rate": effective_learning_rate,
}
