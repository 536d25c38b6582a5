"""What is wrong with a training, as an answer."""

from typing import Any

from jobs.findings.gathering import gather
from jobs.findings.table import RULES, Found, findings
from jobs.series.read.reader import Series, View, answer_from


def report(series: Series) -> dict[str, Any]:
    """A job's findings as far as it has recorded, and the rules that were asked. Raises NotFound, DamagedObject."""

    def answer(view: View) -> dict[str, Any]:
        manifest = view.manifest
        return {
            "job": series.job.id,
            "status": str(manifest.status),
            "attempt": manifest.attempt,
            "watermark": manifest.watermark,
            "findings": [_told(found) for found in findings(gather(series.job.resolved, view))],
            "rules": [rule.name for rule in RULES],
        }

    return answer_from(series, answer)


def _told(found: Found) -> dict[str, Any]:
    rule, finding = found.rule, found.finding
    return {
        "rule": rule.name,
        "sentence": finding.sentence,
        "layer": finding.layer,
        "step": finding.step,
        "question": rule.question,
        "threshold": rule.threshold.format(bound=rule.bound),
        "remedy": rule.remedy,
    }
