"""The board and the alerts name what the server gives, and nothing else; and the alerts come when they are due."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.routes.test_metrics import LABELS
from tests.support.requirements import require_any

FOLDER = Path(__file__).parent.parent / "deploy" / "grafana"
OF_PROMETHEUS = {"job", "instance", "le"}  # labels that it adds, or that histograms have
SELECTOR = re.compile(r"(bnlab_\w+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\b(?:by|on) \(([^)]*)\)")
LEGEND = re.compile(r"\{\{(\w+)\}\}")
RULE = re.compile(r"- alert: (\w+)\n +expr: (.+?)\n +(?:for|labels):", re.DOTALL)
VARIABLES = {"$__rate_interval": "5m", "$instance": "a"}


def promtool(*arguments: str, cwd: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    """What promtool says, by its exit code and in words."""
    program = require_any("promtool")
    return subprocess.run([program, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "board.json").read_text())
    return found


def targets() -> Iterator[tuple[str, str]]:
    """Every query of the board, with what its lines are called."""
    for panel in board()["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"], target["legendFormat"]


ALERTS: dict[str, str] = dict(RULE.findall((FOLDER / "alerts.yml").read_text()))
"""By name what each asks for."""

EXPRESSIONS = [*(expr for expr, _ in targets()), *ALERTS.values()]


def wrong_in(expr: str) -> set[str]:
    """What a query names that the server does not give: metrics, and labels of those that it names."""
    selected = SELECTOR.findall(expr)
    unknown = {name for name, _ in selected if name not in LABELS}
    there = OF_PROMETHEUS.union(*(LABELS.get(name, set()) for name, _ in selected))
    for name, matchers in selected:
        used = {matcher.group(1) for matcher in re.finditer(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)}
        unknown |= used - LABELS.get(name, set()) - OF_PROMETHEUS
    grouped = {label.strip() for labels in GROUPED.findall(expr) for label in labels.split(",")}
    return unknown | (grouped - there)


def test_everything_that_board_and_alerts_name_is_given() -> None:
    assert len(EXPRESSIONS) > 25
    assert {expr: wrong for expr in EXPRESSIONS if (wrong := wrong_in(expr))} == {}
    for expr, legend in targets():
        there = set[str]().union(*(LABELS[name] for name, _ in SELECTOR.findall(expr)))
        assert set(LEGEND.findall(legend)) <= there


@pytest.mark.parametrize(
    ("expr", "wrong"),
    [
        ("bnlab_job", {"bnlab_job"}),
        ('sum(bnlab_jobs{state="queued"})', {"state"}),
        ("sum by (state) (bnlab_jobs)", {"state"}),
        ('sum by (le) (bnlab_http_request_seconds_bucket{instance="a"})', set()),
    ],
)
def test_a_name_that_is_not_given_is_seen(expr: str, wrong: set[str]) -> None:
    assert wrong_in(expr) == wrong


def test_every_metric_is_on_the_board() -> None:
    shown = {name for expr, _ in targets() for name, _ in SELECTOR.findall(expr)}
    assert set(LABELS) - shown == {"bnlab_http_request_seconds_sum"}


def test_the_board_can_be_imported_and_no_panel_lies_on_another() -> None:
    found = board()
    assert [variable["name"] for variable in found["templating"]["list"]] == ["datasource", "instance"]
    ids = [panel["id"] for panel in found["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in found["panels"]):
        cells = {(place["x"] + i, place["y"] + j) for i in range(place["w"]) for j in range(place["h"])}
        assert max(x for x, _ in cells) < 24
        assert not taken & cells
        taken |= cells


def test_prometheus_understands_every_query_of_the_board(tmp_path: Path) -> None:
    asked = [expr for expr, _ in targets()]
    for variable, value in VARIABLES.items():
        asked = [expr.replace(variable, value) for expr in asked]
    recorded = [{"record": f"panel:{i}", "expr": expr} for i, expr in enumerate(asked)]
    (tmp_path / "board.yml").write_text(json.dumps({"groups": [{"name": "board", "rules": recorded}]}))
    checked = promtool("check", "rules", "board.yml", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr


def test_there_are_five_alerts_which_prometheus_understands() -> None:
    assert len(ALERTS) == 5
    checked = promtool("check", "rules", "alerts.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "5 rules found" in checked.stdout


def test_the_alerts_come_when_they_are_due() -> None:
    tested = (FOLDER / "alerts_test.yml").read_text()
    assert set(ALERTS) == set(re.findall(r"alertname: (\w+)", tested))
    checked = promtool("test", "rules", "alerts_test.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(("right", "wrong"), [("> 600", "> 60"), ("== 0", "== 5"), ("< 0.1", "< 0.05"), ("> 4", "> 2")])
def test_an_alert_with_another_bound_does_not_pass(tmp_path: Path, right: str, wrong: str) -> None:
    for name in ("alerts.yml", "alerts_test.yml"):
        (tmp_path / name).write_text((FOLDER / name).read_text())
    changed = (tmp_path / "alerts.yml").read_text().replace(right, wrong)
    (tmp_path / "alerts.yml").write_text(changed)
    assert promtool("test", "rules", "alerts_test.yml", cwd=tmp_path).returncode != 0


def test_the_page_explains_every_metric_and_every_alert() -> None:
    page = (FOLDER.parent.parent / "docs" / "running" / "monitoring.md").read_text()
    named = set(re.findall(r"`(bnlab_\w+)", page))
    assert named == {re.sub("_(bucket|sum|count)$", "", name) for name in LABELS}
    assert set(ALERTS) == set(re.findall(r"`(Bnlab\w+)`", page))
