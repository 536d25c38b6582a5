"""What is measured of the network between steps: on what it is not trained on, and the population statistics."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import isfinite

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from bn.architecture.measures import DiagnosticName
from bn.diagnostics.catalogue import DIAGNOSTICS
from bn.diagnostics.probe import Measures, Probe
from bn.population import population_moments, set_running
from jobs.spec.resolved import EVALUATION_BATCH
from jobs.spec.training import learning_rate
from worker.train.data import Examples, batches
from worker.train.optimizers import Tensors, dials_of, turning, updated
from worker.train.state import Run, State, network_of


@dataclass(frozen=True)
class Evaluation:
    """The network on all examples of a part."""

    loss: float
    accuracy: float
    has_diverged: bool
    """Whether the loss is not finite for a reason that training on would not take away: where BN infers by running
    statistics, they may not have arrived yet, as those of an untrained deep network, 0 and 1, have not."""


def evaluate(run: Run, state: State) -> dict[str, Evaluation]:
    """On the test set, and on the validation part where there is one, by their names."""
    parts = {"validation": run.dataset.validation, "test": run.dataset.test}
    return {name: _evaluated(run, state, examples) for name, examples in parts.items() if examples is not None}


def recorded(evaluations: Mapping[str, Evaluation]) -> dict[str, float]:
    """The values by which is decided, such as `test.loss`: those of float32 that the series have."""
    return {
        f"{part}.{name}": float(np.float32(value))
        for part, found in evaluations.items()
        for name, value in (("loss", found.loss), ("accuracy", found.accuracy))
    }


@torch.no_grad()
def _evaluated(run: Run, state: State, examples: Examples) -> Evaluation:
    """Mean cross-entropy and share of right answers, BN by its running statistics."""
    labels = examples.labels
    loss, correct = torch.zeros((), dtype=torch.float64, device=run.device), torch.zeros_like(labels[0])
    for logits, right in zip(_logits(run, state, examples), torch.split(labels, EVALUATION_BATCH), strict=True):
        loss += cross_entropy(logits, right, reduction="sum")
        correct += (logits.argmax(1) == right).sum()
    mean = loss.item() / len(labels)
    return Evaluation(mean, correct.item() / len(labels), not isfinite(mean) and _is_settled(run, state))


def _is_settled(run: Run, state: State) -> bool:
    """Whether what the network gives in inference is all that its weights will ever give."""
    normalization = run.spec.normalization
    if all(norm.frozen for norm in run.network.batch_norms.values()):
        return True
    if state.step == run.spec.steps and normalization is not None and normalization.population != "running":
        return True  # the statistics are those of the population by now
    return not all(bool(torch.isfinite(weight).all()) for weight in state.learned.parameters.values())


@torch.no_grad()
def test_probabilities(run: Run, state: State) -> Tensor:
    """Of each class for each test example, in their order: [examples, classes] float32, on the CPU."""
    return torch.cat([logits.softmax(1) for logits in _logits(run, state, run.dataset.test)]).cpu()


def _logits(run: Run, state: State, examples: Examples) -> Iterator[Tensor]:
    """[EVALUATION_BATCH, classes], some examples after the others; BN by its running statistics."""
    with network_of(run, state) as network:
        for images in torch.split(examples.images, EVALUATION_BATCH):
            yield network(run.dataset.inputs(images))
            run.alive()


def set_population(run: Run, state: State) -> None:
    """Make the statistics that the job names those of inference, measured on the mini-batches of the first epoch.

    They are as the training saw them, moved and mirrored too where it does that (algorithm 2, step 9).
    """
    normalization, norms = run.spec.normalization, run.network.batch_norms.values()
    if normalization is None or normalization.population == "running" or all(norm.frozen for norm in norms):
        return
    with network_of(run, state) as network:
        set_running(network, population_moments(network, first_epoch(run), normalization.population))


def first_epoch(run: Run) -> Iterator[Tensor]:
    """The training mini-batches of the first epoch: [N, C, H, W] each, the last one with what is left."""
    last = -(-len(run.dataset.train) // run.spec.data.batch_size)
    for first in range(1, last + 1, run.resolved.block_steps):
        until = min(first + run.resolved.block_steps - 1, last)
        for each in batches(run.dataset, run.spec.data, run.spec.training.seed, first, until):
            for pixels in each.pixels:
                yield run.dataset.inputs(pixels)
                run.alive()


def diagnose(run: Run, state: State, name: DiagnosticName) -> Measures:
    """What a diagnostic measures now, on the first training examples, as many as a batch has."""
    training, test = run.spec.training, run.dataset.test
    # Of the step that was taken last, and before the first one without what a schedule makes of it.
    rate = learning_rate(training, run.spec.steps, state.step) if state.step else training.optimizer.learning_rate

    def stepped(gradients: Tensors) -> Tensors:
        parameters = tuple(state.learned.parameters.values())
        dials = dials_of(rate, state.step + 1, run.device)
        return updated(run.rule, parameters, gradients, state.learned.memory, dials)[0]

    with network_of(run, state) as network:
        probe = Probe(
            network=network,
            learning_rate=rate,
            stepped=stepped,
            loss=partial(cross_entropy, label_smoothing=training.label_smoothing),
            images=run.dataset.inputs(run.dataset.train.images[: run.spec.data.batch_size]),
            labels=run.dataset.train.labels[: run.spec.data.batch_size],
            batches=lambda: first_epoch(run),
            test=lambda: (run.dataset.inputs(test.images), test.labels),
            turning=turning(training, run.plan),
            alive=run.alive,
        )
        found = DIAGNOSTICS[name](probe)
    run.alive()
    return found
