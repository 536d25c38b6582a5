"""A job's row keeps the facts of its dataset; the digest of its document is of what results depend on alone.

Revision ID: 0004
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

FACTS = {
    name: {"name": name, "shape": shape, "classes": 10, "train": train, "test": test}
    for name, shape, train, test in (
        ("mnist", [1, 28, 28], 60_000, 10_000),
        ("fashion_mnist", [1, 28, 28], 60_000, 10_000),
        ("cifar10", [3, 32, 32], 50_000, 10_000),
        ("synthetic", [1, 28, 28], 10_000, 2_000),
    )
}
"""Of the datasets that jobs before this revision could name."""

LABELS = ("name", "tags", "metadata")

JOBS = sa.table(
    "jobs", sa.column("id"), sa.column("spec", sa.JSON), sa.column("spec_sha256"), sa.column("dataset", sa.JSON)
)


def upgrade() -> None:
    """Make the column, and work out both for the jobs that are there; of another dataset there are no facts."""
    op.add_column("jobs", sa.Column("dataset", sa.JSON(), nullable=False, server_default="{}"))
    connection = op.get_bind()
    for job_id, spec in connection.execute(sa.select(JOBS.c.id, JOBS.c.spec)).all():
        facts, digest = FACTS.get(spec["data"]["dataset"], {}), _digest(spec)
        connection.execute(sa.update(JOBS).where(JOBS.c.id == job_id).values(dataset=facts, spec_sha256=digest))


def _digest(spec: dict[str, object]) -> str:
    decisive = {name: value for name, value in spec.items() if name not in LABELS}
    return hashlib.sha256(json.dumps(decisive, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
