"""Ask a process on this machine whether it is well, for containers' health checks.

    python -m restaurant.monitor.probe 9100            is it ready?
    python -m restaurant.monitor.probe 9100 /livez     would a restart help?

Prints the answer, and exits 0 where it is yes. Without Django, which would take half a second.
"""

import http.client
import sys

TIMEOUT = 4.0


def main(arguments: list[str]) -> int:
    if not (1 <= len(arguments) <= 2 and arguments[0].rpartition(":")[2].isdecimal()):
        print("usage: python -m restaurant.monitor.probe [HOST:]PORT [PATH]", file=sys.stderr)  # noqa: T201
        return 2
    host, _, port = arguments[0].rpartition(":")
    path = arguments[1] if len(arguments) == 2 else "/readyz"
    connection = http.client.HTTPConnection(host or "127.0.0.1", int(port), timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        print(f"no answer: {error}")  # noqa: T201
        return 1
    finally:
        connection.close()
    print(body)  # noqa: T201
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
