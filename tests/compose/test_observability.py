"""Prometheus beside the stack finds every process, and none of its alerts fires."""

import json
import re
from typing import Any
from urllib.request import urlopen

from tests.compose.stack import SERVICES, Stack
from tests.servers.wait import wait_until

# Two looks at the figures, and a rule's: anything wrong by itself would be told by then.
SECONDS = 60


def test_it_reads_the_figures_of_every_container(stack: Stack):
    stack.compose("--profile", "observability", "up", "--detach", "--wait", "prometheus")
    try:
        expected = {service: len(stack.containers(service)) for service in SERVICES}
        wait_until(lambda: up(stack) == expected, seconds=SECONDS, every=1)
        wait_until(
            lambda: all(rule["health"] == "ok" for rule in rules(stack)), seconds=SECONDS, every=1
        )
        assert [rule["name"] for rule in rules(stack) if rule.get("state") == "firing"] == []
    finally:
        stack.compose("--profile", "observability", "rm", "--stop", "--force", "prometheus")


def up(stack: Stack) -> dict[str, int]:
    """Count the containers that answer, by the names of their services."""
    return query(stack, "sum by (job) (up)")


def query(stack: Stack, expression: str) -> dict[str, int]:
    """Ask Prometheus; gives a value by the job that it is of."""
    told = stack.execute(
        *("prometheus", "promtool", "query", "instant", "http://localhost:9090", expression)
    )
    found = re.findall(r'^\{(?:job="(\w+)")?\} => (\d+)', told, re.MULTILINE)
    return {job: int(value) for job, value in found}


def rules(stack: Stack) -> list[dict[str, Any]]:
    """Give the rules that Prometheus has read, each with how it found it at its last look."""
    with urlopen(f"http://127.0.0.1:{stack.prometheus_port}/api/v1/rules", timeout=10) as answer:
        found = [rule for group in json.load(answer)["data"]["groups"] for rule in group["rules"]]
    assert found
    return found
