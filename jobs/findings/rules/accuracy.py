"""Rules about the accuracy: whether anything is learnt, and whether evaluation shows it."""

from math import exp, isnan

from bn.architecture.measures import has_batch_norm
from jobs.findings.evidence import Evidence
from jobs.findings.finding import Finding
from jobs.findings.words import number, percent

AT_ONCE = 200  # steps that a training may take to begin
ARRIVED = 0.05  # of a running average that is still what it began with: less is of no account
FEW = 16  # values: of more a variance is of some use
LEARNT = 1.3  # times the test accuracy: more is learnt of the training set alone
MEMORIZED = 0.5  # training accuracy from which on examples were learnt by heart, where the test set is at chance


def at_chance(evidence: Evidence, bound: float) -> Finding | None:
    """Training accuracy no better than guessing for so many steps, up to now."""
    since = evidence.at_chance_since
    if since is None or evidence.step - since + 1 < bound:
        return None
    guessing = f"{number(evidence.chance)} for {evidence.resolved.dataset.classes} classes"
    steps = f"{evidence.step - since + 1:,} steps"
    return Finding(f"training accuracy has stayed at chance ({guessing}) for {steps}", step=since)


def labels_unrelated(evidence: Evidence, bound: float) -> Finding | None:
    """Nothing is learnt though steps arrive; or something is, of which nothing holds for the test set."""
    if not evidence.train or not evidence.test:
        return None
    since = evidence.at_chance_since
    if since is not None and evidence.step - since + 1 >= bound:
        healthy = "gradients reach every layer, the steps are of a usual length, and yet nothing is learnt"
        return Finding(f"{healthy}: do the labels belong to the examples?", step=since)
    train, test = evidence.train["accuracy"].now, float(evidence.test["accuracy"].mean[-1])
    by_heart = train >= LEARNT * test and (evidence.step >= bound or train >= MEMORIZED)
    if evidence.was_better_than_chance or not by_heart or _averages_off(evidence):
        return None
    learnt = f"{percent(train)} of the training examples are right, and the test set is at chance ({number(test)})"
    return Finding(f"{learnt}: do the labels belong to the examples?", step=evidence.evaluated)


def running_statistics(evidence: Evidence, bound: float) -> Finding | None:
    """Evaluation far below training in a network whose running statistics are not what its batches are."""
    gap, why = _gap(evidence), _averages_off(evidence)
    if gap is None or gap < bound or why is None:
        return None
    return Finding(f"evaluation is {number(gap)} below training: {why.sentence}", why.layer, evidence.evaluated)


def memorized(evidence: Evidence, bound: float) -> Finding | None:
    """Evaluation far below training, by the same function."""
    gap = _gap(evidence)
    if gap is None or gap < bound:
        return None
    test = float(evidence.test["accuracy"].mean[-1])
    train = evidence.train["accuracy"].now
    said = f"evaluation is {number(gap)} below training ({number(test)} against {number(train)})"
    return Finding(f"{said}: the network knows its training examples by heart", step=evidence.evaluated)


def small_batches(evidence: Evidence, bound: float) -> Finding | None:
    """Means and variances of so few values that every batch is normalized by others."""
    ratios = {
        name: line.now
        for name, line in evidence.lines("variance_ratio").items()
        if evidence.values_a_channel.get(name, FEW + 1) <= FEW and not isnan(line.now)
    }
    worst = max(ratios, key=lambda name: ratios[name], default=None)
    if worst is None or ratios[worst] < bound:
        return None
    values = evidence.values_a_channel[worst]
    off = f"some batches' variance is {number(exp(ratios[worst]))} times its running average, or as much below it"
    said = f"batch normalization at {worst} takes its mean and variance from {values} values"
    return Finding(f"{said}: {off}", worst, 1)


def _gap(evidence: Evidence) -> float | None:
    """How far the last evaluation is below training now."""
    if not evidence.train or not evidence.test or evidence.step < AT_ONCE:
        return None
    gap = evidence.train["accuracy"].now - float(evidence.test["accuracy"].mean[-1])
    return None if isnan(gap) else gap


def _averages_off(evidence: Evidence) -> Finding | None:
    """Why running statistics are not what the batches have, where the last evaluation normalized by them."""
    options = evidence.spec.normalization
    by_others = options is not None and options.population != "running" and evidence.step == evidence.spec.steps
    if by_others or not has_batch_norm(evidence.resolved.plan):
        return None
    moving = [evidence.placed[name] for name in evidence.values_a_channel]
    gaps = {name: line.now for name, line in evidence.lines("mean_gap").items() if not isnan(line.now)}
    worst = max(gaps, key=lambda name: gaps[name], default=None)
    decay = max(placed.normalization.running_decay for placed in moving if placed.normalization)
    left = decay**evidence.step  # the weight that a running average still gives to what it began with
    if left >= ARRIVED:
        after = f"running statistics have not arrived: after {evidence.step:,} steps at a decay of {decay:g}"
        return Finding(f"{after} they are still {percent(left)} of what they began with", worst)
    if worst is None or gaps[worst] < 1:
        return None
    off = f"those of {worst} are {number(gaps[worst])} sd from its batches'"
    return Finding(f"running statistics are not the batches': {off}", worst)
