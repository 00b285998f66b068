"""Amounts that an account does not let us write where HubSpot itself would show them: which of our own properties carries them.

Owns that advice. It goes by the fields of the account as last read, makes no call and changes nothing.
"""
from __future__ import annotations

from collections.abc import Iterator

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair
from syncapp.engine.wording import count, later, say
from syncapp.services import invoice_pairs
from syncapp.services.books import Advice, Level


def advice(*, config: models.SyncConfig) -> Iterator[Advice]:
    """Say of each figure of an invoice that HubSpot keeps to itself where it is to be found instead."""
    if config.object_pair != ObjectPair.INVOICE:
        return
    rows = models.VendorField.objects.filter(connection_id=config.left_id, kind="invoices", archived=False)
    known = {row.name: row for row in rows.filter(name__in=[*invoice_pairs.TWINS, *invoice_pairs.TWINS.values()])}
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
    if refused := _refused(config):
        words = count(
            "HubSpot kept a status of its own for {number} invoice. The property {property} tells what QuickBooks says.",
            "HubSpot kept a status of its own for {number} invoices. The property {property} tells what QuickBooks says.",
            number=refused, property=invoice_pairs.TWINS["hs_invoice_status"],
        )
        yield Advice(level=Level.ADVICE, field="mappings", words=words)


_REMEDY = later("Press Add missing ones on the page of the HubSpot connection.")


def _refused(config: models.SyncConfig) -> int:
    """How many invoices have a status that HubSpot did not take."""
    keys = set(config.mappings.filter(left_field__name="hs_invoice_status").values_list("key", flat=True))
    rewritten = config.pairs.exclude(flagged=[]).values_list("flagged", flat=True).iterator(chunk_size=2000)
    return sum(1 for flagged in rewritten if keys.intersection(flagged))
