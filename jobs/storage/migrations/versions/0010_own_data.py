"""Datasets that were uploaded; what experiments do to pixels is written into their documents, as it was by default.

Revision ID: 0010
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BEFORE = {"binarize": True, "normalize": "none"}
"""What `data` said by default of any dataset; from now on the defaults depend on the dataset."""

EXPERIMENTS = sa.table("experiments", sa.column("id", sa.String), sa.column("document", sa.JSON))


def upgrade() -> None:
    """Add a table, and have the experiments' further jobs be like those that they have."""
    op.create_table(
        "datasets",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kept", sa.String(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("source_bytes", sa.BigInteger(), nullable=False),
        sa.Column("source_sha256", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    connection, column = op.get_bind(), EXPERIMENTS.c
    for experiment_id in connection.scalars(sa.select(column.id)).all():
        is_it = column.id == experiment_id
        document = connection.scalars(sa.select(column.document).where(is_it)).one()
        connection.execute(sa.update(EXPERIMENTS).where(is_it).values(document=_spelled_out(document)))


def _spelled_out(document: dict[str, Any]) -> dict[str, Any]:
    """An experiment's document in which nothing that is done to pixels is left to the defaults.

    A patch has to say only what it takes away; where the grid replaces all of `data`, it replaces the base's words too.
    """
    base = {**document["base"], "data": _data(document["base"].get("data", {}))}
    variants = {label: _patch(patch) for label, patch in document["variants"].items()}
    grid = {
        where: [_data(value) for value in values] if where == "/data" else values
        for where, values in document["grid"].items()
    }
    return {**document, "base": base, "variants": variants, "grid": grid}


def _data(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, **{name: value for name, value in BEFORE.items() if data.get(name) is None}}


def _patch(patch: dict[str, Any]) -> dict[str, Any]:
    data = patch.get("data")
    if data is None:  # unchanged; or taken away: what is trained on is then MNIST, whose defaults have stayed
        return patch
    return {**patch, "data": {name: BEFORE.get(name) if value is None else value for name, value in data.items()}}
