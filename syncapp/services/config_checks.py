"""Whether the settings of a sync make sense, said field by field with the remedy.

Owns the checks, on rows that may not be saved yet. Changes nothing.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import filter_checks, schema, transforms, vocabulary
from syncapp.engine.vocabulary import Direction, Side
from syncapp.engine.wording import say
from syncapp.services import deal_checks, defaults, drafts, match_checks, recommended, rules


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: the field of the form it belongs to, and the sentence that says what to do.

    `mapping` and `rule` are the places, counted from 0, of the mapping or (group, rule) that it concerns.
    """

    field: str
    words: str
    mapping: int | None = None
    rule: tuple[int, int] | None = None


def found(*, draft: drafts.Draft) -> tuple[Problem, ...]:
    """Name everything that is wrong with the settings; nothing where they can be saved."""
    if wrong := general(draft=draft):
        return wrong
    return (
        *(Problem(field=name, words=words) for name, words in match_checks.found(config=draft.config, known=draft.known)),
        *_each_mapping(draft),
        *_circles(draft),
        *_written_twice(draft),
        *_written_by_others(draft),
        *_missing(draft),
        *_filters(draft),
    )


def of_mapping(*, draft: drafts.Draft, place: int) -> tuple[Problem, ...]:
    """Name what is wrong with one mapping by itself, its steps and value map included."""
    return tuple(problem for problem in (*_each_mapping(draft), *_circles(draft)) if problem.mapping == place)


def general(*, draft: drafts.Draft) -> tuple[Problem, ...]:
    """Name what is wrong with a sync's accounts and general settings, its fields left aside."""
    return tuple(_sides(draft.config)) or tuple(_general(draft))


def not_ready(*, config: models.SyncConfig) -> tuple[Problem, ...]:
    """Say which of a config's accounts cannot be used at the moment."""
    problems = []
    for name, connection in (("left", config.left), ("right", config.right)):
        if connection.status != vocabulary.ConnectionStatus.CONNECTED:
            words = say("{connection} is not connected. Open the connection and connect it again.", connection=connection)
            problems.append(Problem(field=name, words=words))
        elif connection.paused:
            words = say("{connection} is paused. Open the connection and let it go on.", connection=connection)
            problems.append(Problem(field=name, words=words))
    return tuple(problems)


def unchosen(*, draft: drafts.Draft) -> tuple[Problem, ...]:
    """Say which accounts for new QuickBooks records are still to be chosen, or are not there any more."""
    config, mapped = draft.config, draft.writes()
    if not creates_in(config=config, side=Side.RIGHT):
        return ()
    problems = []
    for one in (value for value in defaults.of(config.object_pair).new_values if value.account):
        chosen = getattr(config, one.setting)
        if not chosen and (not one.needed_for or one.needed_for in mapped):
            problems.append(Problem(field=one.setting, words=_account_words(draft, one)))
        elif chosen and chosen not in draft.accounts(field_name=one.field):
            words = say(
                "The {account} that was chosen for new items is not in QuickBooks any more, or is inactive. Choose another one.",
                account=one.label,
            )
            problems.append(Problem(field=one.setting, words=words))
    return tuple(problems)


def unkept(*, draft: drafts.Draft) -> tuple[Problem, ...]:
    """Say where the key of the sync cannot be kept on new HubSpot records, without which one could be made twice."""
    config, kind = draft.config, defaults.of(draft.config.object_pair).left_kind
    if not creates_in(config=config, side=Side.LEFT) or config.left.key_states.get(kind) != base.OwnState.WRONG:
        return ()
    words = say(
        "HubSpot has a property “syncapp_key” on {kind} that is not a single-line text with unique values, so it cannot keep the sync's"
        " key and nothing could be created there. Rename or delete it in HubSpot's property settings, then press Refresh fields on the"
        " connection's page; the sync makes its own.", kind=kind,
    )
    return (Problem(field="key", words=words),)


