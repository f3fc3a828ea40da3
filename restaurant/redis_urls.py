"""Redis' URL, for all that use it: the cache, Celery's queue and the heartbeats."""

from urllib.parse import SplitResult, parse_qsl, urlencode

from restaurant.environment import formats

# Options in the URL that redis-py and kombu both know.
TLS_OPTIONS = {
    *("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"),
    *("ssl_cert_reqs", "ssl_check_hostname"),
}
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")


def numbered(url: str, database: int) -> str:
    """Give the URL of a numbered database on the server.

    By TLS, its certificate is required even where the URL does not say so: kombu would take any.
    """
    parts = formats.split_url(url, ("redis", "rediss"))
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "rediss":
        options.setdefault("ssl_cert_reqs", "required")
    return parts._replace(path=f"/{database}", query=urlencode(options)).geturl()


def _parse(text: str) -> str:
    parts = formats.split_url(text, ("redis", "rediss"))
    if parts.path.strip("/"):
        raise formats.Wrong("without a database's number: two are used, 0 and 1")
    _check_options(parts)
    return text.removesuffix("/")


def _check_options(parts: SplitResult) -> None:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if options and parts.scheme != "rediss":
        raise formats.Wrong("options are for rediss:// alone")
    if unknown := options.keys() - TLS_OPTIONS:
        raise formats.Wrong(f"unknown option {min(unknown)}")
    if options.get("ssl_cert_reqs", "required") not in ("required", "optional", "none"):
        raise formats.Wrong("ssl_cert_reqs is required, optional or none")
    for name in FILES:
        if name in options:
            formats.FILE.parse(options[name])


URL = formats.Format("redis://… or rediss://…", _parse)
