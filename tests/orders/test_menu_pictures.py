"""Pictures of dishes: what is taken, what is made of it, how it is served and swept away."""

import io
import os
import struct
import time
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from PIL.Image import Exif

from auth_grpc.models import User
from orders.errors import PictureRefused
from orders.menu import compiled, pictures
from orders.models import MenuItem
from tests.orders.menu_admin.ground import form_of

ORIENTATION, GPS = 0x0112, 0x8825


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def file(picture: Image.Image, kind: str, **options: Any) -> io.BytesIO:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    out.seek(0)
    return out


def picture(width: int = 400, height: int = 200, mode: str = "RGB") -> Image.Image:
    made = Image.new(mode, (width, height))
    if mode == "RGB":
        made.paste((255, 0, 0), (0, 0, width // 2, height))
    return made


def opened(data: bytes) -> Any:
    return Image.open(io.BytesIO(data))


def why_not(data: bytes) -> str:
    with pytest.raises(PictureRefused) as refused:
        pictures.made_of(io.BytesIO(data))
    return str(refused.value)


def moving(kind: str) -> bytes:
    frames = [picture(8, 8), Image.new("RGB", (8, 8), "blue")]
    return file(frames[0], kind, save_all=True, append_images=frames[1:], duration=9).getvalue()


def bomb(side: int) -> bytes:
    """Give a PNG that says it has so many pixels, and has none of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


MODES = {
    "JPEG": ("RGB", "L", "1", "CMYK"),
    "PNG": ("RGB", "L", "1", "P", "RGBA", "LA", "I;16"),
    "WEBP": ("RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16"),
}


@pytest.mark.once
@pytest.mark.parametrize(
    ("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes]
)
def test_it_makes_a_picture_anew_as_webp(kind: str, mode: str) -> None:
    made = pictures.made_of(file(picture(mode=mode), kind))
    assert opened(made.large).format == opened(made.small).format == "WEBP"
    assert opened(made.large).size == (400, 200)
    assert max(opened(made.small).size) == pictures.SMALL_SIDE


@pytest.mark.once
def test_it_turns_it_upright_and_forgets_where_it_was_taken() -> None:
    exif = Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    made = opened(pictures.made_of(file(picture(), "JPEG", exif=exif)).large)
    assert made.size == (200, 400)
    # The left half of what was taken is the upper half of what is shown.
    assert made.getpixel((100, 50))[0] > 200 > 50 > made.getpixel((100, 350))[0]
    assert not made.getexif()


@pytest.mark.once
def test_it_keeps_nothing_that_stands_behind_the_pixels() -> None:
    data = file(picture(), "PNG").getvalue() + b"<script>alert(1)</script>"
    assert b"<script>" not in pictures.made_of(io.BytesIO(data)).large


@pytest.mark.once
def test_it_makes_a_large_picture_smaller() -> None:
    made = pictures.made_of(file(picture(4000, 3000), "JPEG"))
    assert opened(made.large).size == (1600, 1200)


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no JPEG, PNG or WebP"),
        (b"GIF89a", "no JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no JPEG, PNG or WebP"),
        (b"%PDF-1.7", "no JPEG, PNG or WebP"),
        (file(picture(), "GIF").getvalue(), "no JPEG, PNG or WebP"),
        (file(picture(), "TIFF").getvalue(), "no JPEG, PNG or WebP"),
        (file(picture(), "JPEG").getvalue()[:900], "damaged"),
        (file(picture(), "PNG").getvalue()[:80], "damaged"),
        (file(picture(), "WEBP").getvalue()[:60], "damaged"),
        (moving("PNG"), "moves"),
        (moving("WEBP"), "moves"),
        (bomb(100_000), "40 megapixels"),
        (bomb(7_000), "40 megapixels"),
        (bomb(5_000), "damaged"),
    ],
)
def test_it_refuses_what_is_no_picture_of_a_dish(data: bytes, told: str) -> None:
    assert told in why_not(data)


@pytest.fixture
def kept() -> str:
    return pictures.keep(pictures.made_of(file(picture(), "JPEG")))


@pytest.mark.once
class TestServing:
    def test_it_is_served_for_ever_as_what_it_is(self, client: Client, kept: str) -> None:
        for small in (False, True):
            address = pictures.url(kept, small=small)
            assert address is not None
            answer = client.get(address)
            assert answer["Content-Type"] == "image/webp"
            assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert "Content-Language" not in answer
            assert opened(answer.getvalue()).format == "WEBP"

    @pytest.mark.parametrize(
        "name",
        [
            "0" * 32 + ".webp",
            "0" * 32 + ".webp%0a",
            "../" * 9 + "etc/passwd",
            "..%2f" * 9 + "etc/passwd",
            "secret.txt",
            "",
        ],
    )
    def test_it_serves_nothing_else(self, client: Client, tmp_path: Path, name: str) -> None:
        (tmp_path / "menu").mkdir(exist_ok=True)
        (tmp_path / "menu" / "secret.txt").write_text("secret")
        assert client.get(f"/media/menu/{name}").status_code == 404

    def test_it_takes_no_post(self, client: Client, kept: str) -> None:
        assert client.post(str(pictures.url(kept))).status_code == 405


@pytest.mark.django_db(databases=["default", "orders", "kitchen", "delivery"])
@pytest.mark.usefixtures("menu")
class TestOfADish:
    @pytest.fixture
    def send(self, client: Client) -> Callable[..., Any]:
        client.force_login(User.objects.create_superuser("boss@example.com"))
        pk = MenuItem.objects.get(sku="COLA").pk

        def send(**values: Any) -> Any:
            return client.post(
                reverse("admin:orders_menuitem_change", args=[pk]), form_of("COLA") | values
            )

        return send

    def upload(self, data: bytes) -> SimpleUploadedFile:
        return SimpleUploadedFile("dish.jpg", data, "image/jpeg")

    def test_it_is_on_the_menu(self, send: Any) -> None:
        version = compiled.version()
        assert send(photo=self.upload(file(picture(), "JPEG").getvalue())).status_code == 302
        name = MenuItem.objects.get(sku="COLA").picture
        assert compiled.version() != version
        shown = Client().get("/api/v1/menu/").json()["categories"][1]["items"]
        assert shown[0]["picture"] == f"/media/menu/{name}.webp"
        assert shown[0]["thumbnail"] == f"/media/menu/{name}-small.webp"
        assert (shown[1]["picture"], shown[1]["thumbnail"]) == (None, None)
        # As a client resolves it.
        address = urljoin("http://testserver/api/v1/menu/", shown[0]["picture"])
        assert Client().get(address)["Content-Type"] == "image/webp"

    def test_saving_the_form_again_keeps_it_and_clearing_takes_it_away(self, send: Any) -> None:
        send(photo=self.upload(file(picture(), "JPEG").getvalue()))
        name = MenuItem.objects.get(sku="COLA").picture
        send()
        assert MenuItem.objects.get(sku="COLA").picture == name != ""
        send(**{"photo-clear": "on"})
        assert MenuItem.objects.get(sku="COLA").picture == ""

    @pytest.mark.parametrize(
        ("data", "told"),
        [(b"<svg/>", "no JPEG, PNG or WebP"), (b"\xff" * (6 << 20), "larger than 5 MB")],
    )
    def test_a_bad_one_is_refused_in_the_form(self, send: Any, data: bytes, told: str) -> None:
        answer = send(photo=self.upload(data))
        assert answer.status_code == 200
        assert told in answer.content.decode()
        assert MenuItem.objects.get(sku="COLA").picture == ""

    def test_an_old_one_is_swept_when_nobody_has_it_any_more(
        self, send: Any, tmp_path: Path
    ) -> None:
        send(photo=self.upload(file(picture(), "JPEG").getvalue()))
        send(photo=self.upload(file(picture(), "PNG").getvalue()))
        used = MenuItem.objects.get(sku="COLA").picture
        now = timezone.now()
        assert pictures.sweep(now=now) == 0
        for path in (tmp_path / "menu").iterdir():
            os.utime(path, (time.time() - 2 * 86400,) * 2)
        fresh = pictures.keep(pictures.made_of(file(picture(), "PNG")))
        assert pictures.sweep(now=now) == 2
        assert {p.name[:32] for p in (tmp_path / "menu").iterdir()} == {used, fresh}
        assert pictures.sweep(now=now + timedelta(days=2)) == 2
