"""What experiments answer."""

import httpx

from tests.api.test_experiments import submitted


def test_an_experiment_was_created_at_the_same_date_in_every_answer(client: httpx.Client) -> None:
    experiment = submitted(client)
    (summary,) = client.get("/experiments").json()["experiments"]
    looked_at = client.get(f"/experiments/{experiment['id']}").json()
    assert experiment["created"] == summary["created"] == looked_at["created"]
    assert experiment["created"].endswith("Z")
