"""Processes with an environment of their own: nothing of this one's but where programs are."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MANAGE = (sys.executable, "manage.py")
CELERY = (sys.executable, "-m", "celery", "-A", "restaurant")
# Process → the command that an operator starts it by.
COMMANDS: dict[str, Sequence[str]] = {
    "web": (*MANAGE, "run_web"),
    "live": (*MANAGE, "run_live"),
    "auth": (*MANAGE, "run_auth"),
    "orders": (*MANAGE, "run_orders"),
    "kitchen": (*MANAGE, "run_kitchen"),
    "delivery": (*MANAGE, "run_delivery"),
    "celery": (*CELERY, "worker"),
    "beat": (*CELERY, "beat"),
}
SECRET = "kxJ4vq8Zr2Wm6Tn0Lb5Yd9Hc3Fg7Ps1Ua4Ei8Ro2Xt6Mw0Qz5Vb"


def environment(**variables: str) -> dict[str, str]:
    """Give an environment of these variables alone."""
    return {"PATH": os.environ["PATH"], **variables}


def problems_in(output: str) -> list[str]:
    """Give what a process outside DEBUG tells that is wrong with its variables."""
    told = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line["problem"] for line in told if line["event"] == "misconfigured"]


def run(command: Sequence[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command that is expected to end by itself, soon."""
    return subprocess.run(
        command, cwd=ROOT, env=dict(env), capture_output=True, text=True, timeout=120
    )
