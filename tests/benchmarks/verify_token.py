"""`VerifyToken`, beside a gRPC server that does nothing."""

import subprocess
import sys

from proto import auth_pb2
from tests.benchmarks import grpc_load
from tests.benchmarks.figures import Figure, compare
from tests.benchmarks.system import System
from tests.servers.process import Child

METHOD = "/restaurant.auth.v1.AuthService/VerifyToken"
AIM = 0.7


def measure(system: System, *, runs: int, quick: bool) -> list[Figure]:
    """Ask for eight customers' tokens in turn, and an echo server with as large requests."""
    seconds = 2.0 if quick else 4.0
    system.reset()
    system.run("auth", "web")
    messages = [
        auth_pb2.VerifyTokenRequest(access=token).SerializeToString()
        for token in system.customers(8)
    ]
    system.stop("web")
    echo = Child(
        [sys.executable, "-m", "tests.benchmarks.grpc_load", "echo"],
        log=system.log("echo"),
        stdout=subprocess.PIPE,
    )
    try:
        port = int(echo.stdout.readline())
        rate = grpc_load.calls_per_second
        pair = compare(
            lambda: rate(system.auth_port, METHOD, messages, seconds),
            lambda: rate(port, grpc_load.ECHO, messages, seconds),
            runs=runs,
        )
    finally:
        echo.stop()
    return [
        Figure(
            what=f"VerifyToken, {grpc_load.THREADS} callers",
            measured=f"{pair.measured:,.0f} calls/s",
            baseline=f"bare grpcio echo: {pair.baseline:,.0f}/s",
            ratio=f"{pair.ratio:.2f}",
            aim=f"{AIM:.2f}",
            is_reached=pair.ratio >= AIM,
        )
    ]
