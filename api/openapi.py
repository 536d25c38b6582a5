"""Completes the OpenAPI document with what FastAPI cannot see: the job document, problems, the token, and links."""

from typing import Any

from api.access.bodies import NPY, PICTURES
from api.errors import PROBLEM_JSON
from api.http.links import add_links
from api.rows import FIELDS
from api.schemas.predictions import InputsDocument
from api.schemas.problems import Problem
from api.schemas.session import SignIn
from jobs.experiments.document import ExperimentSpec, SeedsSpec
from jobs.spec.document import JobSpec, Labels

REFERENCE = "#/components/schemas/{model}"

PROBLEM: dict[str, Any] = {
    "description": "A problem document, which says what was wrong and what to do.",
    "content": {PROBLEM_JSON: {"schema": {"$ref": REFERENCE.format(model="Problem")}}},
}
PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": PROBLEM, "5XX": PROBLEM}
"""The answers that every route may give."""

JOBS: dict[str, Any] = {
    "the paper's network, with batch normalization": {"value": {"architecture": "mlp", "batch_norm": True}},
    "another learning rate": {
        "value": {"name": "fast", "batch_norm": True, "training": {"steps": 2000, "optimizer": {"learning_rate": 0.5}}}
    },
    "layer by layer": {
        "value": {
            "architecture": {
                "layers": [
                    {"kind": "conv2d", "channels": 8, "padding": 1, "activation": "relu"},
                    {"kind": "max_pool"},
                    {"kind": "flatten"},
                    {"kind": "linear", "features": 10},
                ]
            },
            "batch_norm": {"running_decay": 0.99},
            "data": {"dataset": "synthetic"},
        }
    },
}

EXPERIMENTS: dict[str, Any] = {
    "does batch normalization help?": {
        "value": {
            "base": {"data": {"dataset": "synthetic"}, "training": {"steps": 300}},
            "variants": {"without BN": {}, "with BN": {"batch_norm": True}},
            "seeds": 3,
        }
    },
    "how large may the learning rate be?": {
        "value": {
            "base": {"data": {"dataset": "synthetic"}, "training": {"steps": 300, "on_non_finite": "continue"}},
            "variants": {"without BN": {}, "with BN": {"batch_norm": True}},
            "grid": {"/training/optimizer/learning_rate": [0.1, 1, 10]},
            "seeds": 3,
            "targets": [0.5, 0.8],
        }
    },
    "how much faster, each at its best learning rate?": {
        "value": {
            "base": {"data": {"dataset": "synthetic", "validation": 0.2}, "training": {"steps": 300}},
            "variants": {"without BN": {}, "with BN": {"batch_norm": True}},
            "grid": {"/training/optimizer/learning_rate": [0.1, 0.3, 1, 3]},
            "seeds": 8,
            "targets": ["baseline_best"],
            "primary": {"kind": "steps_to", "target": "baseline_best"},
            "tune": {"over": "/training/optimizer/learning_rate"},
            "learned": 0.3,
        }
    },
}
LABELS: dict[str, Any] = {"another name, and one tag less": {"value": {"name": "baseline", "tags": ["paper"]}}}
SEEDS: dict[str, Any] = {"two more": {"value": {"seeds": 2}}}
INPUTS: dict[str, Any] = {"two rows of features": {"value": {"inputs": [[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]}}}
CODE: dict[str, Any] = {"of a link": {"value": {"code": "aW5zaWRlIHRoZSBuZXQ"}}}


def _body_of(model: str, examples: dict[str, Any]) -> dict[str, Any]:
    """Of a route that reads a document itself, byte for byte."""
    content = {"schema": {"$ref": REFERENCE.format(model=model)}, "examples": examples}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


JOB_BODY = _body_of("JobSpec", JOBS)
EXPERIMENT_BODY = _body_of("ExperimentSpec", EXPERIMENTS)
SEEDS_BODY = _body_of("SeedsSpec", SEEDS)
LABELS_BODY = _body_of("Labels", LABELS)
FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself, as `curl -T FILE` sends it; `application/zip` and the like are taken too.",
        "content": {"application/octet-stream": FILE},
    }
}
INPUTS_BODY = _body_of("InputsDocument", INPUTS)
INPUTS_BODY["requestBody"]["content"] |= dict.fromkeys((*PICTURES, NPY), FILE)
CODE_BODY = _body_of("SignIn", CODE)

READ_HERE = (JobSpec, ExperimentSpec, SeedsSpec, Labels, SignIn, InputsDocument)
"""The documents that routes read themselves, which FastAPI does not see."""

WITH_SPEC = ("JobAnswer", "ValidatedAnswer")
"""The answers whose `spec` is such a document, resolved; it is stored as JSON and not read again to be shown."""


def complete(document: dict[str, Any]) -> None:
    """Add the schemas that are referred to, how to show the token, and what leads where."""
    components, reference = document["components"], REFERENCE.format(model="JobSpec")
    schemas = {model.__name__: model.model_json_schema(ref_template=REFERENCE) for model in READ_HERE}
    schemas["Problem"] = Problem.model_json_schema(ref_template=REFERENCE, mode="serialization")
    for name, schema in schemas.items():
        components["schemas"] |= {**schema.pop("$defs", {}), name: schema}
    for name in WITH_SPEC:
        components["schemas"][name]["properties"]["spec"] = {"$ref": reference}
    whole = components["schemas"]["JobAnswer"]["properties"]
    components["schemas"]["JobRow"]["properties"] = {name: whole[name] for name in FIELDS}
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{}, {"token": []}]
    add_links(document)
