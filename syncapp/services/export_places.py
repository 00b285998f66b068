"""Whether all machines keep the files of exports in one and the same place.

Owns the mark that lies in the directory, and what each machine said of it within the last day. A file is written by one machine and
downloaded from another, so a place that only one of them sees would lose files.
"""
from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

from syncapp.services import ports

MARK = ".place"
KEPT = timedelta(days=1)
_SAID = "export-places"


def announce(*, now: datetime, outside: ports.Ports = ports.REAL) -> None:
    """Say which place this machine keeps exports in. Two that speak at once may miss one another; both speak again."""
    said: dict[str, tuple[str, float]] = dict(cache.get(_SAID) or {})
    fresh = {host: (mark, at) for host, (mark, at) in said.items() if at > (now - KEPT).timestamp()}
    cache.set(_SAID, {**fresh, _host(outside): (_mark(outside), now.timestamp())}, KEPT.total_seconds())


def elsewhere(*, now: datetime, outside: ports.Ports = ports.REAL) -> list[str]:
    """Name the machines that keep exports in another place than this one."""
    mine = _mark(outside)
    said: dict[str, tuple[str, float]] = dict(cache.get(_SAID) or {})
    return sorted(host for host, (mark, at) in said.items() if mark != mine and at > (now - KEPT).timestamp())


def _mark(outside: ports.Ports) -> str:
    """Read the mark, or make one: of two that make one at once the second reads what the first made."""
    directory = Path(settings.EXPORT_DIR)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = directory / MARK
    draft = directory / f"{MARK}-{outside.new_key()}"
    if not file.exists():
        draft.write_text(outside.new_key(), encoding="ascii")
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    return file.read_text(encoding="ascii")


def _host(outside: ports.Ports) -> str:
    return outside.process().partition(":")[0]
