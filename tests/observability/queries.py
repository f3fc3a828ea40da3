"""What Prometheus and Grafana ask, read from their files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
OBSERVABILITY = ROOT / "docker" / "observability"
DASHBOARDS = sorted((OBSERVABILITY / "grafana" / "dashboards").glob("*.json"))
# Grafana fills it in by the width of the picture.
RATE_INTERVAL = "$__rate_interval"


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboards() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in DASHBOARDS]


def panels_asking() -> Iterator[tuple[str, str]]:
    """Give each query of a dashboard, and the panel it is of."""
    for board in dashboards():
        for panel in board["panels"]:
            for target in panel["targets"]:
                expression = target["expr"].replace(RATE_INTERVAL, "1m")
                yield f"{board['title']}: {panel['title']}", expression


def metrics_of(expression: str) -> set[str]:
    """Name the metrics of ours, and of the process, in an expression."""
    return set(re.findall(r"\b(?:restaurant|process)_\w+", re.sub(r'"[^"]*"', "", expression)))


def asked() -> set[str]:
    """Name every metric that an alert or a dashboard asks for."""
    expressions = [*(a["expr"] for a in alerts()), *(e for _, e in panels_asking())]
    return set().union(*map(metrics_of, expressions))
