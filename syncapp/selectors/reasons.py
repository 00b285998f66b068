"""Why a pair is where it is, in plain words, and what to do about it.

Owns the way from a reason's detail to sentences, and the remedy of every reason.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import PairState, Reason, RecordState, Side
from syncapp.engine.wording import later, say
from syncapp.selectors import discretion, likeness, words

REMEDIES: Mapping[Reason, str] = {
    Reason.FILTERED: later("To let it in, change the record at the vendor or the filters of the sync. It is looked at again by itself."),
    Reason.NO_KEY: later("Give it a value to be matched by at the vendor: a contact an e-mail address, a product a SKU or a name."),
    Reason.BY_HAND: later("Press Include to take it in again."),
    Reason.CREATE_OFF: later("Create its partner by hand, or let the sync create missing records in its settings."),
    Reason.INACTIVE: later("Make it active again at the vendor if it should be kept in step."),
    Reason.SEVERAL_CANDIDATES: later("Link to the right one, say that none of them is, or merge the duplicates at the vendor."),
    Reason.SAME_KEY_TWICE: later(
        "Link the right two, merge the duplicates at the vendor, or give one an e-mail address or SKU of its own."
    ),
    Reason.CANDIDATE_TAKEN: later("Open the pair that has the partner. Merge the duplicates, or unlink that pair if it is wrong."),
    Reason.CANDIDATE_INACTIVE: later(
        "Make the matching record active again, or change the e-mail address, SKU or name by which it matches."
    ),
    Reason.NAME_TAKEN: later("Rename one of the two at the vendor, or choose another rule for taken names in the sync's settings."),
    Reason.REFUSED: later("Correct the value at the vendor it comes from. It is tried again by itself once the record changes."),
    Reason.TOO_LONG: later("Shorten the value at the vendor it comes from."),
    Reason.NOT_ALLOWED: later("Change the value at the vendor it comes from, or switch the mapping off."),
    Reason.CURRENCY_OFF: later(
        "Enable the currency in the settings of the account that lacks it, then refresh the fields on its page here."
    ),
    Reason.MISSING_REQUIRED: later("Fill in the missing value at the vendor it comes from."),
    Reason.ACCOUNT_MISSING: later("Choose an active account of the right kind in the sync's settings; then it is tried again by itself."),
    Reason.PARTNER_DELETED: later(
        "Nothing was changed on the other side. Restore the record, delete the other one by hand, or unlink the pair."
    ),
    Reason.EDITED_AND_DELETED: later("Decide which is right: restore the deleted record, or delete the edited one by hand."),
    Reason.MERGED: later("Two pairs now share a record. Open the one whose partner is right and press Keep this pair."),
    Reason.WAITS_FOR: later(
        "Nothing to do if the other record is only late. If it is excluded or failing, mend that one; this one then goes on."
    ),
    Reason.NO_PLACE: later(
        "Nothing to do, unless it should be shown there: then associate it in HubSpot. It is looked at again by itself."
    ),
    Reason.NOT_FINAL: later("Finalize the invoice in HubSpot. It is looked at again by itself."),
    Reason.NOT_BILLED: later("Nothing to do. To bill it with QuickBooks, make the invoice there."),
    Reason.NO_CUSTOMER: later(
        "Give the invoice the contact whose e-mail address is that of the customer, or have the contact synced."
        " It is looked at again in every run."
    ),
    Reason.NUMBER_TAKEN: later(
        "Change one of the two numbers, or switch custom transaction numbers off in QuickBooks and let the mapping of the"
        " number not write there. Then press Retry."
    ),
    Reason.BOOKS_CLOSED: later("Move the date of the invoice, or the closing date in QuickBooks. Then press Retry."),
    Reason.SERVICE_DATE: later(
        "Switch revenue recognition off in QuickBooks and report on it separately, then press Retry; or make the invoice"
        " in QuickBooks."
    ),
    Reason.TAX_NEEDED: later("Make invoices with tax in QuickBooks, or take the tax off the invoice in HubSpot."),
    Reason.FORBIDDEN_EDIT: later(
        "Press Restore HubSpot's to undo it in QuickBooks, or Take QuickBooks to leave it as it is. You can also undo it"
        " in QuickBooks yourself; a change of what is billed is made in HubSpot."
    ),
    Reason.AMOUNTS_DIFFER: later(
        "Find out which amount is right and correct the other by hand. Press Take QuickBooks to leave both as they are."
    ),
    Reason.CONFLICT: later("Choose the right value below."),
    Reason.GIVEN_UP: later("See the last error, mend its cause, then press Retry."),
    Reason.FAULT: later("The log names the fault. Report it, and press Retry once it is mended."),
    Reason.RETRYING: later("Nothing to do: it is tried again by itself. Press Retry to have it sooner."),
}

CANDIDATES = "candidates"


@dataclass(frozen=True, kw_only=True)
class Mentioned:
    """Another record that a reason speaks of, with its pair in the same sync where it has one, and whether a person may link to it.

    `score` tells how alike a possible partner is.
    """

    words: str
    record: models.Record
    pair_id: int | None
    offered: bool = False
    score: likeness.Score | None = None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why a pair is where it is."""

    words: str
    remedy: str
    lines: list[str] = field(default_factory=list)
    records: list[Mentioned] = field(default_factory=list)


