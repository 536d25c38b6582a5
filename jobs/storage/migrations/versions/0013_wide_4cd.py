"""BN-Inception has more channels than it had by default: documents say that theirs has not.

Revision ID: 0013
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

PRESET = "bn_inception"
BEFORE = {"wide_4cd": False}
"""What every network of this preset was, before there was the option."""

JOBS = sa.table("jobs", sa.column("id", sa.String), sa.column("architecture", sa.String), sa.column("spec", sa.JSON))
EXPERIMENTS = sa.table("experiments", sa.column("id", sa.String), sa.column("document", sa.JSON))


def upgrade() -> None:
    """Write it into the documents of jobs, and of experiments, whose further jobs are to be like those they have."""
    connection, jobs, experiments = op.get_bind(), JOBS.c, EXPERIMENTS.c
    for job_id in connection.scalars(sa.select(jobs.id).where(jobs.architecture == PRESET)).all():
        spec = connection.scalars(sa.select(jobs.spec).where(jobs.id == job_id)).one()
        told = sa.update(JOBS).where(jobs.id == job_id).values(spec=_with(spec))
        connection.execute(told)
    for experiment_id in connection.scalars(sa.select(experiments.id)).all():
        document = connection.scalars(sa.select(experiments.document).where(experiments.id == experiment_id)).one()
        told = sa.update(EXPERIMENTS).where(experiments.id == experiment_id).values(document=_spelled_out(document))
        connection.execute(told)


def _spelled_out(document: dict[str, Any]) -> dict[str, Any]:
    grid = {
        where: [_architecture(value) for value in values] if where == "/architecture" else values
        for where, values in document["grid"].items()
    }
    variants = {label: _with(patch) for label, patch in document["variants"].items()}
    return {**document, "base": _with(document["base"]), "variants": variants, "grid": grid}


def _with(document: dict[str, Any]) -> dict[str, Any]:
    """A job's document, or a patch of one."""
    if "architecture" not in document:
        return document
    return {**document, "architecture": _architecture(document["architecture"])}


def _architecture(value: Any) -> Any:
    named = {"preset": value} if isinstance(value, str) else value
    return {**BEFORE, **named} if isinstance(named, dict) and named.get("preset") == PRESET else value
