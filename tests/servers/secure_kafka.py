"""A real Kafka that demands TLS, a client's certificate, or an account, at a port for each."""

from tests.servers.certificates import Authority
from tests.servers.ports import free_port
from tests.servers.real_kafka import RealKafka

USER, PASSWORD = "restaurant", "kitchen-door-7"
MODULES = "org.apache.kafka.common.security"
SCRAM = f"{MODULES}.scram.ScramLoginModule required;"
PLAIN = f'{MODULES}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
MECHANISMS = {"SCRAM-SHA-256": SCRAM, "SCRAM-SHA-512": SCRAM, "PLAIN": PLAIN}


class SecureKafka(RealKafka):
    """`ports`: SSL (demands a certificate that the authority issued), SASL_SSL, SASL_PLAINTEXT.

    The plain port of every test broker is there too: its own, by which it is looked after.
    """

    def __init__(self, authority: Authority) -> None:
        super().__init__(
            brief=True,
            scram=[
                f"{mechanism}=[name={USER},password={PASSWORD}]"
                for mechanism in MECHANISMS
                if mechanism.startswith("SCRAM")
            ],
        )
        self.ports = {name: free_port() for name in ("SSL", "SASL_SSL", "SASL_PLAINTEXT")}
        self._authority = authority
        self._own = authority.issue("kafka", "127.0.0.1")

    def bootstrap_of(self, protocol: str) -> str:
        return f"127.0.0.1:{self.ports[protocol]}"

    def more_listeners(self) -> list[str]:
        return [f"{name}://127.0.0.1:{port}" for name, port in self.ports.items()]

    def more_settings(self) -> dict[str, str]:
        protocols = ("PLAINTEXT", *self.ports)
        return {
            "listener.security.protocol.map": ",".join(
                ["CONTROLLER:PLAINTEXT", *(f"{name}:{name}" for name in protocols)]
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self._own.together,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self._authority.file,
            "listener.name.ssl.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": ",".join(MECHANISMS),
            **{
                f"listener.name.{listener}.{mechanism.lower()}.sasl.jaas.config": module
                for listener in ("sasl_ssl", "sasl_plaintext")
                for mechanism, module in MECHANISMS.items()
            },
        }
