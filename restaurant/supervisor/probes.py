"""Questions to a process: can you do your work?"""

import http.client
import socket
from contextlib import closing

import grpc
from django.conf import settings
from grpc_health.v1 import health_pb2, health_pb2_grpc

from restaurant import grpc_tls
from restaurant.supervisor.ports import split

TIMEOUT = 1.0


def answers_http(host: str, port: int, path: str) -> bool:
    """Tell whether a GET is answered by 200."""
    with closing(http.client.HTTPConnection(host, port, timeout=TIMEOUT)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def answers_grpc_health(address: str) -> bool:
    """Tell whether a gRPC server's health service says SERVING."""
    # Alone on its machine, auth's certificate is often signed by itself.
    authority = settings.AUTH_GRPC_CA or settings.AUTH_GRPC_CERTIFICATE
    with grpc_tls.open_channel(address, authority=authority) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=TIMEOUT
            )
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def answers_redis(address: str) -> bool:
    """Tell whether a Redis-compatible server answers a PING."""
    try:
        with socket.create_connection(split(address), timeout=TIMEOUT) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
