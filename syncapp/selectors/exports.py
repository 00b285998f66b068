"""How far an export is, and what it holds, for its page."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from syncapp import models
from syncapp.engine.vocabulary import ExportContent, ExportState
from syncapp.engine.wording import say
from syncapp.selectors import words

COLORS = {
    ExportState.QUEUED: "info", ExportState.WRITING: "info", ExportState.READY: "success", ExportState.FAILED: "danger",
    ExportState.EXPIRED: "quiet",
}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an export is. `percent` is what a bar shows."""

    active: bool
    state: str
    color: str
    sentence: str
    percent: int
    elapsed: str
    started: str

    def as_json(self) -> dict[str, object]:
        """As the page's script reads it."""
        return {**asdict(self), "steps": [], "counts": []}


def progress(*, export: models.ExportFile, now: datetime) -> Progress:
    """Tell how far an export is."""
    state = ExportState(export.state)
    return Progress(
        active=state.active, state=state.label, color=COLORS[state], sentence=_sentence(export, state),
        percent=100 if state is ExportState.READY else min(99, 100 * export.done // max(export.total, 1)),
        elapsed=words.span((export.finished_at or now) - export.created_at), started=words.moment(export.created_at),
    )


def _sentence(export: models.ExportFile, state: ExportState) -> str:
    counted = ExportContent(export.content).counted(export.total)
    if state.active:
        return say("{done:,} of {records} written.", done=export.done, records=counted)
    if state is ExportState.READY:
        return say("{records} in the file.", records=counted)
    return export.error if state is ExportState.FAILED else say("The file with {records} was removed.", records=counted)
