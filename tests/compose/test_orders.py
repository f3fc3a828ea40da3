"""Orders through the whole stack."""

from tests.compose.figures import Figures
from tests.compose.ordering import ordering
from tests.compose.stack import Stack
from tests.servers.wait import wait_until


def test_it_delivers_five_hundred_orders_at_fifty_a_second(stack: Stack, figures: Figures):
    with ordering(stack, orders=500, rate=50) as demo:
        while demo.is_running():
            figures.see_load(stack.memory())
    summary = demo.summary()
    ended = [summary[name] for name in ("delivered", "cancelled", "rejected", "failed")]
    assert summary["placed"] == sum(ended) == 500
    assert summary["audit"] == "clean"


def test_it_shares_the_partitions_among_kitchens(stack: Stack, figures: Figures):
    stack.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "kitchen=3")
    try:
        wait_until(lambda: sorted(partitions_of_kitchens(stack)) == [4, 4, 4], seconds=60, every=1)
        with ordering(stack, orders=150, rate=50) as demo:
            pass
        assert demo.summary()["audit"] == "clean"
    finally:
        stack.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "kitchen=1")


def test_its_watchdog_looks_after_them(stack: Stack):
    """Beat, which knows auth's database alone, has celery look into all."""

    def has_looked() -> bool:
        told = stack.compose("logs", "--no-log-prefix", "celery").splitlines()
        ended = [line for line in told if '"task_done"' in line and "tasks.watchdog" in line]
        return any('"SUCCESS"' in line for line in ended)

    wait_until(has_looked, seconds=120, every=2)


def partitions_of_kitchens(stack: Stack) -> list[int]:
    """Give how many partitions of the orders each kitchen reads; none while Kafka cannot say."""
    told = stack.execute(
        *("kafka", "/opt/kafka/bin/kafka-consumer-groups.sh", "--bootstrap-server"),
        *("localhost:9092", "--describe", "--group", "kitchen", "--timeout", "30000"),
        expect=None,
    )
    rows = [line.split() for line in told.splitlines() if " order_created " in f" {line} "]
    members = [row[6] for row in rows]
    return [members.count(member) for member in set(members)]
