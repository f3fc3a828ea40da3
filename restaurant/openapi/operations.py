"""How the schema tells of an operation."""

from drf_spectacular.openapi import AutoSchema

from restaurant.openapi import deprecation


class Operation(AutoSchema):
    """Reads a docstring as PEP 257 has it: the first paragraph is the summary."""

    def get_summary(self) -> str | None:
        return " ".join(self._told()[0].split()).removesuffix(".") or None

    def get_description(self) -> str:  # type: ignore[override]
        return self._told()[1]

    def is_deprecated(self) -> bool:
        return deprecation.of(self.view) is not None

    def _told(self) -> tuple[str, str]:
        first, _, rest = super().get_description().partition("\n\n")
        return first, rest