def explain(*, pair: models.RecordPair, mappings: Sequence[models.FieldMapping] = ()) -> Explanation:
    """Say why a pair is where it is, with every failing condition, value and record behind it; possible partners by likeness."""
    reason = Reason(pair.reason)
    if reason is Reason.NONE:
        return Explanation(words=PairState(pair.state).label + ".", remedy="")
    if reason is Reason.CONFLICT:
        fields = ", ".join(map(str, pair.detail.get("fields") or ()))
        told = say("Both sides changed the same field: {fields}.", fields=fields)
        return Explanation(words=told, remedy=str(REMEDIES[reason]))
    return Explanation(
        words=reason.label, remedy=str(REMEDIES.get(reason, "")), lines=list(sentences(pair.detail)), records=_mentioned(pair, mappings)
    )


def sentences(detail: Mapping[str, Any]) -> Iterator[str]:
    """Turn the detail of a reason into sentences, one per condition or field."""
    yield from (masking.text(words.readable(told)) for told in _told(detail))


def _told(detail: Mapping[str, Any]) -> Iterator[str]:
    for side, failing in (detail.get("filters") or {}).items():
        for rule in failing:
            hidden = discretion.hides_name(str(rule.get("field", "")))
            told = f"{rule.get('group', '')}: {rule.get('condition', '')}" if hidden else rule.get("sentence", "")
            yield say("{system} filter — {sentence}", system=Side(side).label, sentence=told)
    for one in detail.get("waits") or ():
        yield str(one["sentence"])
    for one in detail.get("fields") or ():
        yield str(one["sentence"]) if isinstance(one, dict) else say("Field: {field}", field=one)
    if detail.get("sentence"):
        yield str(detail["sentence"])
    if detail.get("holder_name"):
        yield say(
            "The name “{name}” belongs to {holder} (id {number}).",
            name=detail.get("name", ""), holder=detail["holder_name"], number=detail.get("holder", ""),
        )
    elif detail.get("name"):
        yield say("The name it would get is “{name}”.", name=detail["name"])
    if detail.get("words"):
        yield say("The vendor said: {words}", words=detail["words"])
    yield from _values(detail)
    if detail.get("attempts"):
        yield say("Tried {number} times so far.", number=detail["attempts"])
    if detail.get("state") and detail.get("side"):
        yield say(
            "{system} record {name} is {state}.", system=Side(detail["side"]).label,
            name=detail.get("label") or detail.get("record", ""), state=RecordState(detail["state"]).label.lower(),
        )
    if detail.get("edited"):
        yield say("Edited meanwhile: {fields}.", fields=", ".join(map(str, detail["edited"])))
    if detail.get("merged"):
        yield say("It now belongs to record {record}.", record=detail["merged"])
    if detail.get("survivor"):
        yield say("Both were merged into record {record}.", record=detail["survivor"])


