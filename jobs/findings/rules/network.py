"""Rules about the network and its data, as the document has them and the first steps show them."""

from collections.abc import Iterator

from bn.architecture.layers import LocalResponseNorm, Pool, Weighted
from bn.architecture.plan import Placed
from jobs.findings.evidence import NO_LAYER, Evidence
from jobs.findings.finding import Finding
from jobs.findings.words import number


def no_nonlinearity(evidence: Evidence, bound: float) -> Finding | None:
    """Several layers with weights and nothing between them that is not linear."""
    placed = evidence.resolved.plan.layers
    weighted = [each for each in placed if isinstance(each.layer, Weighted)]
    if len(weighted) < bound or any(map(_is_nonlinear, placed)):
        return None
    said = f"no nonlinearity stands between the {len(weighted)} layers with weights"
    return Finding(f"{said}: together they can do no more than one of them")


def input_scale(evidence: Evidence, bound: float) -> Finding | None:
    """Inputs that come as they are stored, pixels from 0 to 255, and a first nonlinearity that gets values to match."""
    data, has_images = evidence.spec.data, evidence.resolved.dataset.has_images
    if data.binarize or data.normalize != "none":
        return None
    for placed in _until_normalized(evidence.resolved.plan.layers):
        deviation = evidence.layers.get(placed.name, NO_LAYER).get("std")
        if deviation is None:
            continue
        if not deviation.mean[0] > bound:
            return None
        stored = "pixels come as they are stored, from 0 to 255" if has_images else "features come as they are stored"
        said = f"{stored}: {placed.name} gets values with an sd of"
        return Finding(f"{said} {number(float(deviation.mean[0]))} from the first step on", placed.name, 1)
    return None


def _until_normalized(layers: tuple[Placed, ...]) -> Iterator[Placed]:
    for placed in layers:
        if placed.normalization is not None and not placed.normalization.frozen:
            return
        yield placed


def _is_nonlinear(placed: Placed) -> bool:
    """Local response normalization divides by the values themselves; BN is linear outside training."""
    is_max_pool = isinstance(placed.layer, Pool) and placed.layer.kind == "max_pool"
    return placed.has_tap or is_max_pool or isinstance(placed.layer, LocalResponseNorm)
