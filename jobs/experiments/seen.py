"""What is seen of a variant beside the first one, before anything is concluded. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs.experiments.by_seed import OfSeed, of_variant
from jobs.experiments.comparisons import differences_of
from jobs.experiments.document import ExperimentSpec, Point, key_of
from jobs.experiments.estimates import Estimate, of_numbers, of_ratios
from jobs.experiments.question import AlongAxis, AnyPrimary, StepsTo, is_ratio
from jobs.experiments.seeds import Measured, Trained, has_learned
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.statistics.outcomes import Discordant, mcnemar
from jobs.experiments.statistics.ratios import log_ratios
from jobs.experiments.statistics.sign_flips import bounded_sign_flip_p
from jobs.experiments.tuned import chosen_settings
from jobs.experiments.tuning import Settings, choosing_axes


@dataclass(frozen=True)
class Side:
    """A variant: the numbers of its seeds, how many came to an end, and at which settings, where those are chosen."""

    name: str
    seeds: Sequence[OfSeed]
    ended: int
    chosen: Sequence[Point]

    @property
    def values(self) -> list[Bounds]:
        """The seeds' numbers."""
        return [each.value for each in self.seeds]

    @property
    def diverged(self) -> int:
        """How many of these seeds diverged."""
        return sum(each.diverged for each in self.seeds)


@dataclass(frozen=True)
class Choice:
    """The axes of which each seed has the best setting, and how many settings there are."""

    axes: Sequence[str]
    settings: int


@dataclass(frozen=True)
class Seen:
    """What a verdict is of: `one` against `other`, and the interval of the pairs of seeds that both have."""

    primary: AnyPrimary
    one: Side
    other: Side
    pairs: int
    interval: Estimate[float] | Estimate[Bounds] | None
    p: float | None
    target: float | None
    """The accuracy that is to be reached; None where it is not known, or none is."""
    choice: Choice | None
    learned: Discordant | None
    """Which of the seeds have learned, where the document has a bar and nothing is summed up along an axis."""

    @property
    def all_diverged(self) -> bool:
        """Whether there are seeds, and nothing but diverged ones."""
        return bool(self.pairs) and all(side.diverged == len(side.seeds) for side in (self.one, self.other))


def seen_at(spec: ExperimentSpec, trained: Trained, by_job: Mapping[str, Bounds], place: Settings) -> list[Seen]:
    """Every variant but the first one beside that one, at what is left of a grid point."""
    first, *others = (_side(spec, trained, by_job, variant, place) for variant in spec.variants)
    return [_beside(spec, trained, place, each, first) for each in others]


def _side(spec: ExperimentSpec, trained: Trained, by_job: Mapping[str, Bounds], variant: str, place: Settings) -> Side:
    seeds = of_variant(spec, trained, by_job, variant, place.point)
    if isinstance(spec.primary, AlongAxis):
        return Side(variant, seeds, len(seeds), ())
    chosen = [each.at for each in chosen_settings(trained, variant, place)] if spec.tune else []
    return Side(variant, seeds, len(_ended(trained, variant, place)), chosen)


def _beside(spec: ExperimentSpec, trained: Trained, place: Settings, one: Side, other: Side) -> Seen:
    mine, theirs = ({each.seed: each.value for each in side.seeds} for side in (one, other))
    both = sorted(mine.keys() & theirs.keys())
    pairs = [(mine[seed], theirs[seed]) for seed in both]
    interval: Estimate[float] | Estimate[Bounds] | None
    if is_ratio(spec.primary):
        fewer_are_better = isinstance(spec.primary, StepsTo)
        over, under = ([pair[i] for pair in pairs] for i in ((1, 0) if fewer_are_better else (0, 1)))
        interval, p = of_ratios(over, under), bounded_sign_flip_p(log_ratios(over, under))
    else:
        apart = differences_of(pairs)
        interval, p = of_numbers(apart), bounded_sign_flip_p(apart)
    return Seen(
        primary=spec.primary,
        one=one,
        other=other,
        pairs=len(both),
        interval=interval,
        p=p,
        target=_target(spec, trained, place),
        choice=_choice(spec, place),
        learned=_learned(spec, trained, place, one, other),
    )


def _target(spec: ExperimentSpec, trained: Trained, place: Settings) -> float | None:
    if isinstance(spec.primary, StepsTo):
        return trained.targets[place.each[0].key][spec.targets.index(spec.primary.target)]
    return spec.learned


def _choice(spec: ExperimentSpec, place: Settings) -> Choice | None:
    axes = choosing_axes(spec)
    number_of_settings = len({key_of({axis: each.at[axis] for axis in axes}) for each in place.each})
    return Choice(axes, number_of_settings) if number_of_settings > 1 else None


def _ended(trained: Trained, variant: str, place: Settings) -> dict[int, Measured]:
    seeds = trained.chosen.get((variant, key_of(place.point)), ())
    return {each.seed: each.measured for each in seeds if each.measured is not None}


def _learned(spec: ExperimentSpec, trained: Trained, place: Settings, one: Side, other: Side) -> Discordant | None:
    bar = spec.learned
    if bar is None or isinstance(spec.primary, AlongAxis):
        return None
    mine, theirs = (_ended(trained, side.name, place) for side in (one, other))
    both = sorted(mine.keys() & theirs.keys())
    return mcnemar([has_learned(theirs[seed], bar) for seed in both], [has_learned(mine[seed], bar) for seed in both])
