"""Amounts that an account does not let us write where HubSpot itself would show them: which of our own properties carries them.

Owns that advice. It goes by the fields of the account as last read, makes no call and changes nothing.
"""
from __future__ import annotations

from collections.abc import Iterator

from syncapp.engine.vocabulary import ObjectPair, Side
from syncapp.engine.wording import count, later, say
from syncapp.services import drafts, invoice_pairs
from syncapp.services.books import Advice, Level


def advice(*, draft: drafts.Draft) -> Iterator[Advice]:
    """Say of each figure of an invoice that HubSpot keeps to itself where it is to be found instead."""
    if draft.config.object_pair != ObjectPair.INVOICE:
        return
    known = draft.known[Side.LEFT]
    for name, own in invoice_pairs.TWINS.items():
        field, twin = known.get(name), known.get(own)
        label = field.label if field is not None else name
        if field is not None and field.writable:
            continue
        if twin is None:
            words = say(
                "HubSpot does not let “{field}” be written in this account, and there is no property {property} to carry it. {remedy}",
                field=label, property=own, remedy=_REMEDY,
            )
            yield Advice(level=Level.WARNING, field="mappings", words=words)
        else:
            words = say(
                "HubSpot does not let “{field}” be written in this account. The property “{twin}” ({property}) carries it.",
                field=label, twin=twin.label, property=own,
            )
            yield Advice(level=Level.ADVICE, field="mappings", words=words)
    if draft.statuses_kept:
        words = count(
            "HubSpot kept a status of its own for {number} invoice. The property {property} tells what QuickBooks says.",
            "HubSpot kept a status of its own for {number} invoices. The property {property} tells what QuickBooks says.",
            number=draft.statuses_kept, property=invoice_pairs.TWINS["hs_invoice_status"],
        )
        yield Advice(level=Level.ADVICE, field="mappings", words=words)


_REMEDY = later("Press Add missing ones on the page of the HubSpot connection.")
