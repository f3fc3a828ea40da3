"""Compressing answers (RFC 9110, 8.4.1.3 and 12.5.3).

In the web process rather than in the proxy, so that it is the same wherever there is none, and
known to the answer's ETag. BREACH guesses a secret by the size of answers in which it stands beside
text of the attacker's: what holds tokens says `no-store` and is left alone, a browser adds no
bearer token by itself, and the session's cookie is not sent along by other sites' pages.
"""

import gzip

# What is shorter travels in one packet either way.
LEAST_BYTES = 1400
# Most of what there is to save, at a third of the time of the usual one.
LEVEL = 1


def takes_gzip(accepted: str) -> bool:
    """Tell whether a client takes gzip, by its `Accept-Encoding`."""
    found: dict[str, bool] = {}
    for part in accepted.lower().split(","):
        name, *parameters = (text.strip() for text in part.split(";"))
        found[name] = not any(_is_zero(parameter) for parameter in parameters)
    return found.get("gzip", found.get("x-gzip", found.get("*", False)))


def compress(content: bytes) -> bytes:
    """Compress; the same content gives the same bytes."""
    return gzip.compress(content, LEVEL, mtime=0)


def _is_zero(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and not value.strip().strip("0.")
