"""Scheduled exports as their list tells of them: when each is made, and what came of it last."""
from __future__ import annotations

from syncapp import models
from syncapp.engine.vocabulary import ExportContent, ExportRhythm, ExportState, Weekday
from syncapp.selectors import words


def timing(schedule: models.ExportSchedule) -> str:
    """Say when it is made."""
    rhythm = ExportRhythm(schedule.rhythm)
    days = {
        ExportRhythm.DAILY: "", ExportRhythm.WEEKLY: f" on {Weekday(schedule.weekday).label}",
        ExportRhythm.MONTHLY: f" on day {schedule.day}",
    }
    return f"{rhythm.label}{days[rhythm]} at {schedule.hour:02}:00 UTC"


def result(schedule: models.ExportSchedule) -> str:
    """Say what came of it last."""
    last = schedule.last_export
    if schedule.last_words or last is None:
        return schedule.last_words or "Not made yet"
    state = ExportState(last.state)
    if state in (ExportState.READY, ExportState.EXPIRED):
        return f"{ExportContent(last.content).counted(last.total)}, {words.moment(last.finished_at)}"
    return last.error if state is ExportState.FAILED else state.label
