"""Metrics in Prometheus' text format."""

from prometheus_client import REGISTRY, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from restaurant.monitor.metrics import Gauges
from restaurant.monitor.server import Views, condition


def own() -> bytes:
    """Give those of this process, which is one by itself."""
    return generate_latest(REGISTRY)


def of_workers(directory: str, views: Views) -> bytes:
    """Give the sums over all that ever counted in this directory, those that have died included."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]
    ProcessCollector(registry=registry)
    registry.register(Gauges(lambda: condition(views)))
    return generate_latest(registry)
