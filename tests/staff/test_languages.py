"""The staff site in Russian."""

import ast
import gettext
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import django.contrib.admin
import django_celery_beat
import pytest
import unfold
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission
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
from restaurant.admin_parts.rights import name_of
from restaurant.staff import borrowed
from restaurant.told import Told
from tests.staff import rows

MARKS = {"_", "gettext", "gettext_lazy", "ngettext"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
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
            yield from _marked_in(ast.parse(path.read_text()))


def _marked_in(code: ast.AST) -> Iterator[str]:
    for node in ast.walk(code):
        if not isinstance(node, ast.Call) or _name(node.func) not in (*MARKS, *IN_CONTEXT):
            continue
        # A catalogue keeps a text of a context under both, with EOT between.
        count = 2 if _name(node.func) in IN_CONTEXT else 1
        texts = [part.value for part in node.args[:count] if isinstance(part, ast.Constant)]
        if len(texts) == count and all(isinstance(text, str) for text in texts):
            yield "\x04".join(map(str, texts))


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


def said_by(*packages: ModuleType) -> set[str]:
    """Give every text that libraries mark for translation, with a template's names as in code."""
    found = set()
    for package in packages:
        for path in Path(package.__path__[0]).rglob("*"):
            if path.suffix == ".py":
                found |= set(_marked_in(ast.parse(path.read_text())))
            elif path.suffix in (".html", ".txt"):
                texts = CALL.findall(templatize(path.read_text()))
                found |= {ast.literal_eval(text) for _how, text in texts}
    return found


@pytest.mark.once
@pytest.mark.django_db
def test_it_borrows_no_text_that_a_library_does_not_say() -> None:
    said = said_by(unfold, django_celery_beat, django.contrib.admin)
    assert sorted({*borrowed.UNFOLD, *borrowed.CELERY_BEAT, *borrowed.DJANGO} - said) == []
    rights = Permission.objects.values_list("name", flat=True)
    assert sorted({*borrowed.RIGHTS} - {*rights}) == []


class Texts(HTMLParser):
    """What a page shows: its texts, and those that its attributes say."""

    SAID = ("title", "aria-label", "placeholder", "alt")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in self.SAID and value}

    def handle_data(self, data: str) -> None:
        self.found.add(" ".join(data.split()))


@pytest.mark.once
@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
def test_it_leaves_no_text_of_a_library_in_english(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ru"
    english = {text for text in said_by(unfold, django_celery_beat) if text.isascii()}
    # The languages' own names, and what is the same in both.
    english -= {"English", "Crontab"}
    left = {}
    for label, make in rows.ROWS.items():
        row, name = make(0), label.lower().replace(".", "_")
        for page, args in (("changelist", []), ("change", [row.pk]), ("add", [])):
            address = reverse(f"admin:{name}_{page}", args=args)
            shown = Texts(client.get(address).content.decode()).found
            if found := sorted(shown & english):
                left[address] = found
    assert left == {}


@pytest.mark.once
@pytest.mark.django_db
def test_it_names_rights_as_their_reader_does() -> None:
    with translation.override("ru"):
        names = [name_of(right) for right in Permission.objects.select_related("content_type")]
    assert len(names) > 100
    assert [name for name in names if "Can " in name] == []
    assert len(names) == len(set(names))
    assert "Заказы | Может просматривать: заказ" in names
    assert "Персонал | Может видеть, исправен ли конвейер" in names


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
            quoted = text.replace('"', '\\"').replace("\n", "\\n")
            assert f'"{quoted}"' in written, key


@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
def test_it_speaks_russian_to_those_who_read_it(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss@example.com"))
    ticket = rows.ticket(1)
    client.post(reverse("set_language"), {"language": "ru"})
    page = client.get(reverse("admin:kitchen_ticket_change", args=[ticket.pk])).content.decode()
    assert "Начать" in page
    assert "в очереди" in page
    assert "Недоставленные сообщения" in page
