"""Customers: their accounts and tokens, and the patience with which they ask."""

import secrets
import threading
import time
from typing import Any

from restaurant.demo.http import Answer, Api, Unreachable

NAMES = (
    "Anna", "Ben", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas",
    "Keiko", "Luca", "Mila", "Noor", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara",
)  # fmt: skip
DOMAIN = "customers.example"
# Comes every day, and has an account before the first order.
FIRST = f"{NAMES[0].lower()}@{DOMAIN}"
PASSWORD = "a-table-for-two"  # noqa: S105 - of accounts that the demo itself makes
# How long a customer asks again when the server is away or says "later".
PATIENCE = 90.0
LONGEST_PAUSE = 5.0
# A token is renewed when this part of its life is over, before anybody refuses it.
RENEWED_AT = 0.8


class NotServed(Exception):
    """The server kept being away, or would not let the customer in."""


class Stopped(Exception):
    """The day ended while a customer was waiting."""


class Customer:
    """Somebody who registers, logs in, and stays logged in. Safe to share between threads."""

    def __init__(self, name: str, email: str, password: str, *, stop: threading.Event) -> None:
        self.name = name
        self.email = email
        self._password = password
        self._stop = stop
        self._lock = threading.Lock()
        self._access = self._refresh = ""
        self._renew_at = 0.0

    def ask(
        self,
        api: Api,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request that can be repeated, as this customer; waits out "later" and silence.

        Raises `NotServed` when patience ends, `Stopped` when the day does.
        """
        token = self.token(api)
        authorized = {**(headers or {}), "Authorization": f"Bearer {token}"}
        answer = self._patiently(api, method, path, body, authorized)
        if answer.status != 401:
            return answer
        authorized["Authorization"] = f"Bearer {self.token(api, refused=token)}"
        return self._patiently(api, method, path, body, authorized)

    def look(self, api: Api, path: str) -> dict[str, Any]:
        """Give what a GET answers. Raises `NotServed` also when it is refused, `Stopped`."""
        answer = self.ask(api, "GET", path)
        if answer.status != 200:
            raise NotServed(f"GET {path}: {answer.status} {answer.reason}")
        found: dict[str, Any] = answer.body
        return found

    def pause(self, seconds: float) -> None:
        """Raises `Stopped` when the day ends meanwhile."""
        if self._stop.wait(seconds):
            raise Stopped

    def token(self, api: Api, refused: str = "") -> str:
        """Give an access token, another than the one that was refused.

        Raises `NotServed`, `Stopped`.
        """
        with self._lock:
            if self._access == refused or time.monotonic() >= self._renew_at:
                self._renew(api)
            return self._access

    def _renew(self, api: Api) -> None:
        answer = None
        if self._refresh:
            answer = self._patiently(api, "POST", "auth/refresh/", {"refresh": self._refresh})
        if answer is None or answer.status != 200:
            answer = self._log_in(api)
        self._access, self._refresh = answer.body["access"], answer.body["refresh"]
        self._renew_at = time.monotonic() + answer.body["expires_in"] * RENEWED_AT

    def _log_in(self, api: Api) -> Answer:
        account = {"email": self.email, "password": self._password}
        registered = None
        if not self._refresh:
            # Who has an account from an earlier day is told so, and just logs in.
            registered = self._patiently(
                api, "POST", "auth/register/", {**account, "name": self.name}
            )
        answer = self._patiently(api, "POST", "auth/login/", account)
        if answer.status == 200:
            return answer
        refusal = registered if registered and registered.status != 201 else answer
        raise NotServed(f"{self.email} cannot log in: {refusal.status} {refusal.reason}")

    def _patiently(
        self,
        api: Api,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                answer = api.call(method, path, body, headers)
            except Unreachable as error:
                pause, trouble = 0.5, str(error)
            else:
                # Also 409, while the same request as sent before still runs.
                if answer.status not in (429, 503) and answer.retry_after is None:
                    return answer
                pause = answer.retry_after or 0.5
                trouble = f"{path}: {answer.status} {answer.reason}"
            if time.monotonic() > until:
                raise NotServed(trouble)
            self.pause(min(pause, LONGEST_PAUSE))


def regulars(count: int, *, stop: threading.Event) -> list[Customer]:
    """Customers of the demo restaurant: the same ones every day, with a password all may know."""
    return [
        Customer(name, f"{slug}@{DOMAIN}", PASSWORD, stop=stop)
        for name, slug in map(_named, range(count))
    ]


def strangers(count: int, *, stop: threading.Event) -> list[Customer]:
    """Customers of somebody else's system: new ones, whose passwords nobody can guess."""
    return [
        Customer(
            name,
            f"{slug}.{secrets.token_hex(4)}@{DOMAIN}",
            secrets.token_urlsafe(16),
            stop=stop,
        )
        for name, slug in map(_named, range(count))
    ]


def _named(position: int) -> tuple[str, str]:
    turn, which = divmod(position, len(NAMES))
    name = NAMES[which] + (f" {turn + 1}" if turn else "")
    return name, name.lower().replace(" ", "")
