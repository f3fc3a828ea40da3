"""A limit on uploaded files, kept while they arrive."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class SizeLimit(FileUploadHandler):
    """Keeps nothing of a file past `UPLOAD_MOST_BYTES`; the form sees its size, and no content.

    Stands before the handlers that keep files, so that what is too large fills no disk.
    """

    _received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._received += len(raw_data)
        return None if self._received > settings.UPLOAD_MOST_BYTES else raw_data

    def file_complete(self, file_size: int) -> Any:
        if self._received <= settings.UPLOAD_MOST_BYTES:
            return None
        return InMemoryUploadedFile(
            BytesIO(),
            self.field_name,
            self.file_name,
            self.content_type,
            self._received,
            self.charset,
        )
