"""Ids as people type them: an address, capitals, and as much of a beginning or end as no other id shares."""

import re
from dataclasses import dataclass
from typing import Literal

from bnlab.errors import CannotRun
from bnlab.sdk.client import Client
from bnlab.terminal.labels import label
from bnlab.terminal.printing import visible

WHOLE = 13  # characters of an id
LEAST = 3  # characters of a part of one
SHOWN = 8  # of the ids that share a part

ALIKE = str.maketrans("oil", "011")  # as Crockford's base 32 reads what it does not have
PART = re.compile(rf"[0-9a-hjkmnp-tv-z]{{{LEAST},{WHOLE}}}")
ADDRESS = re.compile(r"https?://.*/(?:jobs|experiments)/([^/?#]+)")

Kind = Literal["job", "experiment"]


@dataclass(frozen=True)
class Found:
    """A job or an experiment whose id begins or ends as was typed."""

    id: str
    kind: Kind
    label: str

    @property
    def line(self) -> str:
        """As an error lists it."""
        return visible(f"  {self.id} {self.kind} {self.label}".rstrip())


def job_id_of(client: Client, typed: str, *, instead: str = "show") -> str:
    """The whole id of the one job that is meant.

    instead: the command of `bnlab experiment` that does for an experiment what was wanted of a job.
    Raises CannotRun where none, several or an experiment is meant, and ApiError where it was deleted.
    """
    return _the_one(client, typed, "job", f"bnlab experiment {instead}")


def experiment_id_of(client: Client, typed: str, *, instead: str = "show") -> str:
    """The whole id of the one experiment that is meant; `instead`: the command of `bnlab` that does it for a job.

    Raises CannotRun where none, several or a job is meant.
    """
    return _the_one(client, typed, "experiment", f"bnlab {instead}")


def any_id_of(client: Client, typed: str) -> str:
    """The whole id of the one job or experiment that is meant. Raises CannotRun where none or several are."""
    part = part_of(typed)
    return part if len(part) == WHOLE else _only(typed, _found(client, part)).id


def part_of(typed: str) -> str:
    """What was typed as ids are written. Raises CannotRun where no id can have it.

    >>> part_of("http://127.0.0.1:8000/jobs/1M88G7NQ4P9DF/metrics?points=10"), part_of(" 1MO8 ")
    ('1m88g7nq4p9df', '1m08')
    """
    address = ADDRESS.match(typed.strip())
    part = (address[1] if address else typed.strip()).lower().translate(ALIKE)
    if not PART.fullmatch(part):
        raise CannotRun(
            f"'{typed[:80]}' is no id: it has {WHOLE} letters and digits, of which {LEAST} from its beginning or end "
            "do where no other id has them; 'bnlab jobs' and 'bnlab experiment list' show them"
        )
    return part


def _the_one(client: Client, typed: str, kind: Kind, instead: str) -> str:
    part = part_of(typed)
    found = _found(client, part)
    if not found and len(part) == WHOLE:
        _raise_why_not(client, part, kind)
    one = _only(typed, found)
    if one.kind != kind:
        raise CannotRun(f"{one.id} is {'an' if one.kind == 'experiment' else 'a'} {one.kind}: {instead} {one.id}")
    return one.id


def _found(client: Client, part: str) -> list[Found]:
    listed = client.jobs(part=part, fields=("spec",), limit=SHOWN + 1)
    jobs = [Found(job["id"], "job", label(job)) for job in listed]
    if jobs and len(part) == WHOLE:
        return jobs
    experiments = client.experiments(part=part, limit=SHOWN + 1)
    return jobs + [Found(each["id"], "experiment", each["name"] or "") for each in experiments]


def _only(typed: str, found: list[Found]) -> Found:
    if not found:
        raise CannotRun(
            f"there is neither a job nor an experiment '{typed}': no id begins or ends so; see 'bnlab jobs'"
        )
    if len(found) > 1:
        lines = "\n".join([each.line for each in found[:SHOWN]] + ["  and more"] * (len(found) > SHOWN))
        raise CannotRun(f"several ids begin or end with '{typed}'; give more of the one that is meant:\n{lines}")
    return found[0]


def _raise_why_not(client: Client, whole: str, kind: Kind) -> None:
    """The server's own reason why there is none of this id: it was deleted, or never was."""
    if kind == "job":
        client.job(whole)
    else:
        client.experiment(whole)