def _account_words(draft: drafts.Draft, needed: recommended.NewValue) -> str:
    if not needed.needed_for:
        return say(
            "New QuickBooks items need an {account}. Choose one under Settings, or create nothing in QuickBooks.", account=needed.label
        )
    field = draft.known[Side.RIGHT].get(needed.needed_for)
    return say(
        "New QuickBooks items need an {account}. Choose one under Settings, let the mapping of “{field}” not write to QuickBooks, or create"
        " nothing in QuickBooks.", account=needed.label, field=field.label if field else needed.needed_for,
    )


def creates_in(*, config: models.SyncConfig, side: Side) -> bool:
    """Tell whether a sync makes records on a side."""
    return Direction(config.direction).allows(side) and vocabulary.CreateTo(config.create_to).allows(side)


def _sides(config: models.SyncConfig) -> Iterator[Problem]:
    for name, system in (("left", vocabulary.System.HUBSPOT), ("right", vocabulary.System.QUICKBOOKS)):
        connection = getattr(config, name, None)
        if connection is None:
            words = say("Choose a {system} account. If there is none yet, connect one first.", system=system.label)
            yield Problem(field=name, words=words)
        elif connection.system != system:
            words = say(
                "{connection} is not a {system} account. Choose one of {system} here.", connection=connection, system=system.label
            )
            yield Problem(field=name, words=words)


def unmet(*, draft: drafts.Draft) -> tuple[Problem, ...]:
    """Say which other syncs of the same accounts this one cannot do without."""
    own, there = vocabulary.ObjectPair(draft.config.object_pair), {one.object_pair for one in draft.siblings}
    return tuple(
        Problem(
            field="object_pair",
            words=say(
                "{objects} name records of {others}. Set up a sync of these for the same two accounts first, and let it run.",
                objects=own.label, others=needed.label,
            ),
        )
        for needed in defaults.of(own).needs_sync if needed not in there
    )


def _general(draft: drafts.Draft) -> Iterator[Problem]:
    config, entry = draft.config, defaults.of(draft.config.object_pair)
    if config.direction not in entry.directions:
        names = say(" or ").join(say("“{text}”", text=one.label) for one in entry.directions)
        label = vocabulary.ObjectPair(config.object_pair).label
        yield Problem(field="direction", words=say("{objects} can only go {directions}. Choose that.", objects=label, directions=names))
    twin = next((one for one in draft.siblings if one.object_pair == config.object_pair), None)
    if twin is not None:
        words = say("The sync “{sync}” keeps these accounts in step already. Change that one, or choose another account.", sync=twin)
        yield Problem(field="right", words=words)
    if entry.made_here:
        yield from (Problem(field=name, words=words) for name, words in deal_checks.refused(draft=draft))
    if not config.name.strip():
        yield Problem(field="name", words=say("Give the sync a name."))
    if config.name_policy == vocabulary.NamePolicy.SUFFIX and "{n}" not in config.name_suffix:
        words = say("The suffix needs {n}, the place of the number that makes the name free, for example “ ({n})”.")
        yield Problem(field="name_suffix", words=words)
    if config.name_policy == vocabulary.NamePolicy.SUB_CUSTOMER and not defaults.of(config.object_pair).nested:
        words = say("These records are never put under one another. Choose another rule for taken names.")
        yield Problem(field="name_policy", words=words)
    barred = {Direction.TO_LEFT: vocabulary.CreateTo.RIGHT, Direction.TO_RIGHT: vocabulary.CreateTo.LEFT}
    direction = Direction(config.direction)
    if config.create_to == barred.get(direction):
        words = say(
            "Nothing can be created against the direction “{direction}”. Change the direction, or where records are created.",
            direction=direction.label,
        )
        yield Problem(field="create_to", words=words)


