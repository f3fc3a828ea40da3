"""Run a command that ends when its starter does, however the starter ended.

    python lifeline.py COMMAND [ARGUMENT ...]

Standard input must be the read end of a pipe whose write end the starter alone holds, and the
process must lead its own process group. The kernel closes the pipe even when the starter is killed
with -9; a watcher in the group sees that and ends the whole group. The command takes this process's
place, so its id, its signals and its exit code are its own.

Run by path: importing the project would cost each start of a child half a second.
"""

import os
import signal
import sys
import time

# Seconds between asking the group to end and killing it.
GRACE = 3.0


def main(command: list[str]) -> None:
    if os.getpgrp() != os.getpid():
        sys.exit("lifeline: must lead a process group; it would end its starter's")
    # The watcher is a grandchild, so that the command never meets a child it did not start.
    if (between := os.fork()) == 0:
        if os.fork() == 0:
            watch(os.getpgrp())
        os._exit(0)
    os.waitpid(between, 0)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the starter's own command
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


def watch(group: int) -> None:
    """Wait for the starter's end, then end the group, this process included."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # A watcher that kept the output open would hide that the command has closed it.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    while os.read(0, 1024):
        pass
    os.killpg(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while is_alive(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
