"""What the settings of a sync cannot be whose right side is made by us: it fills in fields of what is there, in one HubSpot account.

Owns these checks only; the others are in `config_checks`. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncapp.engine import vocabulary
from syncapp.engine.wording import say
from syncapp.services import drafts

_FIXED = (
    ("create_to", vocabulary.CreateTo.NONE), ("delete_policy", vocabulary.DeletePolicy.REVIEW),
    ("match_mode", vocabulary.MatchMode.DEFAULT),
)


def refused(*, draft: drafts.Draft) -> Iterator[tuple[str, str]]:
    """Name each setting that must be another, with the sentence that says which."""
    config = draft.config
    others = (one for one in draft.neighbors if one.left_id != config.left_id and one.right_id == config.right_id)
    other = next((one for one in others if one.object_pair == config.object_pair), None)
    if other is not None:
        yield "right", say(
            "The sync “{sync}” shows this company's figures in {account} already. Choose another company.", sync=other, account=other.left
        )
    for name, wanted in _FIXED:
        if getattr(config, name) != wanted:
            yield name, say("This sync only fills in the fields of records that are there. Choose “{choice}”.", choice=wanted.label)
