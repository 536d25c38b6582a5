from pathlib import Path

from jobs.findings.table import RULES

PAGE = Path(__file__).parents[3] / "docs" / "using" / "findings.md"


def test_the_page_of_the_rules_has_every_rule_as_it_is_and_no_other() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `") and line.count("|") == 6]
    assert rows == [
        f"| `{rule.name}` | {rule.question} | {threshold} | {rule.remedy} | {rule.source} |"
        for rule in RULES
        if (threshold := rule.threshold.format(bound=rule.bound))
    ]
