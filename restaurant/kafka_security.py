"""Kafka by TLS and SASL: our variables in librdkafka's words."""

from restaurant.environment import Environment

SASL = ("KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD")
TLS = ("KAFKA_CA", "KAFKA_CERTIFICATE", "KAFKA_PRIVATE_KEY")


def options(
    *,
    protocol: str,
    mechanism: str = "",
    username: str = "",
    password: str = "",
    authority: str = "",
    certificate: str = "",
    key: str = "",
) -> dict[str, str]:
    """Give librdkafka's options; `authority`, `certificate` and `key` are paths of PEM files."""
    found = {"security.protocol": protocol}
    if protocol.startswith("SASL"):
        found |= {
            "sasl.mechanism": mechanism,
            "sasl.username": username,
            "sasl.password": password,
        }
    if protocol.endswith("SSL"):
        files = {
            "ssl.ca.location": authority,
            "ssl.certificate.location": certificate,
            "ssl.key.location": key,
        }
        found |= {name: path for name, path in files.items() if path}
    return found


def require_consistent(env: Environment, protocol: str) -> None:
    """Refuse what the protocol needs and is not set, and what is set and it would not use."""
    if protocol.startswith("SASL"):
        env.require_with(["KAFKA_SECURITY_PROTOCOL"], SASL)
    unused = [] if protocol.startswith("SASL") else [*SASL, "KAFKA_SASL_MECHANISM"]
    unused += [] if protocol.endswith("SSL") else TLS
    for name in filter(env.is_set, unused):
        env.refuse(
            f"{name} is set, and KAFKA_SECURITY_PROTOCOL={protocol} does not use it; expected "
            f"{'SASL_SSL or SSL' if name in TLS else 'SASL_SSL or SASL_PLAINTEXT'}."
        )
