"""What an import did or, run dry, would do."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from orders.models import MenuItem, Option, OptionGroup


class Difference(NamedTuple):
    """A field that became another, as text."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """What became of one row: `kind` is "add", "change" or "delete", `model` as "menuitem"."""

    kind: str
    model: str
    label: str
    differences: Sequence[Difference] = ()

    def __str__(self) -> str:
        told = ", ".join(f"{d.field} {d.old} → {d.new}" for d in self.differences)
        return f"{self.label}: {told}" if told else self.label


@dataclass
class Changes:
    """What became of all rows, in the order of the menu."""

    rows: list[Change] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def add(self, row: Any) -> None:
        self._note("add", row)

    def change(self, row: Any, differences: Sequence[Difference]) -> None:
        self._note("change", row, differences)

    def remove(self, row: Any) -> None:
        self._note("delete", row)

    def of(self, kind: str) -> list[Change]:
        return [row for row in self.rows if row.kind == kind]

    @property
    def added(self) -> list[str]:
        return [str(row) for row in self.of("add")]

    @property
    def changed(self) -> list[str]:
        return [str(row) for row in self.of("change")]

    @property
    def removed(self) -> list[str]:
        return [str(row) for row in self.of("delete")]

    @property
    def permissions(self) -> set[str]:
        """Name what it takes to make these changes by hand, as "orders.delete_option"."""
        return {f"orders.{row.kind}_{row.model}" for row in self.rows}

    @property
    def digest(self) -> str:
        """Name exactly these changes: others have another name."""
        told = json.dumps([asdict(row) for row in self.rows])
        return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _note(self, kind: str, row: Any, differences: Sequence[Difference] = ()) -> None:
        self.rows.append(Change(kind, row._meta.model_name, label_of(row), tuple(differences)))


def label_of(row: Any) -> str:
    """Name a row of the menu by what a file knows it by."""
    if isinstance(row, Option):
        return f"{label_of(row.group)} / {row.sku}"
    if isinstance(row, OptionGroup):
        return f"{row.item.sku} / {row.name}"
    return str(row.sku if isinstance(row, MenuItem) else row.name)
