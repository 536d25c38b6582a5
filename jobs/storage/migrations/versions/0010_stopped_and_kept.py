"""A job may be stopped by its evaluations, and keep its network at its best.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the columns; no job until now was stopped so, or has kept another network than its last."""
    for name in ("stopped", "kept"):
        op.add_column("jobs", sa.Column(name, sa.JSON()))
