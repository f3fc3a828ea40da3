"""What is wrong with a menu, and where."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

# The way to a part of a menu: ("categories", 0, "items", 2, "price").
Path = tuple[str | int, ...]


def path_text(path: Iterable[str | int]) -> str:
    """Write a path as `categories[0].items[2].price`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "menu"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `twin` is where what is doubled stands already."""

    path: Path
    text: str
    twin: Path | None = None

    def told(self, place_of: Callable[[Path], str] = path_text) -> str:
        """Say it with its place, as `place_of` names places."""
        twin = "" if self.twin is None else f" {place_of(self.twin)}"
        return f"{place_of(self.path)}: {self.text}{twin}"
