"""Whose a record is: what may flow between two that belong to the side on which they were born, and what may not happen to them.

Owns the gates before a partner is made, the edits that are forbidden on the other side, and the comparison of amounts. Everything
here is nothing where the rules know no owner. Decides no merge.
"""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from syncapp.engine import lines, plans, records, rules, values
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import Side
from syncapp.engine.wording import say


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What happened to a value that must not: the mapping's key, both values, and the sentences that say so."""

    key: str
    base: records.Value
    left: records.Value
    right: records.Value
    sentences: tuple[str, ...]

    @property
    def found(self) -> plans.ConflictFound:
        """The same as a question to a person."""
        return plans.ConflictFound(
            key=self.key, base=self.base, left=self.left, right=self.right, left_changed_at=None, right_changed_at=None, winner=None,
            why=" ".join(self.sentences),
        )


def born(pair_rules: rules.SyncRules, left: records.Subject) -> Side | None:
    """Tell on which side a record came into being, from its left half; None where that does not matter."""
    owner = pair_rules.ownership
    if owner is None:
        return None
    return Side.RIGHT if left.value(owner.field) == owner.of_right else Side.LEFT


def may_write(pair_rules: rules.SyncRules, mapping: rules.Mapping, side: Side, left: records.Subject) -> bool:
    """Tell whether a record's owner lets a value be written to a side."""
    owner, home = pair_rules.ownership, born(pair_rules, left)
    if owner is None or home is None:
        return True
    return side is Side.LEFT if home is Side.RIGHT else side is Side.RIGHT or mapping.left.name not in owner.own


def barred(pair_rules: rules.SyncRules, left: records.Subject) -> rules.Gate | None:
    """Find the gate that keeps a left record from ever getting a partner, or until it changes."""
    owner = pair_rules.ownership
    gates = owner.gates if owner else ()
    return next((gate for gate in gates if left.value(gate.field) == gate.value), None)


def forbidden(
    pair_rules: rules.SyncRules, left: records.Subject, right: records.Subject, facts: plans.PairFacts,
) -> tuple[Trouble, ...]:
    """Find what was done on the right to a record that was born left and may not be: against what was last agreed there.

    Where something was, amounts that differ are told too.
    """
    owner = pair_rules.ownership
    if owner is None or born(pair_rules, left) is not Side.LEFT:
        return ()
    guards = dict(owner.guards)
    found = []
    for mapping in pair_rules.mappings:
        guard, base, now = guards.get(mapping.right.name), facts.base_right.get(mapping.key), right.value(mapping.right.name)
        if guard is None or mapping.key not in facts.base_right or base == now:
            continue
        told = tuple(_lines_changed(base, now)) if guard is rules.Guard.LINES else tuple(_less(base, now))
        trouble = Trouble(key=mapping.key, base=base, left=left.value(mapping.left.name), right=now, sentences=told)
        if told and not _decided(facts, trouble):
            found.append(trouble)
    differing = apart(pair_rules, left, right, facts) if found else None
    return (*found, differing) if differing else tuple(found)


def uneven(pair_rules: rules.SyncRules, left: records.Subject) -> str:
    """Say in a sentence that a left record's lines do not come to its amount; "" where they do, or where it tells none."""
    owner = pair_rules.ownership
    billed = values.as_decimal(left.value(owner.total)) if owner and owner.total else None
    if owner is None or billed is None or born(pair_rules, left) is not Side.LEFT:
        return ""
    added = lines.total(lines.parse(left.value(owner.lines)))
    if added == billed:
        return ""
    return say(
        "Its lines come to {lines}, and HubSpot bills {total}.", lines=values.number_text(added), total=values.number_text(billed)
    )


