"""A dataset is there for as long as a job needs it, whoever deletes it in between."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.datasets.judging.found import Found
from jobs.datasets.judging.options import Options
from jobs.datasets.judging.sandbox import judge
from jobs.datasets.kept import Source
from jobs.errors import InvalidSpec, NotAllowed, NotFound
from jobs.experiments import clients as experiments
from jobs.experiments.document import read
from jobs.experiments.members import further_members, members
from jobs.lifecycle import clients, datasets, lookup, retries
from jobs.lifecycle.datasets import Arrived
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.resolved import Resolved
from jobs.storage import keys
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support import own_data
from tests.support.listed import ids_of

DOCUMENT = {"data": {"dataset": "own", "batch_size": 5}, "recording": {"probe_size": 5}}
EXPERIMENT = {"base": DOCUMENT, "variants": {"a": {}}}


def checked(database: Database, settings: Settings) -> Resolved:
    return check(json.dumps(DOCUMENT), datasets.known(database, settings))


def ended(database: Database, settings: Settings) -> Job:
    job = clients.submit(database, checked(database, settings))
    return clients.ask(database, job.id, "cancel")


def test_documents_may_name_what_was_uploaded(database: Database, objects: Objects, settings: Settings) -> None:
    uploaded = own_data.put(database, objects)
    known = datasets.known(database, settings)
    assert known.datasets() == ("mnist", "fashion_mnist", "cifar10", "synthetic", "own")
    job = clients.submit(database, checked(database, settings))
    resolved = lookup.get(database, job.id).resolved
    assert resolved.dataset == uploaded.dataset
    assert resolved.document["data"]["sha256"] == uploaded.dataset.sha256


@pytest.mark.parametrize("name", ["own", "o\0wn", "\ud800", "Own", "x" * 100])
def test_a_dataset_that_is_not_there_is_refused_whatever_it_is_called(
    database: Database, settings: Settings, name: str
) -> None:
    assert datasets.known(database, settings).dataset(name) is None
    with pytest.raises(NotFound):
        datasets.get(database, name)


def test_the_same_once_more_is_the_one_that_is_there_and_another_is_refused(
    database: Database, objects: Objects
) -> None:
    first = own_data.put(database, objects)
    assert own_data.put(database, objects) == first
    with pytest.raises(NotAllowed, match="dataset 'own' is there, made of another file or read otherwise"):
        own_data.put(database, objects, seed=1)
    assert datasets.every(database) == (first,)


@pytest.mark.parametrize("seed", [0, 1])
def test_where_another_process_is_faster_its_dataset_is_the_one_and_nothing_else_is_kept(
    database: Database, objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    content = own_data.npz()
    file = tmp_path / "file"
    file.write_bytes(content)
    source = Source(len(content), hashlib.sha256(content).hexdigest(), Options())

    def judged_meanwhile(file: Path, options: Options, folder: Path) -> Found:
        own_data.put(database, objects, seed=seed)
        return judge(file, options, folder)

    monkeypatch.setattr(datasets, "judge", judged_meanwhile)
    try:
        made, is_new = datasets.make(database, objects, Arrived("own", source, file, "0late"))
    except NotAllowed:
        assert seed == 1
    else:
        assert (made, is_new, seed) == (datasets.get(database, "own"), False, 0)
    faster = datasets.get(database, "own").kept
    assert {keys.kept_in(key) for key in objects.keys(keys.DATASETS)} == {faster} != {"0late"}


def test_a_dataset_of_the_catalogue_stays(database: Database, objects: Objects) -> None:
    with pytest.raises(NotAllowed, match="'mnist' is a dataset of every server"):
        datasets.remove(database, objects, "mnist")


def test_a_deleted_dataset_is_gone_with_its_objects(database: Database, objects: Objects) -> None:
    own_data.put(database, objects)
    datasets.remove(database, objects, "own")
    assert objects.keys(keys.DATASETS) == ()
    with pytest.raises(NotFound, match="there is no dataset 'own'"):
        datasets.remove(database, objects, "own")


def test_a_dataset_stays_while_jobs_have_not_ended_that_train_on_it(
    database: Database, objects: Objects, settings: Settings
) -> None:
    own_data.put(database, objects)
    jobs = [clients.submit(database, checked(database, settings)).id for _ in range(7)]
    clients.ask(database, jobs[0], "pause")
    told = f"train on it: {', '.join(jobs[:5])} and 2 more; cancel them"
    with pytest.raises(NotAllowed, match=told):
        datasets.remove(database, objects, "own")
    for job_id in jobs:
        clients.ask(database, job_id, "cancel")
    datasets.remove(database, objects, "own")


def gone(database: Database, objects: Objects) -> None:
    datasets.remove(database, objects, "own")


def another(database: Database, objects: Objects) -> None:
    gone(database, objects)
    own_data.put(database, objects, seed=1)


AFTER: dict[str, tuple[Callable[[Database, Objects], None], str]] = {
    "deleted": (gone, "dataset 'own' was deleted; the one with SHA-256 .* has to be uploaded again"),
    "another": (another, "dataset 'own' is another one now, with SHA-256 .* has to be uploaded again"),
}


@pytest.mark.parametrize(("happens", "told"), AFTER.values(), ids=AFTER)
def test_a_job_whose_dataset_was_deleted_since_it_was_checked_is_not_made(
    database: Database, objects: Objects, settings: Settings, happens: Callable[[Database, Objects], None], told: str
) -> None:
    own_data.put(database, objects)
    resolved, known = checked(database, settings), datasets.known(database, settings)
    spec = read(json.dumps(EXPERIMENT))
    planned = members(spec, known, range(1))
    happens(database, objects)
    with pytest.raises(InvalidSpec, match=told):
        clients.submit(database, resolved)
    with pytest.raises(InvalidSpec, match=told):
        experiments.submit(database, spec, planned)
    assert ids_of(database) == []


@pytest.mark.parametrize(("happens", "told"), AFTER.values(), ids=AFTER)
def test_a_job_is_not_retried_on_a_dataset_that_is_not_its_own(
    database: Database, objects: Objects, settings: Settings, happens: Callable[[Database, Objects], None], told: str
) -> None:
    own_data.put(database, objects)
    job = ended(database, settings)
    happens(database, objects)
    with pytest.raises(InvalidSpec, match=told):
        retries.retry(database, objects, job.id, from_checkpoint=True)
    assert ids_of(database) == [job.id]


def test_a_job_is_retried_where_its_dataset_was_uploaded_again(
    database: Database, objects: Objects, settings: Settings
) -> None:
    before = own_data.put(database, objects)
    job = ended(database, settings)
    gone(database, objects)
    again = own_data.put(database, objects)
    child = retries.retry(database, objects, job.id, from_checkpoint=True)
    assert again.kept != before.kept
    assert child.resolved == replace(job.resolved, dataset=again.dataset)


def test_seeds_are_not_added_on_another_dataset(database: Database, objects: Objects, settings: Settings) -> None:
    own_data.put(database, objects)
    spec = read(json.dumps(EXPERIMENT))
    experiment = experiments.submit(database, spec, members(spec, datasets.known(database, settings), range(1)))
    experiments.cancel(database, experiment.id)
    another(database, objects)
    planned = further_members(spec, datasets.known(database, settings), range(1, 2))
    with pytest.raises(
        InvalidSpec, match=r"dataset 'own' has SHA-256 .* now, and the experiment's jobs have trained on"
    ):
        experiments.add_seeds(database, experiment, planned, 2)


def test_a_job_is_made_or_its_dataset_deleted_and_never_both(
    database: Database, objects: Objects, settings: Settings
) -> None:
    for _ in range(10):
        own_data.put(database, objects)
        resolved = checked(database, settings)
        with ThreadPoolExecutor(2) as at_once:
            deleted = at_once.submit(datasets.remove, database, objects, "own")
            made = at_once.submit(clients.submit, database, resolved)
        if made.exception() is None:
            assert isinstance(deleted.exception(), NotAllowed)
            clients.ask(database, made.result().id, "cancel")
            gone(database, objects)
        else:
            assert isinstance(made.exception(), InvalidSpec)
            assert deleted.exception() is None
