"""The gRPC server: the auth service, with health and reflection beside it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from django.conf import settings
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from auth_grpc.servicer import AuthServicer
from proto import auth_pb2, auth_pb2_grpc
from restaurant import grpc_tls
from restaurant.logs.calls import Bind
from restaurant.monitor.needs import Needs, database

SERVICE = auth_pb2.DESCRIPTOR.services_by_name["AuthService"].full_name
# Clients come to know of servers that were added when they connect anew: within this time.
CONNECTION_AGE_SECONDS = 30
OPTIONS = [
    # A second server on the same port must fail, not share its calls.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", 64 * 1024),
    # Clients ask each 30 s whether the connection lives, between calls too.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # A call at hand keeps its connection for some seconds more.
    ("grpc.max_connection_age_ms", CONNECTION_AGE_SECONDS * 1000),
    ("grpc.max_connection_age_grace_ms", 10_000),
]
# How often it is looked whether the user database answers.
LOOK_SECONDS = 2.0


class Server:
    """Serves from `start` until `drain`. Its health service says NOT_SERVING without a database."""

    def __init__(self, listen: str) -> None:
        """Take the address, `host:port`; port 0 takes a free one. Raises `OSError` if taken."""
        self.needs = Needs([database("default")])
        self._health = health.HealthServicer()
        self._draining = threading.Event()
        self._pool = ThreadPoolExecutor(settings.AUTH_GRPC_THREADS, thread_name_prefix="grpc")
        self._server = grpc.server(self._pool, interceptors=[Bind()], options=OPTIONS)
        auth_pb2_grpc.add_AuthServiceServicer_to_server(AuthServicer(), self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        self.address = f"{listen.rpartition(':')[0]}:{self._bind(listen)}"

    def start(self) -> None:
        self._server.start()
        self._say(health_pb2.HealthCheckResponse.SERVING)
        threading.Thread(target=self._watch, name="auth-health", daemon=True).start()

    def stop_serving(self) -> None:
        """Tell from now on that it ends, and go on answering."""
        self._draining.set()
        self._health.enter_graceful_shutdown()

    def drain(self, seconds: float = 5.0) -> None:
        """Tell that it ends, take no new calls, and give those at hand so long to finish."""
        self.stop_serving()
        self._server.stop(seconds).wait()
        self._pool.shutdown(wait=False)

    def _watch(self) -> None:
        kind = health_pb2.HealthCheckResponse
        told = kind.SERVING
        while not self._draining.wait(LOOK_SECONDS):
            is_well = set(self.needs.look().values()) == {"ok"}
            status = kind.SERVING if is_well else kind.NOT_SERVING
            if status != told:
                # What comes after the graceful shutdown's word is not heard.
                self._say(status)
                told = status

    def _say(self, status: int) -> None:
        for name in ("", SERVICE):
            self._health.set(name, status)

    def _bind(self, listen: str) -> int:
        try:
            if credentials := grpc_tls.server_credentials():
                return self._server.add_secure_port(listen, credentials)
            return self._server.add_insecure_port(listen)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {listen}") from error
