"""A job may be stopped by its evaluations, and keep its network at its best.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns; no job until now was stopped so, or has kept another network than its last."""
    for name in ("stopped", "kept"):
        op.add_column("jobs", sa.Column(name, sa.JSON()))
