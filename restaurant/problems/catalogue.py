"""Every error that the API answers with, in one table: the page `/problems/`, `docs/reference/
errors.md` and the answers themselves are made from it.

A code is for programs and stays the same for ever.
"""

from dataclasses import dataclass
from http import HTTPStatus

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Kind:
    """One problem type (RFC 9457).

    `title` names it, `meaning` explains it, and `advice`, with which every answer's `detail` ends,
    says what to do. Title and advice are also told in the reader's language.
    """

    code: str
    status: int
    title: str
    meaning: str
    advice: str

    @property
    def type(self) -> str:
        """The problem type's address, on this host: it leads to its explanation."""
        return f"/problems/{self.code}/"


class UnlistedCode(KeyError):
    """An error has a code that the catalogue lacks."""


KINDS = (
    # --- What was sent cannot be read ---
    Kind(
        "bad_request",
        400,
        _("The request cannot be read"),
        "The host, the path, a header or the query is not one that this server reads: a host that"
        " it does not know, broken encoding, or more parameters than anybody needs.",
        _("Look at the request's address and headers; the same request will fail again."),
    ),
    Kind(
        "malformed",
        400,
        _("The body is not JSON"),
        "The body could not be parsed. `detail` says where.",
        _("Send one JSON object in UTF-8."),
    ),
    Kind(
        "invalid",
        400,
        _("Some of what was sent is not valid"),
        "The request was read, and parts of it cannot be taken. `errors` names each: a part of the"
        " body by `pointer` (RFC 6901), a query parameter by `parameter`.",
        _("Correct what `errors` names, and send it again."),
    ),
    Kind(
        "unknown_parameter",
        400,
        _("There is no such query parameter"),
        "The address has a query parameter that this operation does not know. It is refused, since"
        " a filter that is misspelt would otherwise show everything.",
        _("Leave out what `errors` names, or correct its name."),
    ),
    Kind(
        "repeated_parameter",
        400,
        _("A query parameter stands there twice"),
        "A query parameter that takes one value was given several.",
        _("Give it once."),
    ),
    Kind(
        "bad_cursor",
        400,
        _("The cursor is none of this list's"),
        "`cursor` is opaque: it is part of the links `next` and `previous`, and is not made by"
        " clients.",
        _("Follow the links of a page, or begin again without `cursor`."),
    ),
    Kind(
        "bad_idempotency_key",
        400,
        _("The Idempotency-Key cannot be taken"),
        "An Idempotency-Key has 1 to 200 visible ASCII characters, in double quotes or plain, and"
        " then without a comma: two such headers are joined by one.",
        _("Send a UUID, for example."),
    ),
    # --- Who asks, and what they may ---
    Kind(
        "not_authenticated",
        401,
        _("Nobody is signed in"),
        "The request brings neither an access token nor a session.",
        _("Log in, and send the access token as `Authorization: Bearer …`."),
    ),
    Kind(
        "session_needed",
        401,
        _("No session of the staff site came along"),
        "The streams of the staff's boards take the session's cookie alone, and no access token.",
        _("Log in to the staff site; a device reads the API's lists again and again instead."),
    ),
    Kind(
        "invalid_token",
        401,
        _("The token is not valid"),
        "The access token has expired, was revoked, or is none.",
        _("Get a new one: refresh the session, or log in."),
    ),
    Kind(
        "invalid_refresh_token",
        401,
        _("The refresh token is not valid"),
        "The refresh token has expired, was revoked, was spent before, or is none.",
        _("Log in again."),
    ),
    Kind(
        "wrong_credentials",
        401,
        _("The e-mail or the password is wrong"),
        "No account has this e-mail and this password. Which of them is wrong is not told.",
        _("Check both; after many failures, logins are refused for a while."),
    ),
    Kind(
        "code_needed",
        401,
        _("A code of the second factor is needed"),
        "The e-mail and the password are right, and the account has a second factor, or has to have"
        " one, as staff may.",
        _(
            "Log in with `code`: six digits of the app, or a recovery code."
            " Who has none yet sets it up on the staff site."
        ),
    ),
    Kind(
        "wrong_code",
        401,
        _("The code of the second factor is wrong"),
        "The code is wrong, too old, or was used before.",
        _("Log in with the code that the app shows now."),
    ),
    Kind(
        "permission_denied",
        403,
        _("This is not allowed"),
        "Who asks is known, and may not do this.",
        _("Ask as somebody who may, or ask a manager for the role."),
    ),
    Kind(
        "csrf_failed",
        403,
        _("The token of the page is missing or wrong"),
        "What changes something came with a session's cookie, and without what shows that a page of"
        " ours has sent it.",
        _("Send the cookie `csrftoken` as `X-CSRFToken` too, or an access token in place of both."),
    ),
    Kind(
        "not_a_courier",
        403,
        _("The account is no courier's"),
        "The account has the role courier, and is entered on no courier's page.",
        _("Have dispatch enter your account's e-mail on your courier page."),
    ),
    Kind(
        "origin_denied",
        403,
        _("Pages of this origin may not listen"),
        "A page of another site has asked for a board's stream, or to follow an order.",
        _("Listen from the restaurant's own pages."),
    ),
    # --- What is asked for ---
    Kind(
        "not_found",
        404,
        _("There is nothing at this address"),
        "The path is not one of the API's, or what it names does not exist, or is not for who asks:"
        " which of these is not told.",
        _("Check the path, which ends with a slash, and the id in it."),
    ),
    Kind(
        "method_not_allowed",
        405,
        _("The address does not take this method"),
        "The path exists, and the method is not for it.",
        _("Use a method that the header `Allow` names."),
    ),
    Kind(
        "not_acceptable",
        406,
        _("There is no answer of the accepted kind"),
        "`Accept` names no media type that this operation answers with.",
        _("Accept `application/json`."),
    ),
    Kind(
        "order_ended",
        409,
        _("The order has ended"),
        "What was asked can be done only while the order is on its way.",
        _("Read the order to see what became of it."),
    ),
    *(
        Kind(
            f"ticket_not_{status}",
            409,
            title,
            f"What was asked can be done only with a ticket that is {status}.",
            _("Read the ticket again, and show it as it is."),
        )
        for status, title in (
            ("queued", _("The ticket is not queued")),
            ("cooking", _("The ticket is not cooking")),
            ("done", _("The ticket is not done")),
            ("cancelled", _("The ticket is not cancelled")),
        )
    ),
    Kind(
        "station_full",
        409,
        _("The station has no room"),
        "The station cooks as many tickets at once as its capacity allows.",
        _("Bump a ticket that cooks there, or wait."),
    ),
    Kind(
        "order_cooked",
        409,
        _("The order is cooked"),
        "Its last ticket is done, and delivery knows of it. No ticket can be recalled, and the"
        " order cannot be cancelled.",
        _("Nothing of it can be recalled or cancelled any more."),
    ),
    *(
        Kind(
            f"delivery_not_{status}",
            409,
            title,
            f"What was asked can be done only with a delivery that is {status.replace('_', ' ')}.",
            _("Read the delivery again, and show it as it is."),
        )
        for status, title in (
            ("assigned", _("The delivery is not assigned")),
            ("out_for_delivery", _("The delivery is not out for delivery")),
        )
    ),
    Kind(
        "idempotency_key_in_use",
        409,
        _("The first request with this Idempotency-Key still runs"),
        "The same key came before, and what it asked for is not answered yet.",
        _("Send it again in a moment."),
    ),
    Kind(
        "email_taken",
        409,
        _("The e-mail has an account already"),
        "An account was registered with this e-mail before.",
        _("Log in, or register with another."),
    ),
    Kind(
        "length_required",
        411,
        _("The body does not say how long it is"),
        "A request with a body must have `Content-Length`: chunked ones are not taken.",
        _("Send it whole, with `Content-Length`."),
    ),
    Kind(
        "precondition_failed",
        412,
        _("It is not the version that If-Match names"),
        "The request has `If-Match`, and none of its tags is the present version's. What is POSTed"
        " to has no version, so that none ever is. Nothing was done.",
        _("Read it again and decide anew; where nothing can be read, leave `If-Match` out."),
    ),
    Kind(
        "body_too_large",
        413,
        _("The body is too large"),
        "A body may have 64 KiB.",
        _("Send less at once: at most 64 KiB."),
    ),
    Kind(
        "uri_too_long",
        414,
        _("The address is too long"),
        "The path and the query together may have 64 KiB.",
        _("Ask for less at once."),
    ),
    Kind(
        "unsupported_media_type",
        415,
        _("The body is not said to be JSON"),
        "Bodies are JSON, and `Content-Type` has to say so.",
        _("Send it with `Content-Type: application/json`."),
    ),
    Kind(
        "unsupported_encoding",
        415,
        _("The body is compressed"),
        "Bodies are taken as they are: `Content-Encoding` may name no `gzip` or other coding.",
        _("Send the body as it is, without `Content-Encoding`."),
    ),
    Kind(
        "too_many_headers",
        431,
        _("There are too many headers"),
        "A request may have about a hundred.",
        _("Send fewer."),
    ),
    Kind(
        "idempotency_key_reused",
        422,
        _("The Idempotency-Key belongs to another request"),
        "The same key came before, with another body. Nothing was done this time.",
        _("Take a new key for a new request, and the old body for a repeat."),
    ),
    # --- Not now ---
    Kind(
        "throttled",
        429,
        _("Too many requests"),
        "There were more requests, or more failed logins, than one may send in this time.",
        _("Wait for as many seconds as `Retry-After` says."),
    ),
    Kind(
        "too_slow",
        408,
        _("The request took too long to arrive"),
        "A request has ten seconds to arrive whole.",
        _("Send it again, all at once."),
    ),
    Kind(
        "too_many_connections",
        429,
        _("Too many connections from one address"),
        "One address may have 500 connections open at a time.",
        _("Keep fewer connections, and use each for many requests."),
    ),
    Kind(
        "too_many_streams",
        429,
        _("Too many streams and waits of one user"),
        "One user may have so many streams and long polls at once (20 by default).",
        _("Close one, or wait until one ends."),
    ),
    Kind(
        "internal_server_error",
        500,
        _("The server has failed"),
        "This is a fault of the server, which has written it down under the `request_id`.",
        _("Try again; if it fails again, report the `request_id`."),
    ),
    Kind(
        "unavailable",
        503,
        _("The service is out of reach"),
        "Something that the request needs does not answer just now. What changes something was done"
        " whole or not at all.",
        _("Send it again after `Retry-After` seconds, with the same Idempotency-Key."),
    ),
    Kind(
        "auth_unavailable",
        503,
        _("Accounts are out of reach"),
        "The service that knows the accounts does not answer in time. A token that was seen lately"
        " is taken without it.",
        _(
            "Send it again after `Retry-After` seconds, with the same Idempotency-Key."
            " An access token stays valid; a refresh token may be spent: without a key, log in."
        ),
    ),
    Kind(
        "stopping",
        503,
        _("The server is about to stop"),
        "The process ends, often to be replaced by a newer one.",
        _("Connect again after `Retry-After` seconds."),
    ),
)
CATALOGUE = {kind.code: kind for kind in KINDS}
# What is told where nothing more is known than the status.
_GENERAL = {
    CATALOGUE[code].status: CATALOGUE[code]
    for code in (
        *("bad_request", "not_authenticated", "permission_denied", "not_found"),
        *("method_not_allowed", "not_acceptable", "length_required", "precondition_failed"),
        *("body_too_large", "uri_too_long", "unsupported_media_type", "too_many_headers"),
        "throttled",
        *("internal_server_error", "unavailable"),
    )
}


def listed(code: str) -> Kind:
    """Give a code's entry. Raises `UnlistedCode`."""
    try:
        return CATALOGUE[code]
    except KeyError:
        raise UnlistedCode(code) from None


def general(status: int) -> Kind:
    """Give what is told of a status where nothing more is known.

    Of a status that has no such kind, whether the fault is the client's or the server's.
    """
    is_clients = status < HTTPStatus.INTERNAL_SERVER_ERROR
    return _GENERAL.get(status) or _GENERAL[400 if is_clients else 500]
