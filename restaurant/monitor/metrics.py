"""Every metric of every process, on one screen; `/metrics` on the monitor port tells them.

Names follow Prometheus: `restaurant_` before, the base unit behind. Labels have few values, all of
them ours: never a path, an id or a word of a client. Web's workers add theirs up; gauges, which
cannot be added, are looked up by the one process that knows, when it is asked.
"""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

# Seconds.
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
CALL_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
BATCH_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
# From a minute at the counter to an evening on which all goes wrong.
STATUS_BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 14400)
SIZE_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500)

# --- Web ------------------------------------------------------------------------------------------

requests = Histogram(
    "restaurant_http_request_duration_seconds",
    "Requests answered, by route template (none: no view had it) and status.",
    ["method", "route", "status"],
    buckets=REQUEST_BUCKETS,
)
orders_placed = Counter("restaurant_orders_placed", "Orders committed.")
orders_refused = Counter(
    "restaurant_orders_refused", "Requests for an order that were refused, by code.", ["code"]
)
intake_batch = Histogram(
    "restaurant_intake_batch_orders", "Orders committed together.", buckets=SIZE_BUCKETS
)
intake_commit = Histogram(
    "restaurant_intake_commit_seconds", "Time to write such a batch.", buckets=BATCH_BUCKETS
)
order_reads = Counter(
    "restaurant_order_cache_reads", "Orders asked of the cache: hit, miss or away.", ["result"]
)
token_reads = Counter(
    "restaurant_token_memory_reads", "Tokens looked up in memory: hit or miss.", ["result"]
)
requests_limited = Counter(
    "restaurant_http_requests_limited", "Requests refused by a limit, by its name.", ["limit"]
)
limits_unchecked = Counter(
    "restaurant_http_limits_unchecked", "Requests let through since Redis did not answer."
)

# --- gRPC -----------------------------------------------------------------------------------------

grpc_client_calls = Histogram(
    "restaurant_grpc_client_call_duration_seconds",
    "Calls made to auth, by method and code.",
    ["method", "code"],
    buckets=CALL_BUCKETS,
)
grpc_server_calls = Histogram(
    "restaurant_grpc_server_call_duration_seconds",
    "Calls answered by auth, by method and code.",
    ["method", "code"],
    buckets=CALL_BUCKETS,
)

# --- Workers --------------------------------------------------------------------------------------

batch_records = Histogram(
    "restaurant_consumer_batch_records", "Records handled together.", buckets=SIZE_BUCKETS
)
batch_seconds = Histogram(
    "restaurant_consumer_batch_seconds",
    "Time from having read a batch to having committed it.",
    buckets=BATCH_BUCKETS,
)
records_read = Counter("restaurant_consumer_records", "Records read, by topic.", ["topic"])
records_skipped = Counter(
    "restaurant_consumer_records_skipped", "Records of a type that nobody here reads."
)
repeats_dropped = Counter(
    "restaurant_inbox_repeats_dropped", "Records left out because they had been handled."
)
worker_waits = Counter(
    "restaurant_worker_waits", "Pauses because a database or the broker was away."
)
dead_letters = Counter("restaurant_dead_letters", "Records buried, by topic.", ["topic"])
messages_published = Counter(
    "restaurant_outbox_messages_published", "Messages that the broker has acknowledged."
)
publish_seconds = Histogram(
    "restaurant_outbox_publish_seconds",
    "Time from having read a round of the outbox to the broker's last acknowledgement.",
    buckets=BATCH_BUCKETS,
)
transitions = Counter(
    "restaurant_transitions",
    "Moves of orders, tickets and deliveries from one status to another.",
    ["what", "from", "to"],
)
time_to_status = Histogram(
    "restaurant_order_time_to_status_seconds",
    "Time from an order's placing to each status, as its customer sees it.",
    ["status"],
    buckets=STATUS_BUCKETS,
)

# --- Side work ------------------------------------------------------------------------------------

tasks = Histogram(
    "restaurant_task_duration_seconds",
    "Celery's tasks, by name and how they ended.",
    ["task", "state"],
    buckets=BATCH_BUCKETS,
)

# --- Gauges: by name, what it tells and its labels ------------------------------------------------

# Of each process, as `/readyz` and `/livez` say.
READY, LIVE = "restaurant_ready", "restaurant_live"
# Of a worker's service, told by the one worker that leads its relay.
LAG = "restaurant_consumer_lag_records"
OUTBOX = "restaurant_outbox_messages"
OUTBOX_AGE = "restaurant_outbox_oldest_age_seconds"
CAPTURED = "restaurant_outbox_captured"
TIMERS_DUE = "restaurant_timers_due"
TIMERS_LATE = "restaurant_timers_lateness_seconds"
LETTERS = "restaurant_dead_letters_waiting"
STREAMS = "restaurant_live_streams"
STREAMS_DROPPED = "restaurant_live_streams_dropped"
GAUGES: dict[str, tuple[str, list[str]]] = {
    READY: ("1 where the process can do its work, as /readyz says.", []),
    LIVE: ("0 where a restart would help, as /livez says.", []),
    LAG: ("Records that the service has yet to read, by topic.", ["topic"]),
    OUTBOX: ("Messages not published yet; counted to 100,000.", []),
    OUTBOX_AGE: ("Age of the oldest of them; 0 without any.", []),
    CAPTURED: ("0 where Debezium should read the outbox, and does not; else 1.", []),
    TIMERS_DUE: ("Timers due and not done; counted to 100,000.", []),
    TIMERS_LATE: ("How late the latest of them is; 0 without any.", []),
    LETTERS: ("Dead letters for which nobody has decided.", []),
    STREAMS: ("Live streams open in this process.", []),
    STREAMS_DROPPED: ("Live streams cut off since it began, for they took nothing.", []),
}
# A gauge's name, its labels' values, and its value.
Sample = tuple[str, tuple[str, ...], float]


class Gauges(Collector):
    """Gauges that are looked up when `/metrics` is asked for."""

    def __init__(self, look: Callable[[], Iterable[Sample]]) -> None:
        self._look = look

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, labels, value in self._look():
            if name not in families:
                families[name] = GaugeMetricFamily(name, GAUGES[name][0], labels=GAUGES[name][1])
            families[name].add_metric(labels, value)
        yield from families.values()

    def describe(self) -> list[GaugeMetricFamily]:
        """Say nothing: registered, it is not to be looked up."""
        return []


def register(look: Callable[[], Iterable[Sample]]) -> Gauges:
    """Have this process tell of these; gives what `REGISTRY.unregister` takes."""
    gauges = Gauges(look)
    REGISTRY.register(gauges)
    return gauges
