"""The tables. A row is the truth of what it says."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    false,
    text,
)
from sqlalchemy import Table as SqlTable

metadata = MetaData()


jobs = SqlTable(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", Float, nullable=False),
    Column("status", String, nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("spec", JSON, nullable=False),
    Column("spec_sha256", String, nullable=False),
    Column("name", String),  # this and the next five are the document's, for who looks for jobs
    Column("dataset_name", String, nullable=False, server_default=""),
    Column("architecture", String, nullable=False, server_default=""),  # a preset's name, or layers
    Column("batch_norm", Boolean, nullable=False, server_default=false()),  # whether it is anywhere in the network
    Column("tags", JSON, nullable=False, server_default="[]"),
    Column("retain", Boolean, nullable=False, server_default=false()),  # whatever the retention says, it is kept
    Column("revision", Integer, nullable=False, server_default="0"),  # how often its labels were changed
    # How often the row was, with what its attempts and scores say: an answer that is made of a version stays right.
    Column("version", Integer, nullable=False, server_default="0", onupdate=text("jobs.version + 1")),
    Column("dataset", JSON, nullable=False, server_default="{}"),  # its facts: a `jobs.datasets.catalogue.Dataset`
    Column("steps", Integer, nullable=False),
    Column("block_steps", Integer, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("requested_device", String, nullable=False),
    Column("device", String),
    Column("engine", String, nullable=False, server_default="eager"),
    Column("engine_reason", String, nullable=False, server_default=""),
    Column("requested", String),  # of a running job's worker: cancel or pause
    Column("parent", String),
    Column("lease_until", Float),
    Column("watched_until", Float),  # on the clock of the leases: somebody looks on, and new rows are wanted soon
    Column("losses", Integer, nullable=False, default=0),
    Column("not_before", Float),  # on the clock of the leases: until then a job that was lost waits
    Column("started", Float),
    Column("finished", Float),
    Column("step", Integer, nullable=False, default=0),
    Column("steps_per_second", Float),
    Column("latest", JSON, nullable=False, default={}),  # of servers of earlier releases, which may go on for a while
    Column("error", JSON),
    Column("environment", JSON),
    Column("preprocessing", JSON),  # what its attempts have found in its dataset: a `Preprocessing`
    Column("differs", JSON, nullable=False, default=[]),  # in what environments differed that the job went on in
    Column("weights_sha256", String),
    Column("stopped", JSON),  # why and where it ended before its last step
    Column("kept", JSON),  # of the best network: metric, value, step and checksum
    # With what the queue is ordered and claimed by, so that neither reads the rows, whose documents are long.
    Index("jobs_by_status", "status", "id", "requested_device", "device", "not_before"),
    Index("jobs_by_parent", "parent"),
    Index("jobs_by_name", "name", "id"),
)

tags = SqlTable(
    "tags",  # of a job's document, for who looks for jobs
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String, primary_key=True),
    Index("jobs_by_tag", "tag", "job_id"),
)

scores = SqlTable(
    "scores",  # where each metric of a job stands, and was at its best; null: not finite, or nothing is best
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("series", String, primary_key=True),  # train.loss
    Column("last", Float),
    Column("best", Float),
    Column("step", Integer),  # the first with the best value
    Index("jobs_by_last", "series", "last", "job_id"),
    Index("jobs_by_best", "series", "best", "job_id"),
)

_IS_LIVE = text("ended IS NULL")

attempts = SqlTable(
    "attempts",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("worker", String, nullable=False),
    Column("host", String, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("outcome", String),
    Column("claimed", Float),  # on the clock of the leases
    Column("seconds", Float),  # that it took, on that clock; null while it goes on
    Column("output", String),  # the last of what its process printed
    Column("begins_after", Integer),  # the step of the checkpoint that it goes on from; null: it begins at none
    Index("one_live_attempt", "job_id", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
)

events = SqlTable(
    "events",  # what a job went through
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),  # of the job's events, from 1
    Column("time", Float, nullable=False),  # seconds since 1970
    Column("type", String, nullable=False),  # status
    Column("level", String, nullable=False),  # info, warning or error
    Column("attempt", Integer),  # null: it is of none
    Column("by", String, nullable=False),  # client, or worker and its id
    Column("message", String, nullable=False),
    Column("data", JSON, nullable=False),
)

chunks = SqlTable(
    "chunks",  # the manifest: a chunk exists once its row does
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("table", String, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("series", JSON, nullable=False),  # {name: {count, first, last, min, max, nonfinite}}
    Index("chunks_by_bytes", "job_id", "bytes"),  # what each job has stored is added up without reading `series`
)

retired = SqlTable(
    "retired",  # objects that no row names, not any more or not yet, until nobody reads them
    metadata,
    Column("key", String, primary_key=True),
    Column("job_id", String, nullable=False),
)

artifacts = SqlTable(
    "artifacts",  # what a training leaves beside its series: an artifact exists once its row does
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String, primary_key=True),  # best, checkpoint, initial, probabilities or weights
    Column("step", Integer, primary_key=True),  # after which it was taken
    Column("key", String, nullable=False),
    Column("bytes", Integer),  # null: of weights from before there was this table
    Column("sha256", String, nullable=False),
)

experiments = SqlTable(
    "experiments",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", Float, nullable=False),
    Column("name", String),  # the document's
    Column("document", JSON, nullable=False),
)

datasets = SqlTable(
    "datasets",  # that were uploaded: a dataset is there once its row is
    metadata,
    Column("name", String, primary_key=True),
    Column("kept", String, nullable=False),  # the id that its objects are kept under: `jobs.storage.keys.of_dataset`
    Column("created", Float, nullable=False),  # seconds since 1970
    Column("source_bytes", BigInteger, nullable=False),  # of the file that it was made of
    Column("source_sha256", String, nullable=False),
    Column("options", JSON, nullable=False),  # how that was read: a `jobs.datasets.judging.options.Options`
    Column("files", JSON, nullable=False),  # its objects: [{name, size, sha256}]
    Column("facts", JSON, nullable=False),  # what was found in it: a `jobs.datasets.judging.found.Found`
)

members = SqlTable(
    "members",  # which jobs an experiment consists of, and what sets each apart
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("experiment_id", ForeignKey("experiments.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("variant", String, nullable=False),
    Column("point", JSON, nullable=False),
    Column("seed", Integer().with_variant(BigInteger, "postgresql"), nullable=False),  # up to 2^53
)

deleted = SqlTable(
    "deleted",  # the ids of jobs that are gone for good
    metadata,
    Column("id", String, primary_key=True),
    Column("at", Float, nullable=False),
    Column("by", String, nullable=False, server_default="client"),  # client, or retention
)

totals = SqlTable(
    "totals",  # how often something has happened, for good: what is deleted later stays counted
    metadata,
    Column("counter", String, primary_key=True),  # attempts or jobs_ended
    Column("label", String, primary_key=True),  # an outcome, or a status
    Column("code", String, primary_key=True),  # of a failure; else empty
    Column("number", Integer, nullable=False),
)

workers = SqlTable(
    "workers",
    metadata,
    Column("id", String, primary_key=True),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("devices", JSON, nullable=False),  # ["cpu"] or ["cpu", "cuda"]
    Column("started", Float, nullable=False),
    Column("beat", Float, nullable=False),  # on the clock of the leases
    Column("trouble", String),  # why it does not claim
)

codes = SqlTable(
    "codes",  # with each of which one browser may sign in
    metadata,
    Column("sha256", String, primary_key=True),  # of the code, which only who asked for it knows
    Column("created", Float, nullable=False),  # on the clock of the leases
    Column("expires", Float, nullable=False),
)
