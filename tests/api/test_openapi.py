"""The OpenAPI document is whole, and what it promises holds for whatever is sent."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from schemathesis import Case, GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.http.links import NAMED_BY
from bn.architecture.presets import PRESETS
from jobs.lifecycle.job import Job
from jobs.spec.document import JobSpec

EXPERIMENT = {"base": {"data": {"dataset": "synthetic"}}, "variants": {"with BN": {"batch_norm": True}}, "seeds": 2}
ANY_HEALTH = list(HealthCheck)

WANTING = ("/compare", "/ensemble", "/model", "/mistakes")
"""What a thing that was just made does not have yet."""

PATHS = {
    "/jobs": {"get", "post"},
    "/jobs/validate": {"post"},
    "/jobs/{job_id}": {"get", "patch", "delete"},
    "/jobs/{job_id}/cancel": {"post"},
    "/jobs/{job_id}/pause": {"post"},
    "/jobs/{job_id}/resume": {"post"},
    "/jobs/{job_id}/retry": {"post"},
    "/jobs/{job_id}/predict": {"post"},
    "/jobs/{job_id}/mistakes": {"get"},
    "/series": {"get"},
    "/stream": {"get"},
    "/jobs/{job_id}/metrics": {"get"},
    "/jobs/{job_id}/activations": {"get"},
    "/jobs/{job_id}/diagnostics": {"get"},
    "/jobs/{job_id}/events": {"get"},
    "/jobs/{job_id}/findings": {"get"},
    "/jobs/{job_id}/model": {"get"},
    "/experiments": {"get", "post"},
    "/experiments/{experiment_id}": {"get", "delete"},
    "/experiments/{experiment_id}/compare": {"get"},
    "/experiments/{experiment_id}/ensemble": {"get"},
    "/experiments/{experiment_id}/cancel": {"post"},
    "/experiments/{experiment_id}/seeds": {"post"},
    "/architectures": {"get"},
    "/datasets": {"get"},
    "/datasets/{name}": {"put", "get", "delete"},
    "/workers": {"get"},
    "/metrics": {"get"},
    "/storage": {"get"},
    "/session": {"post", "delete"},
    "/session/codes": {"post"},
    "/healthz": {"get"},
    "/readyz": {"get"},
}


@pytest.fixture
def document(client: httpx.Client) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/openapi.json").json()
    return answer


def references(part: Any) -> set[str]:
    """Everything that is referred to anywhere in a document."""
    if isinstance(part, dict):
        here = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return here.union(*map(references, part.values()))
    return set().union(*map(references, part)) if isinstance(part, list) else set()


def of(document: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """The operations of a path."""
    return list(document["paths"][path].values())


def resolved(answer: Any, pointer: str) -> Any:
    """What a JSON pointer points at."""
    for part in pointer.split("/")[1:]:
        answer = answer[int(part)] if isinstance(answer, list) else answer[part]
    return answer


def test_every_route_is_documented(document: dict[str, Any]) -> None:
    assert {path: set(operations) for path, operations in document["paths"].items()} == PATHS
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["description"]
            assert {"4XX", "5XX"} <= operation["responses"].keys()


def test_everything_that_is_referred_to_is_there(document: dict[str, Any]) -> None:
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= schemas


def test_the_body_is_the_specification_in_full(document: dict[str, Any]) -> None:
    body = document["paths"]["/jobs"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/JobSpec"}
    fields = document["components"]["schemas"]["JobSpec"]["properties"]
    assert fields.keys() == JobSpec.model_fields.keys()
    assert fields["architecture"]["anyOf"][0]["enum"] == list(PRESETS)


def test_every_operation_on_a_thing_is_linked_from_what_makes_it_and_what_lists_it(document: dict[str, Any]) -> None:
    for thing, many in (("job_id", "/jobs"), ("experiment_id", "/experiments")):
        operations = (each for path, methods in PATHS.items() if f"{{{thing}}}" in path for each in of(document, path))
        wanted = {operation["operationId"] for operation in operations}
        for method, status in (("post", "202"), ("get", "200")):
            links = document["paths"][many][method]["responses"][status]["links"].values()
            assert wanted <= {link["operationId"] for link in links}
    streams = document["paths"]["/stream"]["get"]["operationId"]
    assert f"{streams} of /id" in document["paths"]["/jobs"]["post"]["responses"]["202"]["links"]


def test_links_lead_to_what_is_there(client: httpx.Client, document: dict[str, Any], finished: Job) -> None:
    of_id = {operation["operationId"]: path for path in PATHS for operation in of(document, path)}
    client.post(f"/jobs/{client.post('/jobs', json={}).json()['id']}/cancel").raise_for_status()
    experiment = client.post("/experiments", json=EXPERIMENT).json()["id"]
    followed = 0
    for method, path, status in NAMED_BY:
        url = path.format(job_id=client.get("/jobs?status=cancelled").json()["jobs"][0]["id"], experiment_id=experiment)
        body = {"/jobs": {}, "/experiments": EXPERIMENT}.get(path) if method == "post" else None
        answer = client.request(method, url, json=body) if body is not None else client.request(method, url)
        assert answer.status_code == int(status)
        for link in document["paths"][path][method]["responses"][status]["links"].values():
            ((name, expression),) = link["parameters"].items()
            found = resolved(answer.json(), expression.removeprefix("$response.body#"))
            target = of_id[link["operationId"]]
            if "get" in PATHS[target] and "{" in target and not target.endswith(WANTING):
                assert client.get(target.format(**{name: found})).status_code == 200
                followed += 1
    assert followed > 20
    assert client.get(f"/jobs/{finished.id}").status_code == 200


def test_every_document_has_examples_which_can_be_sent(client: httpx.Client, document: dict[str, Any]) -> None:
    experiment = client.post("/experiments", json=EXPERIMENT).json()["id"]
    job = client.post("/jobs", json={}).json()["id"]
    bodies = {
        (method, path): operation["requestBody"]["content"]["application/json"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    assert {at for at, body in bodies.items() if not body.get("examples")} == set()
    for (method, path), body in bodies.items():
        if path.endswith("/predict"):  # inputs fit one network or another, and this job has none yet
            continue
        for example in body["examples"].values():
            url = path.format(experiment_id=experiment, job_id=job)
            answer = client.request(method, url, json=example["value"])
            assert answer.is_success, answer.text


def test_the_example_of_an_experiment_is_the_first_one_of_the_documentation(document: dict[str, Any]) -> None:
    body = document["paths"]["/experiments"]["post"]["requestBody"]["content"]["application/json"]
    file = Path(__file__).parents[2] / "examples" / "questions" / "does-it-help.json"
    assert json.loads(file.read_text()) in [example["value"] for example in body["examples"].values()]


@pytest.fixture
def described(client: httpx.Client, finished: Job) -> BaseSchema:
    """The document with the job of the paths given, so that what is behind its id is reached."""
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "job_id" and not path.endswith("/cancel"):
                    parameter["schema"] = {"enum": [finished.id, "nobody"]}
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=str(client.base_url))
    # Without a worker it is not ready, and says so as it should.
    return schema.exclude(path="/readyz")


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_document_holds_for_whatever_is_sent(described: BaseSchema, mode: GenerationMode) -> None:
    """What fits the schemas is answered as documented, and what does not is refused."""
    for found in described.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr] # what it cannot read fails here, as it should
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @examples(max_examples=10, derandomize=True, database=None, suppress_health_check=ANY_HEALTH)
        def holds(case: Case[Any]) -> None:
            # No schema can say which layers fit each other, or that `from` is not past `to`.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        holds()
