"""Weights, probabilities and checkpoints are rows of one table.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = "INSERT INTO artifacts (job_id, kind, step, key, bytes, sha256)"
CHECKPOINTS = (
    f"{COLUMNS} SELECT jobs.id, 'checkpoint', old.step, old.key, old.bytes, old.sha256 "
    "FROM checkpoints AS old JOIN jobs ON jobs.id = old.job_id"
)
PROBABILITIES = (
    f"{COLUMNS} SELECT jobs.id, 'probabilities', jobs.steps, old.key, old.bytes, old.sha256 "
    "FROM probabilities AS old JOIN jobs ON jobs.id = old.job_id"
)
# Their key was known by the attempt that held the job last; nobody has kept how many bytes they are.
WEIGHTS = (
    f"{COLUMNS} SELECT id, 'weights', steps, 'jobs/' || id || '/' || CAST(attempt AS VARCHAR) "
    "|| '/weights.safetensors', NULL, weights_sha256 FROM jobs WHERE weights_sha256 IS NOT NULL"
)


def upgrade() -> None:
    """Make the table, and move there what is stored; what a job has left stays what it was."""
    op.create_table(
        "artifacts",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "kind", "step"),
    )
    for statement in (CHECKPOINTS, PROBABILITIES, WEIGHTS):
        op.execute(statement)
    op.drop_table("checkpoints")
    op.drop_table("probabilities")
