"""Makes `data.tar.xz`: the data folder of a first release whose processes were killed. See README.md."""

import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tests.support.first_release.documents import ADDED_SEEDS, DIVERGING, EXPERIMENT, LABELLED, document
from tests.support.first_release.fixture import ARCHIVE, SERIES
from tests.support.first_release.release import PATIENCE, Release, released, worker

LONG_AGO = 1_760_000_000  # when every file was last touched: leftovers are removed once they are old


def end_some(release: Release) -> dict[str, str]:
    """What ends while a worker is there, and what is paused."""
    with worker(release):
        ended = {
            "whole": release.submit(document("whole", **LABELLED)),
            "diverged": release.submit(document("diverged", **DIVERGING)),
        }
        release.ends(ended["whole"], "succeeded")
        release.ends(ended["diverged"], "failed")
        stopped = {}
        for status, verb in {"cancelled": "cancel", "paused": "pause"}.items():
            stopped[status] = release.submit(document(status))
            release.gets_on(stopped[status])
            release.post(f"/jobs/{stopped[status]}/{verb}")
            release.ends(stopped[status], status)
        deleted = release.submit(document("deleted", training={"steps": 1}))
        release.ends(deleted, "succeeded")
        release.http.delete(f"/jobs/{deleted}").raise_for_status()
        experiment = release.post("/experiments", EXPERIMENT)
        for member in experiment["jobs"]:
            release.ends(member["id"], "succeeded")
    return {**ended, **stopped, "deleted": deleted, "experiment": experiment["id"]}


def die_when_asked(release: Release, name: str, verb: str) -> str:
    """A job whose worker is killed before it has heard what is asked of it."""
    with worker(release) as process:
        job_id = release.submit(document(name))
        release.gets_on(job_id)
        process.suspend()
        release.post(f"/jobs/{job_id}/{verb}")
    release.hold(job_id)
    return job_id


def die_at(release: Release, name: str, point: str, times: int = 1) -> str:
    """A job whose worker and trainer end themselves at a point."""
    with worker(release) as process:
        job_id = release.submit(document(name))
        release.gets_on(job_id)
        release.trap(point, times)
        process.wait(PATIENCE)
    release.hold(job_id)
    return job_id


def make(release: Release) -> dict[str, str]:
    """Every job and the experiment, by name its id."""
    ids = end_some(release)
    ids["to be cancelled"] = die_when_asked(release, "to be cancelled", "cancel")
    ids["to be paused"] = die_when_asked(release, "to be paused", "pause")
    ids["half written"] = die_at(release, "half written", "object written aside")
    # The last one: what it has retired the next worker would delete.
    ids["half joined"] = die_at(release, "half joined", "joined chunk written", 2)
    ids["queued"] = release.submit(document("queued"))
    ids["retried"] = release.post(f"/jobs/{ids['cancelled']}/retry")["id"]
    release.post(f"/experiments/{ids['experiment']}/seeds", {"seeds": ADDED_SEEDS})
    return ids


def answers(release: Release, ids: dict[str, str]) -> dict[str, Any]:
    """What the release says of all that it has."""
    jobs = {name: job_id for name, job_id in ids.items() if name not in ("deleted", "experiment")}
    return {
        "ids": ids,
        "cpu": cpu(),
        "checkpoints": {name: release.newest_checkpoint(job_id) for name, job_id in jobs.items()},
        "jobs": {name: release.get(f"/jobs/{job_id}") for name, job_id in jobs.items()},
        "series": {
            name: {kind: release.get(f"/jobs/{job_id}/{path}") for kind, path in SERIES.items()}
            for name, job_id in jobs.items()
        },
        "experiment": release.get(f"/experiments/{ids['experiment']}"),
    }


def cpu() -> str:
    """The processor: the bits depend on it, and this release does not keep it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))


def neutral(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without what it says of this machine, and as if long had passed since."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = LONG_AGO
    return member


def main() -> None:
    checkout = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="fr-") as name:
        folder = Path(name)
        with released(checkout, folder) as release:
            said = answers(release, make(release))
        (folder / "answers.json").write_text(json.dumps(said))
        with tarfile.open(ARCHIVE, "w:xz", preset=9) as archive:
            for each in ("data", "answers.json"):
                archive.add(folder / each, each, filter=neutral)


if __name__ == "__main__":
    main()
