"""How often the intervals over seeds hold what they are of, and how wide they are, by drawing seeds at random.

`python -m benchmarks.intervals` draws from five populations, whose centres are known, and writes the tables of
docs/science/statistics.md. A coverage that is more than two points below what the interval says is in bold. The same
numbers come out each time; with 10,000 samples a share has a standard error of 0.2 points.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import comb, exp, inf, log
from pathlib import Path
from statistics import NormalDist, fmean

import numpy as np
from numpy.typing import NDArray

from benchmarks.students import students_interval
from jobs.experiments.statistics.arrivals import median_interval
from jobs.experiments.statistics.interval import Bounds, Interval, known
from jobs.experiments.statistics.outcomes import wilson_interval
from jobs.experiments.statistics.ratios import ratio_interval
from jobs.experiments.statistics.signed_ranks import signed_rank_interval

PAGE = Path(__file__).parent.parent / "docs" / "science" / "statistics.md"
BEGIN, END = "<!-- written by benchmarks.intervals -->\n", "<!-- to here -->\n"
SAMPLES = 10_000
SEEDS = (3, 5, 6, 8, 10, 20, 31)
TOLERATED = 0.02  # by which a coverage may be less than the interval says
EVERY, SPREAD = 20, 0.4  # steps from one evaluation to the next; what the logarithm of a step varies by
MEDIAN_STEPS, BUDGET = 500, 800  # of one variant by itself
SLOW, LATER = 1500, 2000  # of the slower one of two, and the budget of both
NOISE = 0.02  # of either mode, which are 1 apart

Values = NDArray[np.float64]
Found = Interval[float] | Interval[Bounds]


@dataclass(frozen=True)
class Population:
    """What seeds are drawn from, and its centres: the mean, the median, and the median of two values' average."""

    draw: Callable[[np.random.Generator, tuple[int, ...]], Values]
    mean: float
    median: float
    pseudomedian: float


@dataclass(frozen=True)
class Covered:
    """The share of samples whose interval held the truth, what the intervals said of it, and their mean width."""

    held: float
    says: float
    width: float


def _bimodal(near_one: float) -> Callable[[np.random.Generator, tuple[int, ...]], Values]:
    return lambda random, size: (random.random(size) < near_one) + random.normal(0, NOISE, size)


_NORMAL = NormalDist()
POPULATIONS = {
    "normal": Population(lambda random, size: random.normal(size=size), 0, 0, 0),
    # The average of two exponential values is below x with probability 1 - (1 + 2x) exp(-2x).
    "skewed (exponential)": Population(lambda random, size: random.exponential(size=size), 1, log(2), 0.8391735),
    "heavy-tailed (Student's t of 2)": Population(lambda random, size: random.standard_t(2, size), 0, 0, 0),
    # Of its averages 64 % have both values near 1, and 36 % lie below.
    "bimodal (1 of 5 seeds apart)": Population(
        _bimodal(0.8), 0.8, 1 + NOISE * _NORMAL.inv_cdf(3 / 8), 1 + NOISE / 2**0.5 * _NORMAL.inv_cdf(0.14 / 0.64)
    ),
    "bimodal (half of the seeds apart)": Population(_bimodal(0.5), 0.5, 0.5, 0.5),
}


def main() -> None:
    """Write the tables into the page."""
    written = "\n".join(tables(SAMPLES))
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + written + "\n" + END + rest.partition(END)[2])


def tables(samples: int) -> Iterator[str]:
    """In Markdown, each with what it is of."""
    yield _table(
        "Differences, and logarithms of ratios: signed ranks",
        [_row(name, signed_ranks(each, samples)) for name, each in _all()],
    )
    yield _table("The same: Student's mean", [_row(name, students(each, samples)) for name, each in _all()])
    yield _table("Steps to a target: the median", [_row(name, medians(each, samples)) for name, each in _all()])
    yield _table("Steps to a target: ratios", [_row(name, step_ratios(each, samples)) for name, each in _all()])
    shares = [wilson(n) for n in SEEDS]
    rows = [("mean over all true shares", *(f"{100 * each.says:.1f}" for each in shares))]
    rows += [("the worst share", *(f"{100 * each.held:.1f}" for each in shares))]
    yield _table("Shares of seeds: Wilson, computed", rows)
    yield _widths(samples)


