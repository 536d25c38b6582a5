"""The units that are followed, on the probe: the first test examples."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from bn.architecture.sampling import recorded_units
from worker.record.columns import Columns, as_float32, percentiles
from worker.train.state import Run


def unit_columns(run: Run, learned: Mapping[str, Tensor]) -> Columns:
    """p15, p50, p85 of each recorded unit on the probe, as `<layer>.<unit>.<percentile>`, one value each.

    learned: the network's tensors, by name, on the device. This is for another thread than the one that trains.
    """
    columns: Columns = {}
    inputs = _inputs_on_probe(run, learned)
    for tap in run.plan.taps:
        units = recorded_units(tap.output, run.spec.recording.units)
        ordered = np.sort(inputs[tap.name][:, list(units)].transpose(0, 1).flatten(1).cpu().numpy(), axis=1)
        for name, values in percentiles(ordered).items():
            for unit, value in zip(units, values, strict=True):
                columns[f"{tap.name}.{unit}.{name}"] = as_float32([value])
    return columns


@torch.no_grad()
def _inputs_on_probe(run: Run, learned: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Of each layer's nonlinearity, by name: [N, C, ...]. BN takes the probe's own moments; nothing is dropped."""
    with run.network_beside.holding(learned) as network:
        _, observed = network.observe(run.probe)
    return observed.taps
