"""Uploaded files stop at a limit, before anybody is asked who sends them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from syncapp.web import uploads


def posted(*contents: bytes) -> HttpRequest:
    files = {f"file{at}": SimpleUploadedFile(f"{at}.csv", content) for at, content in enumerate(contents)}
    return RequestFactory().post("/", {"name": "value", **files})


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory in which Django keeps large files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


class TestUploads:
    def test_pass_up_to_the_limit(self, stored: Path) -> None:
        request = posted(b"x" * (5 * 1024 * 1024 + 1), b"small")

        assert [file.size for _, file in sorted(request.FILES.items())] == [5 * 1024 * 1024 + 1, 5]
        assert len(list(stored.iterdir())) == 2

    def test_beyond_it_are_left_out_and_leave_nothing_behind(self, stored: Path) -> None:
        request = posted(b"x" * (uploads.MOST_BYTES + 1))

        assert dict(request.FILES) == {}
        assert request.POST["name"] == "value"
        assert list(stored.iterdir()) == []

    def test_count_together(self, stored: Path) -> None:
        request = posted(b"x" * 4_000_000, b"y" * 4_000_000, b"z")

        assert list(request.FILES) == ["file0"]
        assert len(list(stored.iterdir())) == 1
