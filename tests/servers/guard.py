"""Runs a server that must not outlive its starter, on Linux and macOS.

    python guard.py --signal INT --user nobody --remove DIRECTORY -- command ...

When standard input ends (its starter closed it, or died) the command is stopped by the signal, and
killed where it does not obey within ten seconds; then the directory is removed. SIGUSR1 kills the
command at once, and reaps it: a zombie's process id would pass for a server that still runs.
"""

import argparse
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 10
PR_SET_PDEATHSIG = 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--signal", default="TERM")
    parser.add_argument("--user")
    parser.add_argument("--remove")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    # Ctrl-C in a terminal and the like are the starter's to decide on.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    child = subprocess.Popen(
        options.command, stdin=subprocess.DEVNULL, user=options.user, preexec_fn=_prepare
    )
    signal.signal(signal.SIGUSR1, lambda _number, _frame: child.kill())
    stop = signal.Signals[f"SIG{options.signal}"]
    asked = threading.Event()
    threading.Thread(target=_end_with_starter, args=(child, stop, asked), daemon=True).start()
    code = child.wait()
    # What ended by itself leaves its log to be read.
    if options.remove and asked.is_set():
        shutil.rmtree(options.remove, ignore_errors=True)
    return code


def _prepare() -> None:
    """In the child: obey signals again, and, on Linux, die with a guard that is killed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_with_starter(
    child: "subprocess.Popen[bytes]", stop: signal.Signals, asked: threading.Event
) -> None:
    while os.read(0, 1024):
        pass
    asked.set()
    child.send_signal(stop)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_SECONDS)
    child.kill()


if __name__ == "__main__":
    sys.exit(main())
