"""Where the embedded servers of a running `manage.py up` listen."""

import json
import os
from pathlib import Path

FILE_NAME = "embedded.json"


def addresses(var_dir: Path) -> dict[str, str]:
    """Read the settings that a running `up` has written down; none when there is no such file."""
    try:
        found = json.loads((var_dir / FILE_NAME).read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in found.items()}


def write_addresses(var_dir: Path, found: dict[str, str]) -> None:
    """Write them down whole, or not at all: readers may come at any moment."""
    temporary = var_dir / f"{FILE_NAME}.{os.getpid()}"
    temporary.write_text(json.dumps(found, indent=2) + "\n")
    temporary.replace(var_dir / FILE_NAME)


def forget_addresses(var_dir: Path) -> None:
    (var_dir / FILE_NAME).unlink(missing_ok=True)