def _values(detail: Mapping[str, Any]) -> Iterator[str]:
    for name, value in (detail.get("values") or {}).items():
        told = discretion.shown(words.shown(value), hidden=discretion.hides_name(name))
        yield say("The value of {field} was “{value}”.", field=name, value=told)
    if detail.get("code") and detail.get("field"):
        yield say("Code {code}, field {field}.", code=detail["code"], field=detail["field"])
    elif detail.get("code"):
        yield say("Code {code}.", code=detail["code"])


def _mentioned(pair: models.RecordPair, mappings: Sequence[models.FieldMapping]) -> list[Mentioned]:
    """Candidates stand on the side where the partner is missing, twins on the record's own side. One query at most."""
    own = Side.LEFT if pair.left is not None and pair.right is None else Side.RIGHT
    asked = [
        (name, side, external_id)
        for name, side in ((CANDIDATES, own.other), ("twins", own), ("holder", Side.RIGHT))
        for external_id in _ids(pair.detail.get(name))
    ]
    known = _known(pair, asked) if asked else {}
    found = [
        mentioned(
            pair=pair, name=name, side=side, known=known[side, one], mappings=mappings if name == CANDIDATES else ()
        )
        for name, side, one in asked if (side, one) in known
    ]
    return sorted(found, key=rank)


def rank(one: Mentioned) -> tuple[bool, int]:
    """Put free records before those that have a partner, and the most alike first."""
    return not one.offered, -one.score.percent if one.score is not None else 1


def mentioned(
    *, pair: models.RecordPair, name: str, side: Side, known: tuple[models.Record, models.RecordPair],
    mappings: Sequence[models.FieldMapping],
) -> Mentioned:
    """Describe a record on a side with its own pair, by the name under which the reason has it; with `mappings`, how alike it is."""
    record, own_pair = known
    origin = pair.left if side is Side.RIGHT else pair.right
    score = likeness.score(mappings=mappings, side=side, own=origin, other=record) if mappings and origin is not None else None
    free = name == CANDIDATES and None in (own_pair.left_id, own_pair.right_id)
    return Mentioned(words=_mention(name, side), record=record, pair_id=own_pair.pk, offered=free, score=score)


def _mention(name: str, side: Side) -> str:
    if name == CANDIDATES:
        return say("Possible partner in {system}", system=side.label)
    if name == "twins":
        return say("Has the same key in {system}", system=side.label)
    return say("Has the name in {system}", system=side.label)


def _ids(told: object) -> list[str]:
    return [str(one) for one in told] if isinstance(told, list) else [str(told)] if told else []


def _known(
    pair: models.RecordPair, asked: Sequence[tuple[str, Side, str]]
) -> dict[tuple[Side, str], tuple[models.Record, models.RecordPair]]:
    """The records of the same sync with these ids, each with its pair."""
    ends = ((Side.LEFT, pair.config.left_id), (Side.RIGHT, pair.config.right_id))
    wanted = [
        models.Record.objects.filter(connection_id=connection_id, external_id__in=[one for _, at, one in asked if at is side]).values("pk")
        for side, connection_id in ends
    ]
    pairs = models.RecordPair.objects.filter(Q(left__in=wanted[0]) | Q(right__in=wanted[1]), config_id=pair.config_id)
    found = pairs.select_related("left", "right")
    return {
        (side, record.external_id): (record, one)
        for one in found for side, record in ((Side.LEFT, one.left), (Side.RIGHT, one.right)) if record is not None
    }


def short(*, pair: models.RecordPair) -> str:
    """Say in one line why a pair is where it is, for a list."""
    reason = Reason(pair.reason)
    told: Sequence[str] = [reason.label] if reason is not Reason.NONE else []
    first = next(sentences(pair.detail), "")
    return first or (told[0] if told else "")