def apart(
    pair_rules: rules.SyncRules, left: records.Subject, right: records.Subject, facts: plans.PairFacts,
) -> Trouble | None:
    """Find the amounts of both sides where they differ by a cent or more and nobody accepted that."""
    owner = pair_rules.ownership
    if owner is None or born(pair_rules, left) is not Side.LEFT:
        return None
    for mapping in pair_rules.mappings:
        if (mapping.left.name, mapping.right.name) != (owner.total, owner.right_total):
            continue
        here, there = left.value(owner.total), right.value(owner.right_total)
        figures = values.as_decimal(here), values.as_decimal(there)
        accepted = mapping.key in facts.base_left and (facts.base_left[mapping.key], facts.base_right.get(mapping.key)) == (here, there)
        if None in figures or figures[0] == figures[1] or accepted:
            continue
        told = say("HubSpot bills {left}, QuickBooks {right}.", left=values.shown(here), right=values.shown(there))
        trouble = Trouble(key=mapping.key, base=facts.base_left.get(mapping.key), left=here, right=there, sentences=(told,))
        return None if _decided(facts, trouble) else trouble
    return None


def _decided(facts: plans.PairFacts, trouble: Trouble) -> bool:
    """Whether a person said what is to become of it as it stands."""
    now = trouble.left, trouble.right
    return any(one.key == trouble.key and one.seen in (None, now) for one in facts.decisions)


def _less(base: records.Value, now: records.Value) -> Iterator[str]:
    before, after = values.as_decimal(base), values.as_decimal(now) or Decimal(0)
    if before is not None and after < before:
        yield say(
            "In QuickBooks a payment was removed: {before} was paid, now it is {after}.",
            before=values.number_text(before), after=values.number_text(after),
        )


def _lines_changed(base: records.Value, now: records.Value) -> Iterator[str]:
    """What became of the lines of one side. Descriptions and service dates may change."""
    before, after = lines.parse(base), lines.parse(now)
    if before and sum(map(lines.worth, before)) and not sum(map(lines.worth, after)):
        yield say("In QuickBooks the invoice was made void.")
        return
    old, new = _by_name(before), _by_name(after)
    for key in dict.fromkeys((*old, *new)):
        yield from _product(old.get(key, []), new.get(key, []))
    was, is_now = (values.number_text(_sum(some, LineKind.DISCOUNT)) for some in (before, after))
    if was != is_now:
        yield say("In QuickBooks the discount was changed from {before} to {after}.", before=was, after=is_now)
    was, is_now = (values.number_text(_sum(some, LineKind.FEE)) for some in (before, after))
    if was != is_now:
        yield say("In QuickBooks the fee was changed from {before} to {after}.", before=was, after=is_now)
    if _sum(after, LineKind.TAX) > _sum(before, LineKind.TAX):
        yield say("In QuickBooks tax was added: {amount}.", amount=values.number_text(_sum(after, LineKind.TAX)))


def _product(old: list[Line], new: list[Line]) -> Iterator[str]:
    """What became of the lines of one product or service."""
    if len(new) != len(old):
        kept = Counter(map(_figures, old if len(new) > len(old) else new))
        for line in new if len(new) > len(old) else old:
            if kept[_figures(line)]:
                kept[_figures(line)] -= 1
            else:
                told = lines.shown(lines.compose([line]))
                added = len(new) > len(old)
                yield say("In QuickBooks a line was added: {line}.", line=told) if added else say(
                    "In QuickBooks a line was removed: {line}.", line=told
                )
        return
    for was, is_now in zip(sorted(old, key=_figures), sorted(new, key=_figures), strict=True):
        if _figures(was) != _figures(is_now):
            yield say(
                "In QuickBooks a price or quantity was changed: it was {before}, now {after}.",
                before=lines.shown(lines.compose([was])), after=lines.shown(lines.compose([is_now])),
            )


def _by_name(found: Iterable[Line]) -> dict[str, list[Line]]:
    by_name: dict[str, list[Line]] = defaultdict(list)
    for line in found:
        if line.kind is LineKind.PRODUCT:
            by_name[line.record or line.name].append(line)
    return by_name


def _figures(line: Line) -> tuple[Decimal, Decimal]:
    return values.as_decimal(line.quantity or "1") or Decimal(0), lines.worth(line)


def _sum(found: Iterable[Line], kind: LineKind) -> Decimal:
    return sum((lines.worth(line) for line in found if line.kind is kind), Decimal(0))
