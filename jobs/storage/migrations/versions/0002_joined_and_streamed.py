"""Chunks are joined, and what they replace is kept until nobody reads it; jobs are watched live.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of what is to be deleted, and the columns that streams need."""
    op.create_table(
        "retired",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.add_column("jobs", sa.Column("watched_until", sa.Float(), nullable=True))
    op.add_column("attempts", sa.Column("begins_after", sa.Integer(), nullable=True))
