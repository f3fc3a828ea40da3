"""What a run of these tests measured, as lines to read."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Figures:
    """Seconds by what took them, bytes by image, MiB of memory by container."""

    seconds: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    at_rest: dict[str, float] = field(default_factory=dict)
    under_load: dict[str, float] = field(default_factory=dict)

    def see_load(self, memory: dict[str, float]) -> None:
        """Keep the most of each container."""
        for name, used in memory.items():
            self.under_load[name] = max(used, self.under_load.get(name, 0.0))

    def lines(self) -> Iterator[str]:
        yield ""
        for what, seconds in self.seconds.items():
            yield f"{what:<40} {seconds:8.1f} s"
        for name, size in self.bytes.items():
            yield f"{'image ' + name:<40} {size / 1e6:8.0f} MB"
        if self.at_rest:
            yield f"{'memory, MiB':<40} {'at rest':>8} {'under load':>12}"
        for name, used in sorted(self.at_rest.items()):
            yield f"{name:<40} {used:8.0f} {self.under_load.get(name, 0.0):12.0f}"
        if self.at_rest:
            yield (
                f"{'together':<40} {sum(self.at_rest.values()):8.0f} "
                f"{sum(self.under_load.values()):12.0f}"
            )
