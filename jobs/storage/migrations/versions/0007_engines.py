"""A job has an engine, which was decided when it was submitted.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; all jobs until now are taken operation by operation."""
    op.add_column("jobs", sa.Column("engine", sa.String(), nullable=False, server_default="eager"))
    before = "it was submitted before jobs had engines"
    op.add_column("jobs", sa.Column("engine_reason", sa.String(), nullable=False, server_default=before))
