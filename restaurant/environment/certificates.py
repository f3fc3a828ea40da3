"""Files of certificates and private keys (PEM), looked into when a process starts.

What reads them later would say no more than that a connection failed.
"""

import ssl

from restaurant.environment import formats


def _authorities(text: str) -> str:
    formats.FILE.parse(text)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(text)
    except ssl.SSLError as error:
        raise formats.Wrong("it holds no certificate") from error
    return text


def _password() -> str:
    # Without this, OpenSSL would ask for an encrypted key's password at the terminal.
    return ""


def check_pair(certificate: str, key: str) -> None:
    """Raise `Wrong` unless the files hold a certificate (with its chain) and its own key."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, _password)
    except ssl.SSLError as error:
        raise formats.Wrong(error.reason or "unreadable") from error


AUTHORITIES = formats.Format("the path of a PEM file with certificates", _authorities)
