"""Import and export of the menu on the staff site."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orders.models import MenuItem, MenuUpload, PriceChange, TrailEntry
from tests.orders.menu_admin.ground import LIST, person, person_less
from tests.orders.test_menu import stored

pytestmark = [
    pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"]),
    pytest.mark.usefixtures("menu"),
]


class TestExchange:
    IMPORT = f"{LIST}import/"

    def export(self, client: Client, kind: str) -> bytes:
        answer = client.get(f"{LIST}export/{kind}/")
        assert answer.status_code == 200
        assert f".{kind}" in answer["Content-Disposition"]
        return answer.content

    def upload(self, client: Client, data: bytes, name: str = "menu.csv") -> Any:
        file = SimpleUploadedFile(name, data)
        return client.post(self.IMPORT, {"file": file}, follow=True)

    @pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml", "json"])
    def test_an_export_imported_again_changes_nothing(self, client: Client, kind: str) -> None:
        answer = self.upload(client, self.export(client, kind), f"menu.{kind}")
        assert "Nothing to do" in answer.content.decode()

    def test_it_shows_what_would_change_and_then_changes_it(self, client: Client) -> None:
        before = stored()
        data = self.export(client, "csv").replace(b",9.50,", b",8.00,").replace(b"Water", b"Still")
        shown = self.upload(client, data)
        assert stored() == before
        assert shown.context["prices"] == [{"label": "MARGHERITA", "old": "9.50", "new": "8.00"}]
        assert shown.context["changes"].changed == [
            "MARGHERITA: price 9.50 → 8.00",
            "WATER: name Water → Still",
        ]
        sent = {"upload": shown.context["upload"].pk, "expected": shown.context["changes"].digest}
        assert client.post(self.IMPORT, sent)["Location"] == LIST
        assert MenuItem.objects.get(sku="MARGHERITA").price == 8
        assert PriceChange.objects.get(via="import").by == "boss@example.com"
        assert (
            TrailEntry.objects.filter(action="import_menu", actor="boss@example.com").count() == 2
        )
        assert not MenuUpload.objects.exists()

    def test_it_asks_again_when_something_else_would_change(self, client: Client) -> None:
        shown = self.upload(client, self.export(client, "csv").replace(b",9.50,", b",8.00,"))
        sent = {"upload": shown.context["upload"].pk, "expected": shown.context["changes"].digest}
        MenuItem.objects.filter(sku="MARGHERITA").update(price=7)
        before = stored()
        answer = client.post(self.IMPORT, sent, follow=True)
        assert "The menu has changed meanwhile" in answer.content.decode()
        assert answer.context["prices"] == [{"label": "MARGHERITA", "old": "7.00", "new": "8.00"}]
        assert stored() == before

    def test_a_bad_file_changes_nothing_and_says_where(self, client: Client) -> None:
        before = stored()
        data = self.export(client, "csv").replace(b",9.50,", b",-9.50,").replace(b"Cola", b"=1+1")
        page = self.upload(client, data).content.decode()
        assert "row 2, price: " in page
        assert "row 8, name: begins like a formula" in page
        assert (stored(), MenuUpload.objects.count()) == (before, 0)

    def test_a_file_that_is_too_large_is_not_kept(self, client: Client) -> None:
        answer = self.upload(client, b"x" * (6 << 20))
        assert "The file is larger than 5 MB." in answer.content.decode()

    def test_nobody_brings_about_what_another_uploaded(self, client: Client) -> None:
        shown = self.upload(client, self.export(client, "csv").replace(b",9.50,", b",8.00,"))
        sent = {"upload": shown.context["upload"].pk, "expected": shown.context["changes"].digest}
        other = person("view_menuitem", "change_menuitem")
        before = stored()
        assert other.post(self.IMPORT, sent)["Location"] == self.IMPORT
        assert other.get(f"{self.IMPORT}?upload=no-uuid").status_code == 302
        assert stored() == before

    def test_adding_and_removing_take_their_own_permissions(self, client: Client) -> None:
        data = self.export(client, "csv").replace(b"COLA", b"PEPSI")
        other = person("view_menuitem", "change_menuitem")
        shown = self.upload(other, data)
        assert shown.context["lacking"] == [
            "You may not add to the menu.",
            "You may not remove anything from the menu.",
        ]
        sent = {"upload": shown.context["upload"].pk, "expected": shown.context["changes"].digest}
        before = stored()
        assert other.post(self.IMPORT, sent).status_code == 403
        assert stored() == before

    def test_export_takes_the_right_to_look_and_import_that_to_change(self) -> None:
        reader = person("view_menuitem")
        assert reader.get(f"{LIST}export/csv/").status_code == 200
        assert reader.get(self.IMPORT).status_code == 403
        assert self.upload(reader, b"x").status_code == 403
        reader.logout()
        assert reader.get(f"{LIST}export/csv/").status_code == 302

    def test_who_may_see_nothing_exports_nothing(self) -> None:
        for kind in ("csv", "xlsx", "yaml", "json"):
            assert person_less().get(f"{LIST}export/{kind}/").status_code == 403
