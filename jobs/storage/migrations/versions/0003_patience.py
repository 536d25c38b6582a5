"""Lost jobs wait before they are tried again, attempts keep what was printed, workers say what ails them.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the columns and the index; workers that live announce themselves again, on the clock of the leases."""
    op.add_column("jobs", sa.Column("not_before", sa.Float(), nullable=True))
    op.create_index("jobs_by_parent", "jobs", ["parent"])
    op.add_column("attempts", sa.Column("claimed", sa.Float(), nullable=True))
    op.add_column("attempts", sa.Column("seconds", sa.Float(), nullable=True))
    # As they were counted until now, by the wall clock: a job's limit is of all its attempts.
    op.execute("UPDATE attempts SET seconds = ended - started WHERE ended > started")
    op.add_column("attempts", sa.Column("output", sa.String(), nullable=True))
    op.add_column("workers", sa.Column("trouble", sa.String(), nullable=True))
    op.execute("DELETE FROM workers")
    if op.get_bind().dialect.name == "postgresql":  # SQLite's integers have 64 bits anyway
        op.alter_column("members", "seed", type_=sa.BigInteger())
