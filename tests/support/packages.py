"""Compiled steps for tests: each is made once in a run of the tests, and shared."""

from tests.support.requirements import require_any
from worker.train.engines.asking import compiler, request_for
from worker.train.engines.compiled import Compiled
from worker.train.engines.making import made
from worker.train.engines.packages import Package, Packages
from worker.train.state import Run

PATIENCE = 300.0  # seconds
MOST = 2**30  # bytes


def package_of(run: Run, packages: Packages) -> Package:
    """The package of a run's step."""
    require_any(compiler())
    request = request_for(run)
    return packages.find(request.asked) or made(packages, request, PATIENCE)


def compiled(run: Run, packages: Packages) -> Compiled:
    """The engine of a run's package."""
    return Compiled(run, package_of(run, packages))
