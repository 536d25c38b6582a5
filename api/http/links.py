"""Links: from a page to the next; in the OpenAPI document, from answers that name a thing to what takes its name."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request

JOB, EXPERIMENT = "job_id", "experiment_id"

NAMED_BY = {
    ("post", "/jobs", "202"): {JOB: "/id"},
    ("get", "/jobs", "200"): {JOB: "/jobs/0/id"},
    ("post", "/jobs/{job_id}/retry", "202"): {JOB: "/id"},
    ("post", "/experiments", "202"): {EXPERIMENT: "/id", JOB: "/jobs/0/id"},
    ("get", "/experiments", "200"): {EXPERIMENT: "/experiments/0/id"},
    ("get", "/experiments/{experiment_id}", "200"): {JOB: "/jobs/0/id"},
}
"""Where in the answer of an operation the id of a job or an experiment stands, as a JSON pointer."""

LISTED = {JOB: "jobs"}  # what takes several ids takes one


def add_links(document: dict[str, Any]) -> None:
    """Link each answer that names a thing with each operation on it."""
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    for (method, path, status), ids in NAMED_BY.items():
        document["paths"][path][method]["responses"][status]["links"] = {
            f"{operation['operationId']} of {pointer}": {
                "operationId": operation["operationId"],
                "parameters": {parameter: f"$response.body#{pointer}"},
            }
            for thing, pointer in ids.items()
            for operation in operations
            if (parameter := _taken(operation, thing)) is not None
        }


def next_page(request: Request, cursor: str | None) -> dict[str, str]:
    """The header that links a page of a list to the next one (RFC 8288): relative, wherever a proxy has the list."""
    if cursor is None:
        return {}
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'<?{urlencode([*asked, ("cursor", cursor)])}>; rel="next"'}


def _taken(operation: dict[str, Any], thing: str) -> str | None:
    """The parameter of an operation that an id goes into."""
    names = [parameter["name"] for parameter in operation.get("parameters", ())]
    return next((name for name in (thing, LISTED.get(thing)) if name in names), None)
