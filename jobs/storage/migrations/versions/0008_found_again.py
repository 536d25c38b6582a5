"""Jobs are found by their labels and by what they measured; what ends, is counted; who deleted a job, is kept.

Revision ID: 0008
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

GOALS = {"loss": min, "accuracy": max}
AT_ONCE = 500  # jobs that are read and written together

JOBS = sa.table(
    "jobs",
    sa.column("id", sa.String),
    sa.column("spec", sa.JSON),
    sa.column("name", sa.String),
    sa.column("dataset_name", sa.String),
    sa.column("architecture", sa.String),
    sa.column("batch_norm", sa.Boolean),
    sa.column("tags", sa.JSON),
    sa.column("latest", sa.JSON),
    sa.column("status", sa.String),
    sa.column("error", sa.JSON),
)
ATTEMPTS = sa.table("attempts", sa.column("outcome", sa.String))
TAGS = sa.table("tags", sa.column("job_id", sa.String), sa.column("tag", sa.String))
CHUNKS = sa.table(
    "chunks",
    sa.column("job_id", sa.String),
    sa.column("table", sa.String),
    sa.column("first", sa.Integer),
    sa.column("series", sa.JSON),
)
SCORES = sa.table(
    "scores",
    sa.column("job_id", sa.String),
    sa.column("series", sa.String),
    sa.column("last", sa.Float),
    sa.column("best", sa.Float),
    sa.column("step", sa.Integer),
)
TOTALS = sa.table(
    "totals",
    sa.column("counter", sa.String),
    sa.column("label", sa.String),
    sa.column("code", sa.String),
    sa.column("number", sa.Integer),
)
EXPERIMENTS = sa.table(
    "experiments", sa.column("id", sa.String), sa.column("document", sa.JSON), sa.column("name", sa.String)
)


def upgrade() -> None:
    """Add columns and tables, and fill them from the documents and from what the manifest says of each series."""
    for column in (
        sa.Column("name", sa.String()),
        sa.Column("dataset_name", sa.String(), nullable=False, server_default=""),
        sa.Column("architecture", sa.String(), nullable=False, server_default=""),
        sa.Column("batch_norm", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("retain", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("jobs", column)
    op.create_index("jobs_by_name", "jobs", ["name", "id"])
    op.drop_index("jobs_by_status", "jobs")
    op.create_index("jobs_by_status", "jobs", ["status", "id", "requested_device", "device", "not_before"])
    op.add_column("deleted", sa.Column("by", sa.String(), nullable=False, server_default="client"))
    op.add_column("experiments", sa.Column("name", sa.String()))
    op.create_table(
        "tags",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "tag"),
    )
    op.create_index("jobs_by_tag", "tags", ["tag", "job_id"])
    op.create_table(
        "scores",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("last", sa.Float()),
        sa.Column("best", sa.Float()),
        sa.Column("step", sa.Integer()),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "series"),
    )
    op.create_index("jobs_by_last", "scores", ["series", "last", "job_id"])
    op.create_index("jobs_by_best", "scores", ["series", "best", "job_id"])
    op.create_index("chunks_by_bytes", "chunks", ["job_id", "bytes"])
    op.create_table(
        "totals",
        sa.Column("counter", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("counter", "label", "code"),
    )
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    ids = connection.scalars(sa.select(JOBS.c.id).order_by(JOBS.c.id)).all()
    for i in range(0, len(ids), AT_ONCE):
        some = ids[i : i + AT_ONCE]
        specs = connection.execute(sa.select(JOBS.c.id, JOBS.c.spec).where(JOBS.c.id.in_(some))).all()
        change = sa.update(JOBS).where(JOBS.c.id == sa.bindparam("job_id"))
        names = ("name", "dataset_name", "architecture", "batch_norm", "tags")
        values: dict[str, Any] = {name: sa.bindparam(f"new_{name}", type_=JOBS.c[name].type) for name in names}
        told = [{"job_id": job_id, **{f"new_{k}": v for k, v in _facets(spec).items()}} for job_id, spec in specs]
        connection.execute(change.values(values), told)
        tags = [{"job_id": job_id, "tag": tag} for job_id, spec in specs for tag in dict.fromkeys(spec.get("tags", ()))]
        scores = list(_scores(connection, some))
        for table, rows in ((TAGS, tags), (SCORES, scores)):
            if rows:
                connection.execute(sa.insert(table), rows)
    for experiment_id, document in connection.execute(sa.select(EXPERIMENTS.c.id, EXPERIMENTS.c.document)).all():
        change = sa.update(EXPERIMENTS).where(EXPERIMENTS.c.id == experiment_id)
        connection.execute(change.values(name=document.get("name")))
    totals = [dict(zip(TOTALS.c.keys(), (*what, number), strict=True)) for what, number in _totals(connection).items()]
    if totals:
        connection.execute(sa.insert(TOTALS), totals)


def _facets(spec: dict[str, Any]) -> dict[str, Any]:
    architecture = spec.get("architecture") or {}
    has_layers_of_it = '"kind": "batch_norm"' in json.dumps(architecture)
    return {
        "name": spec.get("name"),
        "dataset_name": spec.get("data", {}).get("dataset", ""),
        "architecture": architecture.get("preset", "layers"),
        "batch_norm": bool(spec.get("batch_norm")) or has_layers_of_it,
        "tags": sorted(set(spec.get("tags", ()))),
    }


def _scores(connection: sa.Connection, job_ids: Any) -> Iterator[dict[str, Any]]:
    """The last value of each metric, as it was shown; of losses and accuracies the best and the first step with it."""
    query = sa.select(CHUNKS).where(CHUNKS.c.job_id.in_(job_ids), CHUNKS.c.table.in_(("train", "test")))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for chunk in connection.execute(query.order_by(CHUNKS.c.first)).all():
        for name, said in chunk.series.items():
            row = found.setdefault((chunk.job_id, f"{chunk.table}.{name}"), {"last": None, "best": None, "step": None})
            row["last"] = said.get("last")
            if name not in GOALS:
                continue
            end = "min" if name == "loss" else "max"
            value, step = said.get(end), said.get(f"{end}_step")
            if value is not None and (row["best"] is None or GOALS[name](value, row["best"]) != row["best"]):
                row |= {"best": value, "step": step}
    said = connection.execute(sa.select(JOBS.c.id, JOBS.c.latest).where(JOBS.c.id.in_(job_ids))).all()
    last = {(job_id, series): value for job_id, latest in said for series, value in (latest or {}).items()}
    for (job_id, series), row in found.items():
        yield {"job_id": job_id, "series": series, **row, "last": last.get((job_id, series), row["last"])}


def _totals(connection: sa.Connection) -> Counter[tuple[str, str, str]]:
    """How often attempts and jobs have ended, and how, as far as they are still here."""
    ended = sa.select(ATTEMPTS.c.outcome).where(ATTEMPTS.c.outcome.is_not(None))
    found = Counter(("attempts", text.partition(":")[0], "") for text in connection.scalars(ended))
    final = sa.select(JOBS.c.status, JOBS.c.error).where(JOBS.c.status.in_(("succeeded", "failed", "cancelled")))
    for status, error in connection.execute(final).all():
        found["jobs_ended", status, error["code"] if error and status == "failed" else ""] += 1
    return found