def _each_mapping(draft: drafts.Draft) -> Iterator[Problem]:
    known = draft.known
    if not any(row.active for row in draft.mappings):
        yield Problem(field="mappings", words=say("No field is mapped, so there is nothing to sync. Add a mapping or switch one on."))
    for at, row in enumerate(draft.mappings):
        if not row.active:
            continue
        strange = [
            Problem(field=name, words=match_checks.unknown(side, chosen), mapping=at)
            for side, name, chosen in ((Side.LEFT, "left_field", row.left_field), (Side.RIGHT, "right_field", row.right_field))
            if known[side].get(chosen.name) != chosen
        ]
        yield from strange
        if strange:
            continue
        direction = Direction(row.direction)
        if row.fallback and direction is not Direction.TO_RIGHT:
            label = Direction.TO_RIGHT.label
            words = say("A fallback is only ever written to QuickBooks. Set the direction to “{direction}”.", direction=label)
            yield Problem(field="direction", words=words, mapping=at)
        if row.fallback and draft.steps.get(at):
            words = say("A fallback takes the steps of the mapping above it and has none of its own. Remove the steps of the fallback.")
            yield Problem(field="right_field", words=words, mapping=at)
        for words in schema.mapping_problems(
            left=defaults.described(field=row.left_field), right=defaults.described(field=row.right_field), direction=direction,
            clears=row.clears, fallbacks=_fallbacks(draft, row), value_map=tuple(draft.value_maps.get(at, ())),
            steps=tuple(draft.steps.get(at, ())), names={side: set(fields) for side, fields in known.items()},
        ):
            yield Problem(field=_named_first(words), words=words, mapping=at)


def _named_first(words: str) -> str:
    """The end of a mapping that a sentence names first; the systems bear the same names in every language."""
    left, right = (words.find(side.label) for side in Side)
    return "right_field" if right >= 0 and not 0 <= left < right else "left_field"


def _fallbacks(draft: drafts.Draft, row: models.FieldMapping) -> tuple[schema.FieldSpec, ...]:
    """The fields that stand in for a mapping's left one."""
    if row.fallback or not Direction(row.direction).allows(Side.RIGHT):
        return ()
    others = (one for one in draft.mappings if one.active and one.fallback and one.right_field == row.right_field)
    return tuple(defaults.described(field=one.left_field) for one in others)


def _circles(draft: drafts.Draft) -> Iterator[Problem]:
    """Texts that are put together from what is written from them: they would grow with every run."""
    flows = [(at, row, side, read) for at, row in enumerate(draft.mappings) if row.active for side, read in _flows(draft, at, row)]
    for at, row, side, read in flows:
        if not transforms.template(transforms=draft.steps.get(at, ()), side=side):
            continue
        reached = {(side, _end(row, side).name)}
        while more := {
            (there, _end(other, there).name) for _, other, there, names in flows if any((there.other, one) in reached for one in names)
        } - reached:
            reached |= more
        again = next((name for name in read if (side.other, name) in reached), None)
        if again is not None:
            words = say(
                "{side} field “{field}” is put together from “{other}”, which is written from it in turn: it would grow with every run."
                " Leave that field out of the text, or change the direction of the other mapping.",
                side=side.label, field=_end(row, side).label, other=again,
            )
            yield Problem(field="right_field" if side is Side.RIGHT else "left_field", words=words, mapping=at)


def _flows(draft: drafts.Draft, at: int, row: models.FieldMapping) -> Iterator[tuple[Side, tuple[str, ...]]]:
    """The sides that a mapping writes, each with the names of the fields read for it."""
    for side in Side:
        if Direction(row.direction).allows(side) and Direction(draft.config.direction).allows(side):
            text = transforms.template(transforms=draft.steps.get(at, ()), side=side)
            yield side, transforms.places(text) if text else (_end(row, side.other).name,)


def _end(row: models.FieldMapping, side: Side) -> models.VendorField:
    return row.left_field if side is Side.LEFT else row.right_field


