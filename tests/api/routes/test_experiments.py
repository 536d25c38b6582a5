"""Experiments over HTTP: many jobs from one document."""

import csv
import io
import json
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from jobs.errors import InvalidSpec, NotAllowed
from jobs.experiments import clients as experiments
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.lifecycle.job import JobError
from jobs.settings import Settings
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.asked_experiments import BASE, DOCUMENT, RATE, finish, submitted
from tests.support.serving import assert_problem


def test_one_document_becomes_variants_times_grid_times_seeds(client: httpx.Client) -> None:
    experiment = submitted(client)
    found = [(job["variant"], *job["point"].values(), job["seed"]) for job in experiment["jobs"]]
    expected = [(v, rate, seed) for seed in (7, 8) for v in ("without BN", "with BN") for rate in (0.1, 1.0)]
    assert found == expected
    job = client.get(f"/jobs/{experiment['jobs'][-1]['id']}").json()
    assert job["spec"]["training"]["optimizer"]["learning_rate"] == 1.0
    assert job["spec"]["training"]["seed"] == 8
    assert job["spec"]["batch_norm"]["epsilon"] == 1e-5
    assert experiment["ended"] is False
    (summary,) = client.get("/experiments").json()["experiments"]
    assert (summary["name"], summary["jobs"]) == ("does it help?", {"queued": 8})


@pytest.mark.parametrize("fraction", [0.0, 0.0004999, 0.0005, 0.0005001, 0.0009999])
def test_a_seed_of_everything_is_queued_and_listed_before_the_next_seed(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, fraction: float
) -> None:
    monkeypatch.setattr("jobs.experiments.clients.time.time", lambda: 1795597000.123 + fraction)
    jobs = submitted(client, seeds=31)["jobs"]
    assert [job["seed"] for job in jobs] == [seed for seed in range(7, 38) for _ in range(4)]
    assert [job["variant"] for job in jobs] == (["without BN"] * 2 + ["with BN"] * 2) * 31
    assert [job["id"] for job in jobs] == sorted(job["id"] for job in jobs)


def test_the_same_seed_means_the_same_job_but_for_what_the_variant_says(client: httpx.Client) -> None:
    jobs = submitted(client, grid={})["jobs"]
    specs = [client.get(f"/jobs/{job['id']}").json()["spec"] for job in jobs]
    assert specs[0] | {"batch_norm": specs[1]["batch_norm"]} == specs[1]
    assert specs[0]["training"]["seed"] == specs[1]["training"]["seed"] == 7


