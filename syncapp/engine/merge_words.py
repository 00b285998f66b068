"""Why a merge writes or leaves a field, in words.

Owns the sentences only. Who wins is decided by `merge`.
"""
from __future__ import annotations

from syncapp.engine.vocabulary import Side
from syncapp.engine.wording import say


def asked(*, first: bool) -> str:
    """Say that a person is asked. `first` tells that both sides are filled at the first link, and not that both changed later."""
    return say("Both had a value; a person is asked.") if first else say("Both changed it; a person is asked.")


def one_way(winner: Side) -> str:
    """Say that both changed a field whose values only flow from one side."""
    return say("Both changed it; it only flows from {system}.", system=winner.label)


def won(winner: Side, *, first: bool, newest: bool) -> str:
    """Say who wins by the rule, and whether that is because its change is the newest."""
    name = winner.label
    if first and newest:
        return say("Both had a value; {system} wins, it has the newest change.", system=name)
    if first:
        return say("Both had a value; {system} wins.", system=name)
    if newest:
        return say("Both changed it; {system} wins, it has the newest change.", system=name)
    return say("Both changed it; {system} wins.", system=name)


def but_empty(why: str) -> str:
    """Add that the side that wins has nothing."""
    return say("{why} It is empty there, so nothing was changed.", why=why)