def _written_twice(draft: drafts.Draft) -> Iterator[Problem]:
    for side, name in ((Side.LEFT, "left_field"), (Side.RIGHT, "right_field")):
        writers = [
            (at, getattr(row, name), row.fallback)
            for at, row in enumerate(draft.mappings) if row.active and Direction(row.direction).allows(side)
        ]
        counts = Counter((chosen.pk, fallback and side is Side.RIGHT) for _, chosen, fallback in writers)
        seen: set[tuple[int, bool]] = set()
        for at, chosen, fallback in writers:
            writer = (chosen.pk, fallback and side is Side.RIGHT)
            if counts[writer] > 1 and writer in seen:
                words = say(
                    "{side} field “{field}” is written by two mappings. Remove one, switch it off, or change its direction.",
                    side=side.label, field=chosen.label,
                )
                yield Problem(field=name, mapping=at, words=words)
            seen.add(writer)


def _written_by_others(draft: drafts.Draft) -> Iterator[Problem]:
    for side, name in ((Side.LEFT, "left_field"), (Side.RIGHT, "right_field")):
        if not Direction(draft.config.direction).allows(side):
            continue
        taken = _taken(draft, side)
        for at, row in enumerate(draft.mappings):
            chosen = getattr(row, name)
            if row.active and not row.fallback and Direction(row.direction).allows(side) and chosen.pk in taken:
                words = say(
                    "{side} field “{field}” is written by the sync “{sync}” already. Let only one of them write it: change the direction of"
                    " the mapping here or there.", side=side.label, field=chosen.label, sync=taken[chosen.pk],
                )
                yield Problem(field=name, mapping=at, words=words)


def _taken(draft: drafts.Draft, side: Side) -> dict[int, str]:
    """Which fields of the account of a side other syncs write, and the names of those syncs."""
    left = side is Side.LEFT
    return {
        row.left_field_id if left else row.right_field_id: row.config.name
        for row in draft.others
        if row.active and Direction(row.direction).allows(side) and Direction(row.config.direction).allows(side)
    }


def _missing(draft: drafts.Draft) -> Iterator[Problem]:
    """What a new record could not do without."""
    entry, known = defaults.of(draft.config.object_pair), draft.known
    for side, name in ((Side.LEFT, "left_field"), (Side.RIGHT, "right_field")):
        if not creates_in(config=draft.config, side=side):
            continue
        filled = {getattr(row, name).name for row in draft.mappings if row.active and Direction(row.direction).allows(side)}
        one_of = entry.needs_one_of if side is Side.RIGHT else ()
        if one_of and not filled.intersection(one_of):
            labels = say(" or ").join(say("“{text}”", text=known[side][one].label if one in known[side] else one) for one in one_of)
            words = say("A new {side} record needs {fields}. Map one of them, or create nothing in {side}.", side=side.label, fields=labels)
            yield Problem(field="mappings", words=words)
        for one in known[side].values():
            if one.required and not one.associated_kind and one.name not in filled and one.name not in one_of:
                words = say("A new {side} record needs “{field}”. Map it, or create nothing in {side}.", side=side.label, field=one.label)
                yield Problem(field="mappings", words=words)


def _filters(draft: drafts.Draft) -> Iterator[Problem]:
    known, asked = draft.known, {Side(group.side) for group, _ in draft.groups}
    specs = {side: {name: defaults.described(field=one) for name, one in known[side].items()} for side in asked}
    for place, (group, conditions) in enumerate(draft.groups):
        side = Side(group.side)
        if not conditions:
            words = say("The filter group “{name}” has no condition. Add one, or remove the group.", name=group.name)
            yield Problem(field="name", words=words, rule=(place, 0))
        for at, row in enumerate(conditions):
            if known[side].get(row.field.name) != row.field:
                yield Problem(field="field", words=match_checks.unknown(side, row.field), rule=(place, at))
                continue
            if not isinstance(row.values, list) or not all(isinstance(value, str) for value in row.values):
                words = say("The values for “{field}” are not a list of texts. Enter them one by one.", field=row.field.label)
                yield Problem(field="values", words=words, rule=(place, at))
                continue
            for words in filter_checks.problems(rules.filter_rule(row), fields=specs[side], vendor=side.label):
                yield Problem(field="values" if row.values else "operator", words=words, rule=(place, at))


