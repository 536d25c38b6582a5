"""What a step computes, told without tracing it; tests/worker/train/engines/test_asking.py has what changes it."""

import json

from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.spec.program import program_of


def test_it_is_plain_json_and_has_every_layer_with_what_it_holds() -> None:
    document = {"architecture": "resnet", "batch_norm": True, "data": {"dataset": "synthetic"}}
    resolved = check(json.dumps(document), in_catalogue(Settings()))
    program = program_of(resolved)
    assert json.loads(json.dumps(program))["batch"] == [60, 1, 28, 28]
    assert len(program["layers"]) == len(resolved.plan.sequence)
    (residual,) = [layer for layer in program["layers"] if layer["options"]["kind"] == "residual"][:1]
    assert [len(branch) for branch in residual["branches"]] == [2, 0]
    assert "init" not in residual["branches"][0][0]["options"]
