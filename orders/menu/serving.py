"""Serving the menu's pictures from the web process itself."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from orders.menu import pictures

# A name never stands for another content.
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, file: str) -> FileResponse:
    """Give a picture by its file's name, and no other file."""
    if not pictures.FILE_NAME.fullmatch(file):
        raise Http404
    try:
        content = default_storage.open(f"{pictures.FOLDER}/{file}")
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
    return FileResponse(content, content_type="image/webp", headers=headers)
