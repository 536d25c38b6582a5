"""Experiments by the SDK, against a real API."""

import pytest

from bnlab import ApiError, Client

DOCUMENT = {"base": {"data": {"dataset": "synthetic"}}, "variants": {"a": {}, "b": {"batch_norm": True}}}


def test_an_experiment_is_submitted_found_looked_at_and_deleted(client: Client) -> None:
    one = client.submit_experiment(DOCUMENT | {"name": "one"})
    two = client.submit_experiment(**DOCUMENT, name="two")
    assert [each["id"] for each in client.experiments(name="two")] == [two["id"]]
    assert [each["id"] for each in client.experiments(created_after=0)] == [two["id"], one["id"]]
    assert client.experiment(one["id"])["document"] == one["document"]
    assert len(client.add_seeds(one["id"], 1)["jobs"]) == 4
    assert [each["series"] for each in [client.compare(one["id"], "test.accuracy")]] == ["test.accuracy"]
    cancelled = client.cancel_experiment(one["id"])
    assert {job["status"] for job in cancelled["jobs"]} == {"cancelled"}
    client.delete_experiment(one["id"])
    with pytest.raises(ApiError, match="there is no experiment"):
        client.experiment(one["id"])


def test_networks_that_kept_no_probabilities_are_no_ensemble(client: Client) -> None:
    experiment = client.submit_experiment(DOCUMENT)["id"]
    with pytest.raises(ApiError) as refused:
        client.ensemble(experiment)
    assert refused.value.status in (409, 422)