def test_what_was_found_is_aggregated_over_the_seeds(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(client, grid={}, seeds=3)
    for accuracy in ([0.1, 0.4, 0.6], [0.1, 0.6, 0.9], [0.1, 0.5, 0.8], [0.1, 0.7, 0.8]):  # without, with, ...
        finish(database, settings, accuracy)
    finish(database, settings, [0.1], fails=JobError("non_finite_loss", "diverged"))
    finish(database, settings, [0.1, 0.8, 0.7])
    answer = client.get(f"/experiments/{experiment['id']}").json()
    assert answer["ended"] is True
    without, with_bn = answer["groups"]
    assert (without["variant"], without["succeeded"], len(without["diverged"])) == ("without BN", 2, 1)
    assert without["step"] == [0, 50, 100]
    assert without["accuracy"]["n"] == [3, 2, 2]
    assert without["accuracy"]["median"] == pytest.approx([0.1, 0.45, 0.7])
    assert without["accuracy"]["least"] == pytest.approx([0.1, 0.4, 0.6])
    assert without["accuracy"]["greatest"] == pytest.approx([0.1, 0.5, 0.8])
    final = without["final_accuracy"]  # of 0.6, 0.8, and chance
    assert (final["centre"], final["low"], final["high"]) == pytest.approx((0.525, 0.1, 0.8))
    assert (final["coverage"], final["n"], final["assumes"]) == (0.75, 3, "symmetric")
    assert [(seed["seed"], seed["outcome"]) for seed in without["seeds"]] == [
        (7, "succeeded"),
        (8, "succeeded"),
        (9, "diverged"),
    ]
    lost = without["seeds"][2]["measured"]
    assert (lost["final_accuracy"], lost["final_loss"]) == (0.1, "Infinity")
    assert lost["steps_to"] == [{"low": "Infinity", "high": "Infinity"}] * 2
    assert without["seeds"][0]["measured"]["steps_to"] == [{"low": 50, "high": 100}, {"low": 100, "high": "Infinity"}]
    half, ninety = without["steps_to"]
    assert (half["arrived"], half["ended"], half["accuracy"]) == (2, 3, 0.5)
    assert half["steps"]["centre"] == {"low": 50, "high": 100}
    assert (half["steps"]["low"], half["steps"]["high"], half["steps"]["coverage"]) == (0, "Infinity", 0.75)
    assert (ninety["arrived"], ninety["steps"]["centre"]) == (0, {"low": 100, "high": "Infinity"})
    assert with_bn["best_accuracy"]["centre"] == pytest.approx(0.825)
    speedup = answer["speedups"][0]
    assert (speedup["variant"], speedup["over"], speedup["target"]) == ("with BN", "without BN", 0.5)
    assert (speedup["ratio"]["n"], speedup["ratio"]["high"]) == (3, "Infinity")
    (verdict,) = answer["verdicts"]
    assert (verdict["variant"], verdict["over"], verdict["outcome"]) == ("with BN", "without BN", "open")
    assert "One of three seeds of 'without BN' diverged" in verdict["sentence"]
    assert verdict["interval"]["coverage"] == 0.75
    assert answer["document"]["primary"] == {"kind": "last", "series": "test.accuracy", "goal": None}


def test_what_diverged_is_judged_as_the_worst_where_less_of_an_accuracy_is_better(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(client, grid={}, seeds=1, primary={"series": "test.accuracy", "goal": "min"})
    finish(database, settings, [0.1, 0.6])
    finish(database, settings, [0.1], fails=JobError("non_finite_loss", "diverged"))
    (verdict,) = client.get(f"/experiments/{experiment['id']}").json()["verdicts"]
    assert verdict["interval"]["centre"] == "Infinity"


def test_where_every_training_diverged_that_is_the_outcome_of_any_question(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(client, grid={}, seeds=1, primary={"series": "test.loss"})
    for _ in range(2):
        finish(database, settings, [0.1], fails=JobError("non_finite_loss", "diverged"))
    (verdict,) = client.get(f"/experiments/{experiment['id']}").json()["verdicts"]
    assert verdict["sentence"].startswith("Every seed of 'with BN' and of 'without BN' diverged")


def test_an_experiment_is_judged_by_what_its_document_asks(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    primary = {"kind": "mean", "series": "test.loss", "from_step": 50}
    experiment = submitted(client, grid={}, seeds=6, primary=primary, learned=0.7, targets=["baseline_best"])
    for seed in range(6):
        finish(database, settings, [0.1, 0.5, 0.6])
        finish(database, settings, [0.1, 0.7, 0.8 + seed / 100])
    answer = client.get(f"/experiments/{experiment['id']}").json()
    (verdict,) = answer["verdicts"]
    assert (verdict["outcome"], verdict["p"], verdict["corrected_p"]) == ("better", 2 / 64, 2 / 64)
    assert "below 'without BN' in test.loss, its mean from step 50 to the last" in verdict["sentence"]
    assert verdict["learned"] == {"only_first": 0, "only_second": 6, "p": 2 / 64}
    assert [(group["learned"]["k"], group["learned"]["n"]) for group in answer["groups"]] == [(0, 6), (6, 6)]
    assert [group["steps_to"][0]["accuracy"] for group in answer["groups"]] == pytest.approx([0.6, 0.6])
    assert [group["steps_to"][0]["arrived"] for group in answer["groups"]] == [6, 6]


def test_an_experiment_that_tunes_says_at_which_setting_each_seed_counts(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    base = BASE | {"data": {"dataset": "synthetic", "validation": 0.2}}
    experiment = submitted(client, base=base, tune={"over": RATE}, learned=0.45)
    path = f"/experiments/{experiment['id']}"
    assert experiment["document"]["tune"] == {"over": [RATE], "by": "validation.accuracy"}
    for _ in range(2):  # seeds: without BN at 0.1 and at 1, and with BN at both
        for held_out, accuracy in ((0.6, 0.5), (0.2, 0.9), (0.3, 0.4), (0.7, 0.8)):
            assert client.get(path).status_code == 200
            finish(database, settings, [0.1, accuracy], held_out=held_out)
    answer = client.get(path).json()
    without, with_bn = answer["tuned"]
    assert (without["variant"], without["point"], without["over"]) == ("without BN", {}, [RATE])
    assert [each["by"]["centre"] for each in without["settings"]] == pytest.approx([0.6, 0.2])
    assert [each["primary"]["centre"] for each in without["settings"]] == pytest.approx([0.5, 0.9])
    assert [(each["at"], each["learned"], each["n"]) for each in with_bn["settings"]] == [
        ({RATE: 0.1}, 0, 2),
        ({RATE: 1.0}, 2, 2),
    ]
    assert (without["working"], with_bn["working"]) == (2, 1)
    assert [(each["seed"], each["at"]) for each in with_bn["chosen"]] == [(7, {RATE: 1.0}), (8, {RATE: 1.0})]
    (verdict,) = answer["verdicts"]
    assert (verdict["point"], verdict["outcome"], len(answer["groups"])) == ({}, "open", 4)
    assert verdict["interval"]["centre"] == pytest.approx(0.3)
    assert "'with BN' at 1, 'without BN' at 0.1." in verdict["sentence"]
    of_bn, of_first = verdict["values"]
    assert (of_bn["variant"], of_first["variant"]) == ("with BN", "without BN")
    assert [each["job"] for each in of_bn["seeds"]] == [each["job"] for each in with_bn["chosen"]]
    assert {each["low"] for each in of_first["seeds"]} == {each["high"] for each in of_first["seeds"]}
    assert [speedup["point"] for speedup in answer["speedups"]] == [{}, {}]
    assert client.get(path, params={"seeds": False}).json()["verdicts"][0]["values"] is None


def test_an_experiment_that_does_not_tune_has_nothing_tuned(client: httpx.Client) -> None:
    assert submitted(client)["tuned"] == []


def test_seeds_are_added(client: httpx.Client) -> None:
    experiment = submitted(client, grid={})
    grown = client.post(f"/experiments/{experiment['id']}/seeds", json={"seeds": 1})
    assert grown.status_code == 202
    assert [job["seed"] for job in grown.json()["jobs"]] == [7, 7, 8, 8, 9, 9]
    assert grown.json()["document"]["seeds"] == 3
    too_many = client.post(f"/experiments/{experiment['id']}/seeds", json={"seeds": 29})
    assert "there would be 32 seeds; at most 31" in str(assert_problem(too_many, 422, "invalid_spec")["detail"])


def test_seeds_that_two_add_at_once_are_added_once(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    seen = experiments.get(database, submitted(client, grid={})["id"])
    planned = members(seen.spec, in_catalogue(settings), range(2, 3))
    experiments.add_seeds(database, seen, planned, 3)
    with pytest.raises(NotAllowed, match="a moment ago; look at it again"):
        experiments.add_seeds(database, seen, planned, 3)
    assert [job["seed"] for job in client.get(f"/experiments/{seen.id}").json()["jobs"]] == [7, 7, 8, 8, 9, 9]


def test_the_cap_is_of_the_whole_experiment(settings: Settings) -> None:
    spec = read(json.dumps(DOCUMENT))
    assert len(members(spec, in_catalogue(settings.model_copy(update={"max_experiment_jobs": 12})), range(2, 3))) == 4
    with pytest.raises(InvalidSpec, match="that would be 12 jobs; the cap is 11"):
        members(spec, in_catalogue(settings.model_copy(update={"max_experiment_jobs": 11})), range(2, 3))


def test_an_experiment_is_cancelled_and_then_deleted_with_all_that_it_recorded(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(client)
    done = finish(database, settings, [0.1, 0.5])
    path = f"/experiments/{experiment['id']}"
    detail = str(assert_problem(client.delete(path), 409, "not_allowed")["detail"])
    assert "7 of its jobs have not ended; cancel it first" in detail
    cancelled = client.post(f"{path}/cancel").json()
    assert cancelled["ended"] is True
    assert len(cancelled["groups"][1]["cancelled"]) == 2
    assert done.id in open_objects(settings).owners()
    assert client.delete(path).status_code == 204
    assert_problem(client.get(path), 404, "not_found")
    assert_problem(client.get(f"/jobs/{done.id}"), 410, "gone")
    assert done.id not in open_objects(settings).owners()
    assert client.get("/experiments").json()["experiments"] == []


def test_two_hundred_jobs_of_one_experiment_are_all_aggregated(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    experiment = submitted(
        client, seeds=10, grid={"/training/optimizer/learning_rate": [0.1 * i for i in range(1, 11)]}
    )
    for i in range(200):
        finish(database, settings, [0.1, 0.4 + i / 1000, 0.9 - i / 1000])
    answer = client.get(f"/experiments/{experiment['id']}").json()
    assert answer["ended"] is True
    assert len(answer["groups"]) == 20
    assert all(group["succeeded"] == 10 for group in answer["groups"])


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no variant": ({"variants": {}}, "/variants", "needs at least 1 variant"),
    "a patch that leads nowhere": ({"variants": {"a": {"batchnorm": True}}}, "/variants/a/batchnorm", "unknown field"),
    "a patch that makes an invalid job": (
        {"variants": {"fine": {}, "a/b": {"batch_norm": True, "data": {"batch_size": 1}}}},
        "/variants/a~1b/data/batch_size",
        "the batch has 1 example",
    ),
    "an invalid base": ({"base": {"architecture": "resnet9000"}}, "/base/architecture", "unknown architecture"),
    "ten thousand jobs": (
        {"seeds": 10, "grid": {"/training/optimizer/learning_rate": [0.001 * i for i in range(1, 501)]}},
        "",
        "that would be 10000 jobs; the cap is 1000",
    ),
    "seeds of 0": ({"seeds": 0}, "/seeds", "a whole number of at least 1, not 0"),
    "a grid over a field that does not exist": (
        {"grid": {"/training/momentum": [0.9]}},
        "/grid/~1training~1momentum",
        "there is no such field in variant 'without BN'",
    ),
    "a grid value that makes an invalid job": (
        {"grid": {"/training/optimizer/learning_rate": [0.1, -1]}},
        "/grid/~1training~1optimizer~1learning_rate/1",
        "a number greater than 0, not -1 (variant 'without BN' at {\"/training/optimizer/learning_rate\": -1})",
    ),
    "a grid without values": ({"grid": {"/training/steps": []}}, "/grid/~1training~1steps", "has no value"),
    "an unknown field": ({"sedes": 3}, "/sedes", "unknown field"),
}


@pytest.mark.parametrize(("changes", "pointer", "says"), BAD.values(), ids=BAD)
def test_a_document_that_cannot_be_run_is_refused_whole(
    client: httpx.Client, changes: dict[str, Any], pointer: str, says: str
) -> None:
    problem = assert_problem(client.post("/experiments", json=DOCUMENT | changes), 422, "invalid_spec")
    errors = client.post("/experiments", json=DOCUMENT | changes).json()["errors"]
    assert says in str(problem["detail"])
    assert pointer in [error["pointer"] for error in errors]
    assert client.get("/jobs").json()["jobs"] == []


def test_an_experiment_that_does_not_exist_is_not_found(client: httpx.Client) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel")):
        headers = {"content-type": "application/json"}
        assert_problem(client.request(method, f"/experiments/nope{path}", headers=headers), 404, "not_found")
    assert_problem(client.post("/experiments/nope/seeds", json={"seeds": 1}), 404, "not_found")


def test_the_results_are_a_table_too(client: httpx.Client) -> None:
    experiment = client.post("/experiments", json={"base": BASE, "variants": {"a": {}, "b": {"batch_norm": True}}})
    path = f"/experiments/{experiment.json()['id']}"
    answer = client.get(f"{path}?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["variant"], row["outcome"], row["job"]) for row in rows] == [
        (job["variant"], "queued", job["id"]) for job in client.get(path).json()["jobs"]
    ]
    table = pq.read_table(io.BytesIO(client.get(f"{path}?format=parquet").content))
    assert table.column_names == list(rows[0])
    assert_problem(client.get(f"{path}?format=csv&points=5"), 422, "invalid_query")
    assert_problem(client.get(f"{path}?format=csv&seeds=true"), 422, "invalid_query")
    assert_problem(client.get("/experiments/nobody?format=csv"), 404, "not_found")
