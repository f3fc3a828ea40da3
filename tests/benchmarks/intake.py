"""Taking orders with a token, beside PostgreSQL writing the same rows alone."""

from functools import partial

from tests.benchmarks import pgbench
from tests.benchmarks.figures import Figure, compare
from tests.benchmarks.system import ORDER, System

AIMS = {16: 0.60, 64: 0.90}


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """POST an order of two lines from 16 and from 64 clients; nothing else runs meanwhile."""
    seconds = 2.0 if quick else 5.0
    system.reset()
    system.run("auth", "web")
    tokens = system.customers(8)
    system.post("/api/v1/orders/", ORDER, token=tokens[0], expect=201)
    script = pgbench.prepare(system)
    system.place(tokens, clients=16, seconds=1)
    figures = []
    for clients, aim in AIMS.items():
        pair = compare(
            partial(_rate, system, tokens, clients, seconds),
            partial(
                pgbench.transactions_per_second, system, script, clients=clients, seconds=seconds
            ),
            runs=runs,
        )
        figures.append(
            Figure(
                what=f"Intake with JWT, {clients} clients",
                measured=f"{pair.measured:,.0f} orders/s",
                baseline=f"pgbench, the same rows: {pair.baseline:,.0f}/s",
                ratio=f"{pair.ratio:.2f}",
                aim=f"{aim:.2f}",
                is_reached=pair.ratio >= aim,
            )
        )
    return figures


def _rate(system: System, tokens: list[str], clients: int, seconds: float) -> float:
    return system.place(tokens, clients=clients, seconds=seconds).rate
