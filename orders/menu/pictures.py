"""Pictures of dishes: checked, made anew, kept in Django's storage under names never used twice.

Nothing of an uploaded file is kept but what its pixels show: it is decoded, turned upright, made
small enough and encoded as WebP. A name stands for one content for ever, so that browsers may keep
it. A picture that was replaced stays for a day, for those who still have the menu that names it.
"""

import re
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import IO, NamedTuple
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from orders.errors import PictureRefused
from orders.models import MenuItem

FOLDER = "menu"
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
# The longest side of the picture, and of its thumbnail.
SIDE, SMALL_SIDE = 1600, 320
QUALITY = 82
FILE_NAME = re.compile(r"([0-9a-f]{32})(-small)?\.webp")
LEFT_ALONE = timedelta(days=1)


class Picture(NamedTuple):
    """A picture made anew: its files' content."""

    large: bytes
    small: bytes


def made_of(file: IO[bytes]) -> Picture:
    """Make a picture of an uploaded file. Raises `PictureRefused` with what is wrong with it."""
    picture = _upright(file)
    large = _encoded(picture)
    picture.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Picture(large, _encoded(picture))


def keep(picture: Picture) -> str:
    """Store a picture's files, and give its name."""
    name = uuid4().hex
    default_storage.save(_path(name, small=False), ContentFile(picture.large))
    default_storage.save(_path(name, small=True), ContentFile(picture.small))
    return name


def urls_of(name: str) -> dict[str, str | None]:
    """Give the URLs of a picture and its thumbnail; None of no name."""
    return {"picture": url(name), "thumbnail": url(name, small=True)}


def url(name: str, *, small: bool = False) -> str | None:
    """Give a picture's URL, None of no name."""
    return default_storage.url(_path(name, small=small)) if name else None


def sweep(*, now: datetime) -> int:
    """Delete the files of pictures that no dish has had for a day; gives how many. `now` is UTC.

    A file as young may belong to an edit that is not committed yet.
    """
    old = [file for file in _files() if _age(file, now) > LEFT_ALONE]
    # Asked after the files were listed: what is named later is younger.
    used = set(MenuItem.objects.exclude(picture="").values_list("picture", flat=True))
    gone = [file for file in old if _name_of(file) not in used]
    for file in gone:
        default_storage.delete(f"{FOLDER}/{file}")
    return len(gone)


def _path(name: str, *, small: bool) -> str:
    return f"{FOLDER}/{name}{'-small' if small else ''}.webp"


def _files() -> Iterator[str]:
    if default_storage.exists(FOLDER):
        yield from filter(FILE_NAME.fullmatch, default_storage.listdir(FOLDER)[1])


def _name_of(file: str) -> str:
    return file.removesuffix(".webp").removesuffix("-small")


def _age(file: str, now: datetime) -> timedelta:
    return now - default_storage.get_modified_time(f"{FOLDER}/{file}")


def _upright(file: IO[bytes]) -> Image.Image:
    with warnings.catch_warnings():
        # Its own limit on pixels only warns; the one below refuses.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            picture = Image.open(file, formats=FORMATS)
            _check(picture)
            # A JPEG is decoded no larger than it needs to be.
            picture.draft("RGB", (SIDE, SIDE))
            return _plain(picture)
        except UnidentifiedImageError as error:
            raise PictureRefused(_("This is no JPEG, PNG or WebP picture.")) from error
        except Image.DecompressionBombError as error:
            raise PictureRefused(_too_large()) from error
        except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
            raise PictureRefused(_("The picture is damaged: it cannot be read whole.")) from error


def _check(picture: Image.Image) -> None:
    """Refuse by what the file's head says, before a pixel is decoded."""
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureRefused(_too_large())
    # A telephone's JPEG may carry more pictures behind the one that is meant (MPO).
    if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
        raise PictureRefused(_("The picture moves; it must be a still one."))


def _too_large() -> str:
    return _("The picture has more than %(count)d megapixels.") % {
        "count": MOST_PIXELS // 1_000_000
    }


def _plain(picture: Image.Image) -> Image.Image:
    """Give its pixels upright, in the colours of screens, and nothing that stands beside them."""
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    shown = picture.convert("RGBA" if has_alpha else "RGB")
    shown.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    shown = ImageOps.exif_transpose(shown)
    shown.info.clear()
    return shown


def _encoded(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
