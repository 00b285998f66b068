"""How much of uploaded files is taken in, whoever sends them and wherever.

Owns that one limit. It stands before the pages do, since Django stores files before a page can ask who is there.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MOST_BYTES = 6 * 1024 * 1024
"""A little more than any page takes, so that the page can say what is wrong with a file that is somewhat too large."""


class BoundedUploads(FileUploadHandler):
    """Lets the files of a request pass until they are too much together; what comes then is left out and stored nowhere."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on to those who store it."""
        self._taken += len(raw_data)
        if self._taken > MOST_BYTES:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to those who stored it."""
