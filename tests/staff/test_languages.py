"""The staff site in Russian."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation.template import templatize

import restaurant.urls  # noqa: F401 - has the site look for its pages
from auth_grpc.errors import OwnAccount
from auth_grpc.models import User
from delivery.errors import Overtaken
from kitchen.errors import StationFull
from restaurant.admin_parts.messages import AlreadyDecided
from restaurant.told import Told
from tests.staff import rows

MARKS = {"_", "gettext", "gettext_lazy", "ngettext"}
STAFFS = {"admin", "models", "errors", "services", "admin_parts", "staff", "board", "boards"}
APPS = ("restaurant", "auth_grpc", "orders", "kitchen", "delivery")
# What Django makes of a template's marked texts, for xgettext to find.
CALL = re.compile(r"""\b(n?gettext|_)\((u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")""")
CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "ru" / "LC_MESSAGES" / "django.mo"


def marked(*, staff_only: bool = False) -> Iterator[str]:
    """Give every text that the code marks for translation, or those that pages for staff show."""
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            if staff_only and not STAFFS & {path.stem, path.parent.name}:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _name(node.func) in MARKS:
                    text = node.args[0]
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield text.value


def in_templates() -> Iterator[str]:
    """Give every text that templates mark; all of them are for people."""
    for app in APPS:
        # Mails are text files.
        files = (
            path for end in ("html", "txt") for path in (settings.BASE_DIR / app).rglob(f"*.{end}")
        )
        for path in files:
            for _how, text in CALL.findall(templatize(path.read_text())):
                yield ast.literal_eval(text)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """Leave the thread the language that it had: a request in the test's own thread sets it."""
    with translation.override("en"):
        yield


def known() -> set[str]:
    with CATALOGUE.open("rb") as file:
        texts = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key[0] if isinstance(key, tuple) else key for key in texts}


@pytest.mark.once
def test_it_has_a_translation_of_every_text_that_staff_see() -> None:
    assert sorted({*marked(staff_only=True), *in_templates()} - known()) == []


@pytest.mark.once
def test_it_keeps_no_translation_of_what_is_gone() -> None:
    assert sorted(known() - {*marked(), *in_templates(), ""}) == []


def refusals(of: type[Told]) -> Iterator[type[Told]]:
    """Give what may be raised as one of these: a base that others stand on is not."""
    if not of.__subclasses__():
        yield of
    for kind in of.__subclasses__():
        yield from refusals(kind)


@pytest.mark.once
def test_it_has_words_of_its_own_for_everything_that_a_deed_is_refused_for() -> None:
    deeds = [deed for page in admin.site._registry.values() for deed in getattr(page, "deeds", ())]
    asked = [deed.refusal if isinstance(deed.refusal, tuple) else (deed.refusal,) for deed in deeds]
    kinds = {kind for bases in asked for base in bases for kind in refusals(base)}
    assert {StationFull, Overtaken, OwnAccount, AlreadyDecided} <= kinds
    english = {kind: str(kind.text) for kind in kinds}
    with translation.override("ru"):
        wordless = [kind for kind in kinds if english[kind] == str(kind.text)]
    assert wordless == []
    # Each says something else than the base does.
    assert [kind for kind in kinds if kind.text is Told.text] == []


@pytest.mark.once
def test_it_has_compiled_what_is_written() -> None:
    written = CATALOGUE.with_suffix(".po").read_text()
    with CATALOGUE.open("rb") as file:
        texts = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    for key, text in texts.items():
        if key:
            assert f'"{text}"'.replace("\n", "\\n") in written, key


@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
def test_it_speaks_russian_to_those_who_read_it(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    ticket = rows.ticket(1)
    client.post(reverse("set_language"), {"language": "ru"})
    page = client.get(reverse("admin:kitchen_ticket_change", args=[ticket.pk])).content.decode()
    assert "Начать" in page
    assert "в очереди" in page
    assert "Недоставленные сообщения" in page
