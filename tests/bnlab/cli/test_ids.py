"""Ids as people type them, against a served API."""

import pytest

from bnlab import ApiError, Client
from bnlab.cli.ids import any_id_of, experiment_id_of, job_id_of, part_of
from bnlab.errors import CannotRun


def test_a_beginning_or_an_end_does_where_no_other_id_has_it(client: Client) -> None:
    ids = [client.submit(name=str(i))["id"] for i in range(3)]
    for job_id in ids:
        for part in (job_id, job_id[-5:], job_id[:10], job_id.upper(), f" {job_id}\n"):
            if sum(each.startswith(part.strip().lower()) or each.endswith(part.lower()) for each in ids) == 1:
                assert job_id_of(client, part) == job_id


def test_what_several_share_is_told_with_each_of_them(client: Client) -> None:
    job_id = client.submit(name="the one")["id"]
    experiment = client.submit_experiment(name="the many", variants={"a": {}})
    for find in (job_id_of, experiment_id_of, any_id_of):
        with pytest.raises(CannotRun, match="several ids begin or end with") as refused:
            find(client, job_id[:4])
        for part in (f"{job_id} job the one", f"{experiment['id']} experiment the many", experiment["jobs"][0]["id"]):
            assert part in str(refused.value)


def test_of_many_that_share_a_part_a_few_are_shown(client: Client) -> None:
    experiment = client.submit_experiment(variants={"a": {}}, seeds=20)
    with pytest.raises(CannotRun) as refused:
        job_id_of(client, experiment["id"][:3])
    assert len(str(refused.value).splitlines()) == 10
    assert str(refused.value).endswith("and more")


def test_an_experiments_id_in_a_jobs_place_is_told_with_the_command_that_works(client: Client) -> None:
    experiment_id = client.submit_experiment(variants={"a": {}})["id"]
    for part in (experiment_id, experiment_id[-6:]):
        with pytest.raises(CannotRun) as refused:
            job_id_of(client, part, instead="watch")
        assert str(refused.value) == f"{experiment_id} is an experiment: bnlab experiment watch {experiment_id}"
    job_id = client.submit()["id"]
    with pytest.raises(CannotRun) as refused:
        experiment_id_of(client, job_id, instead="delete")
    assert str(refused.value) == f"{job_id} is a job: bnlab delete {job_id}"
    assert [any_id_of(client, each[-6:]) for each in (job_id, experiment_id)] == [job_id, experiment_id]


def test_an_id_of_nothing_is_told_and_so_is_one_that_was_deleted(client: Client) -> None:
    for find in (job_id_of, experiment_id_of, any_id_of):
        with pytest.raises(CannotRun, match="there is neither a job nor an experiment 'zzzz': no id begins or ends so"):
            find(client, "zzzz")
    with pytest.raises(ApiError, match="there is no job '0000000000000'"):
        job_id_of(client, "0000000000000")
    with pytest.raises(ApiError, match="there is no experiment '0000000000000'"):
        experiment_id_of(client, "0000000000000")
    job_id = client.submit()["id"]
    client.cancel(job_id)
    client.delete(job_id)
    with pytest.raises(ApiError, match="was deleted"):
        job_id_of(client, job_id)


@pytest.mark.parametrize(
    "typed", ["", " ", "ab", "1m8!", "1m8/../x", "%%%", "___", "\x1b[2J", "ü" * 4, "1" * 14, "uuu", "http://x/jobs/"]
)
def test_what_no_id_can_have_is_told_without_asking(typed: str) -> None:
    with pytest.raises(CannotRun, match="is no id: "):
        part_of(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("http://127.0.0.1:8000/jobs/1m88g7nq4p9df", "1m88g7nq4p9df"),
        ("https://lab.example.org/bn/experiments/1m88g7nq4p9df/compare?series=test.loss", "1m88g7nq4p9df"),
        ("http://127.0.0.1:8000/jobs/1m88g7nq4p9df/", "1m88g7nq4p9df"),
        ("lOiL", "1011"),
    ],
)
def test_an_address_has_its_id_in_it_and_letters_that_look_alike_are_meant(typed: str, meant: str) -> None:
    assert part_of(typed) == meant
