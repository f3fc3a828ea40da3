"""Prometheus' and Grafana's files: what they say is well formed, and means what it should."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from restaurant.heartbeat import PROCESSES
from tests.observability.queries import (
    DASHBOARDS,
    OBSERVABILITY,
    ROOT,
    alerts,
    dashboards,
    metrics_of,
    panels_asking,
)

pytestmark = pytest.mark.once
HANDBOOK = (ROOT / "docs" / "operations.md").read_text()


def promtool(*arguments: str | Path) -> str:
    """Run promtool; gives what it said, when it found nothing wrong."""
    done = subprocess.run(
        ["promtool", *map(str, arguments)], cwd=OBSERVABILITY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.promtool
def test_prometheus_takes_its_configuration_and_rules() -> None:
    said = promtool("check", "config", "prometheus.yml")
    assert f"{len(alerts())} rules found" in said


@pytest.mark.promtool
def test_each_alert_fires_when_it_should_and_not_otherwise() -> None:
    promtool("test", "rules", "alerts_test.yml")


def test_each_alert_is_tried_both_ways() -> None:
    tried = yaml.safe_load((OBSERVABILITY / "alerts_test.yml").read_text())["tests"]
    outcomes = [
        (t["alertname"], bool(t["exp_alerts"])) for x in tried for t in x["alert_rule_test"]
    ]
    names = [alert["alert"] for alert in alerts()]
    assert sorted(outcomes) == sorted((name, fires) for name in names for fires in (True, False))


@pytest.mark.promtool
def test_each_query_of_a_dashboard_can_be_asked(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression}
        for number, (_, expression) in enumerate(panels_asking())
    ]
    assert len(rules) > 40
    asking = tmp_path / "queries.yml"
    asking.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    promtool("check", "rules", asking)


@pytest.mark.parametrize("alert", alerts(), ids=lambda a: a["alert"])
def test_each_alert_says_what_is_wrong_and_what_to_do(alert: dict[str, dict[str, str]]) -> None:
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert alert["annotations"]["summary"].endswith(".")
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert page == "docs/operations.md"
    runbook = HANDBOOK.partition("\n## Runbook\n")[2].partition("\n## ")[0]
    # Of a heading, its address is its words in small letters.
    assert anchor in [name.lower() for name in re.findall(r"^### (\w+)$", runbook, re.MULTILINE)]


def test_the_runbook_has_no_alert_that_is_none() -> None:
    runbook = HANDBOOK.partition("\n## Runbook\n")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\w+)$", runbook, re.MULTILINE) == [a["alert"] for a in alerts()]


def test_prometheus_scrapes_every_process() -> None:
    configuration = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())
    ours, proxy = (job["dns_sd_configs"][0]["names"] for job in configuration["scrape_configs"])
    assert sorted(ours) == sorted(PROCESSES)
    assert proxy == ["proxy"]


def test_grafana_finds_its_dashboards() -> None:
    provisioning = OBSERVABILITY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ]
    assert len(DASHBOARDS) == 3
    uids = [board["uid"] for board in dashboards()]
    assert uids == [path.stem for path in DASHBOARDS]
    for path in DASHBOARDS:
        assert set(re.findall(r'"uid": "(prometheus)"', path.read_text())) == {source["uid"]}


@pytest.mark.parametrize("board", dashboards(), ids=lambda b: b["title"])
def test_no_panel_lies_over_another(board: dict[str, list[dict[str, dict[str, int]]]]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not taken & cells
        taken |= cells
    assert len({json.dumps(panel["id"]) for panel in board["panels"]}) == len(board["panels"])


def test_each_query_asks_for_something() -> None:
    for panel, expression in panels_asking():
        assert metrics_of(expression) or "up" in expression, panel
