"""What `bnlab claims` will take, before anything is run: jobs, steps, packages and minutes of every claim.

`python -m benchmarks.plan` reads the claims' documents as the server does, and writes the tables of
docs/science/plan.md. Seconds are estimates, by what was measured on two cores (docs/performance.md).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnlab.claims.paper import CLAIMS, document
from bnlab.claims.quick import shortened
from jobs.experiments.document import read
from jobs.experiments.members import Planned, members
from jobs.settings import Settings
from jobs.spec.engines import seconds_saved, seconds_to_compile
from jobs.spec.evaluations import num_evaluations
from jobs.spec.known import in_catalogue
from jobs.spec.program import program_of
from jobs.spec.resolved import Resolved

PAGE = Path(__file__).parent.parent / "docs" / "science" / "plan.md"
BEGIN, END = "<!-- written by benchmarks.plan -->\n", "<!-- to here -->\n"

AT_A_TIME = 2  # jobs, on two cores
JOB = 0.25  # seconds of a job beside its steps and evaluations
LAYER = 40e-6  # seconds of a compiled step for each layer of the network
FLOPS = 70e9  # a second of one of two jobs at a time, multiplications and additions each counted
BACKWARD = 3  # how many times a forward pass a step is


@dataclass(frozen=True)
class Cost:
    """What an experiment takes."""

    jobs: int
    steps: int  # of all jobs
    evaluations: int
    packages: int
    seconds: float


def planned(experiment: Mapping[str, Any]) -> Planned:
    """Its jobs, as a server would queue them. Raises InvalidSpec."""
    spec = read(json.dumps(experiment))
    return members(spec, in_catalogue(Settings()), range(spec.seeds))


def cost_of(jobs: Planned) -> Cost:
    """Two jobs at a time, and two packages, from an empty folder of them."""
    packages = {json.dumps(program_of(each)): each for _, each in jobs if each.engine.engine == "compiled"}
    compiling = sum(seconds_to_compile(each.plan) for each in packages.values())
    training = sum(JOB + each.steps * _step(each) + _evaluations(each) * _evaluation(each) for _, each in jobs)
    return Cost(
        jobs=len(jobs),
        steps=sum(each.steps for _, each in jobs),
        evaluations=sum(_evaluations(each) for _, each in jobs),
        packages=len(packages),
        seconds=(training + compiling) / AT_A_TIME,
    )


def table() -> Iterator[str]:
    """A line a claim, whole and in short, and their sums."""
    yield "| claim | jobs | million steps | evaluations | packages | minutes | jobs of --quick | its minutes |"
    yield "|---|---|---|---|---|---|---|---|"
    whole = {name: cost_of(planned(document(name))) for name in CLAIMS}
    quick = {name: cost_of(planned(shortened(document(name), claim.quick_steps))) for name, claim in CLAIMS.items()}
    for name in CLAIMS:
        yield _line(name, [whole[name]], [quick[name]])
    yield _line("together", [*whole.values()], [*quick.values()])


def _line(name: str, whole: list[Cost], quick: list[Cost]) -> str:
    steps, minutes = sum(each.steps for each in whole) / 1e6, sum(each.seconds for each in whole) / 60
    numbers = (
        sum(each.jobs for each in whole),
        f"{steps:.2f}",
        *(sum(each) for each in zip(*((cost.evaluations, cost.packages) for cost in whole), strict=True)),
        f"{minutes:.1f}",
        sum(each.jobs for each in quick),
        f"{sum(each.seconds for each in quick) / 60:.1f}",
    )
    return f"| {name} | {' | '.join(map(str, numbers))} |"


def _step(job: Resolved) -> float:
    batch, network = job.spec.data.batch_size, job.plan
    compiled = LAYER * len(network.layers) + 2 * BACKWARD * network.multiply_adds * batch / FLOPS
    return compiled + (0 if job.engine.engine == "compiled" else seconds_saved(network, batch))


def _evaluations(job: Resolved) -> int:
    return num_evaluations(job.spec.evaluation, job.steps)


def _evaluation(job: Resolved) -> float:
    held_out = job.dataset.train // 10 if job.has_validation else 0
    return 2 * job.plan.multiply_adds * (job.dataset.test + held_out) / FLOPS


def main() -> None:
    """Write the tables into the page."""
    page = PAGE.read_text()
    before, after = page[: page.index(BEGIN)], page[page.index(END) :]
    PAGE.write_text(before + BEGIN + "\n" + "\n".join(table()) + "\n\n" + after)


if __name__ == "__main__":
    main()
