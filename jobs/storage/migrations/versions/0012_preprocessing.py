"""What a job's network is given of stored inputs is kept with it: its model is of use when its dataset is gone.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; of jobs until now it is worked out from their datasets."""
    op.add_column("jobs", sa.Column("preprocessing", sa.JSON()))
