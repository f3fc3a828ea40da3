"""Values that are good enough for a development machine, and refused outside DEBUG."""

from restaurant.environment import formats
from restaurant.environment.formats import Format, Wrong

# Django's own measure (security.W009).
SECRET_LENGTH, SECRET_VARIETY = 50, 5


def secret(default: str, *, debug: bool) -> Format[str]:
    """Take any secret under `debug`; else one that is long, and not the `default`."""

    def parse(text: str) -> str:
        if not debug:
            if text == default:
                raise Wrong("it is the development default, which everybody knows")
            if len(text) < SECRET_LENGTH or len(set(text)) < SECRET_VARIETY:
                raise ValueError
        return text

    return Format(f"{SECRET_LENGTH} or more random characters", parse)


def host(*, debug: bool) -> Format[str]:
    """Take a host's name; outside `debug` not the one that stands for all."""

    def parse(text: str) -> str:
        if text == "*" and not debug:
            raise Wrong("* lets a request say any")
        return formats.HOST.parse(text)

    return Format(formats.HOST.expected, parse)