def signed_ranks(population: Population, samples: int) -> list[Covered]:
    """Of a difference, or of the logarithm of a ratio: the population's pseudomedian, by numbers of seeds."""
    return [_covered(_drawn(population, n, samples), signed_rank_interval, population.pseudomedian) for n in SEEDS]


def students(population: Population, samples: int) -> list[Covered]:
    """The same of the mean by Student's t, for comparison."""
    return [_covered(_drawn(population, n, samples), students_interval, population.mean) for n in SEEDS]


def medians(population: Population, samples: int) -> list[Covered]:
    """Of steps whose logarithm is drawn, evaluated every 20 steps and not beyond 800: their median."""
    return [
        _covered(
            MEDIAN_STEPS * _factors(population, n, samples),
            lambda steps: median_interval(evaluated(steps, BUDGET)),
            MEDIAN_STEPS * exp(SPREAD * population.median),
        )
        for n in SEEDS
    ]


def step_ratios(population: Population, samples: int) -> list[Covered]:
    """Of two variants' steps that are drawn alike but for a factor of 3, evaluated every 20, not beyond 2,000."""

    def found(pairs: Sequence[float]) -> Interval[Bounds] | None:
        slow, fast = np.array_split(pairs, 2)
        return ratio_interval(evaluated(slow.tolist(), LATER), evaluated(fast.tolist(), LATER))

    made = []
    for n in SEEDS:
        steps = np.repeat([SLOW, MEDIAN_STEPS], n) * _factors(population, 2 * n, samples)
        made.append(_covered(steps, found, SLOW / MEDIAN_STEPS))
    return made


def evaluated(steps: Sequence[float], budget: int) -> list[Bounds]:
    """What evaluations every 20 steps tell of the steps to a target."""
    below = [each // EVERY * EVERY for each in steps]
    return [Bounds(low, low + EVERY) if low < budget else Bounds(budget, inf) for low in below]


def wilson(n: int) -> Covered:
    """What n seeds' intervals of a share cover in the worst case, computed over a grid of shares inside (0, 1)."""
    shares = np.linspace(0, 1, 20_001)[1:-1]
    intervals = [wilson_interval(k, n) for k in range(n + 1)]
    held = sum(
        ((each.low <= shares) & (shares <= each.high)) * comb(n, k) * shares**k * (1 - shares) ** (n - k)
        for k, each in enumerate(intervals)
    )
    width = fmean(each.high - each.low for each in intervals)
    return Covered(float(np.min(held)), intervals[0].coverage, width)


def _all() -> Iterator[tuple[str, Population]]:
    return iter(POPULATIONS.items())


def _drawn(population: Population, n: int, samples: int) -> Values:
    return population.draw(np.random.default_rng(n), (samples, n))


def _factors(population: Population, n: int, samples: int) -> Values:
    logs: Values = SPREAD * _drawn(population, n, samples)
    return np.exp(np.minimum(logs, 99))  # what is beyond is beyond every budget


def _covered(samples: Values, interval_of: Callable[[Sequence[float]], Found | None], truth: float) -> Covered:
    found = [each for each in map(interval_of, samples.tolist()) if each is not None]
    held = fmean(each.low <= truth <= each.high for each in found)
    return Covered(held, found[0].coverage, fmean(each.high - each.low for each in found))


def _row(name: str, found: Sequence[Covered]) -> tuple[str, ...]:
    return name, *map(_cell, found)


def _cell(found: Covered) -> str:
    held = f"{100 * found.held:.1f}"
    return f"{held if found.held >= found.says - TOLERATED else f'**{held}**'} of {100 * found.says:.1f}"


def _table(title: str, rows: Sequence[Sequence[str]]) -> str:
    head = (title, *(f"{n} seeds" for n in SEEDS))
    lines = (head, ["---"] * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _widths(samples: int) -> str:
    drawn = _drawn(POPULATIONS["normal"], 8, samples)
    student = _covered(drawn, students_interval, 0).width
    rows = {
        "signed ranks": _covered(drawn, signed_rank_interval, 0).width,
        "the median's order statistics": _covered(drawn, lambda x: median_interval(known(x)), 0).width,
    }
    lines = ["| Width, eight seeds, normal | of Student's |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {width / student:.2f} |" for name, width in rows.items())]) + "\n"


if __name__ == "__main__":
    main()
