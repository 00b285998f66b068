"""How the remote records of one account hang together, as last read.

Owns the rows of `RecordLink`. Whose pair has to be looked at for it is the business of those who call.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from syncapp import models


def between(*, connection_id: int, kind: str, ids: Collection[str], others: Collection[str]) -> list[models.RecordLink]:
    """List what some records of a kind have to do with records of other kinds, whichever end it was read from, primary ones first.

    Two queries, since SQLite would walk through all of an account's for one.
    """
    stored = models.RecordLink.objects.filter(connection_id=connection_id)
    there = stored.filter(from_kind=kind, from_id__among=ids, to_kind__in=others)
    back = stored.filter(to_kind=kind, to_id__among=ids, from_kind__in=others)
    return sorted({link.pk: link for link in (*there, *back)}.values(), key=lambda link: (link.position, link.pk))


def replace(
    *, connection: models.Connection, kind: str, others: Sequence[str], found: Mapping[str, Mapping[str, Sequence[str]]]
) -> list[models.RecordLink]:
    """Put what was read of some records, by id and other kind, in the place of what was known. Returns what came, went or moved.

    Call it inside the lane's transaction.
    """
    stored: dict[tuple[str, str, str], models.RecordLink] = {
        (link.from_id, link.to_kind, link.to_id): link
        for link in models.RecordLink.objects.filter(
            connection=connection, from_kind=kind, from_id__among=found, to_kind__in=list(others)
        )
    }
    now = {
        (external_id, other, far): position
        for external_id, by_kind in found.items()
        for other, ids in by_kind.items()
        for position, far in enumerate(ids)
    }
    gone = [link for key, link in stored.items() if key not in now]
    models.RecordLink.objects.filter(pk__among=[link.pk for link in gone]).delete()
    moved = [stored[key] for key, position in now.items() if key in stored and stored[key].position != position]
    for link in moved:
        link.position = now[link.from_id, link.to_kind, link.to_id]
    models.RecordLink.objects.bulk_update(moved, ["position"], batch_size=500)
    made = [
        models.RecordLink(connection=connection, from_kind=kind, from_id=from_id, to_kind=other, to_id=far, position=position)
        for (from_id, other, far), position in now.items()
        if (from_id, other, far) not in stored
    ]
    models.RecordLink.objects.bulk_create(made, batch_size=500)
    return [*gone, *moved, *made]
