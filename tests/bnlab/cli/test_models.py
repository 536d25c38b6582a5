"""`bnlab model`, against a served API."""

import json
from pathlib import Path

from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support.command_line import bnlab
from tests.support.trained_jobs import trained


def test_a_trained_network_is_written_into_a_file(
    url: str, database: Database, settings: Settings, tmp_path: Path
) -> None:
    job_id, file = trained(database, settings).job.id, tmp_path / "model.onnx"
    done = bnlab("model", job_id[-6:], "-o", str(file), "--folded", "--preprocess", "--json", url=url)
    assert json.loads(done.stdout) == {"job": job_id, "step": 2, "file": str(file)}
    assert file.stat().st_size > 0
    refused = bnlab("model", job_id, "-o", str(file), "--checkpoint", "best", url=url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "evaluation.keep" in refused.stderr
