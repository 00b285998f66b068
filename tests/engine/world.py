"""Two companies in memory and the loop around the engine, for the tests that edit at random.

Owns two sides that store less than they are sent, people who edit them, and a driver that does what the services do: match, plan,
brake, write, settle. What is wrong with what happens is told by `judging`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from syncapp.engine import filters, guards, matching, normalize, planning, plans, records, rules, settling
from syncapp.engine.vocabulary import OperationKind, PairState, RecordState, Side
from tests.engine import judging
from tests.engine.stores import START, Paired, Sent, Stored, lossy

MOST_ROUNDS = 5


class World:
    """Both sides, the pairs between them, and what was written."""

    def __init__(self, sync_rules: rules.SyncRules) -> None:
        self.rules = sync_rules
        self.sides: dict[Side, dict[str, Stored]] = {side: {} for side in Side}
        self.pairs: list[Paired] = []
        self.now = START
        self.writes = 0
        self.uncertain: list[Sent] = []
        self.written: dict[int, int] = {}
        self.strange: list[str] = []

    # People

    def tick(self) -> datetime:
        """Let a minute pass."""
        self.now += timedelta(minutes=1)
        return self.now

    def create(self, side: Side, values: dict[str, records.Value]) -> Stored:
        """A person makes a record."""
        stored = self._new(side, values)
        stored.typed = {name: value for name, value in stored.values.items() if value is not None}
        return stored

    def edit(self, stored: Stored, name: str, value: records.Value) -> None:
        """A person changes a field."""
        self._store(stored, {name: value})
        stored.typed[name] = stored.values[name]

    def end(self, stored: Stored, state: RecordState) -> None:
        """A person archives, deletes or restores a record."""
        stored.state, stored.number, stored.updated_at = state, stored.number + 1, self.tick()

    def live(self, side: Side) -> list[Stored]:
        """The live records of a side."""
        return [stored for stored in self.sides[side].values() if stored.state is RecordState.LIVE]

    # Vendors

    def _new(self, side: Side, values: dict[str, records.Value]) -> Stored:
        stored = Stored(side=side, external_id=str(100 + len(self.sides[side])), values={}, updated_at=self.tick())
        self._store(stored, values)
        stored.past = {}
        self.sides[side][stored.external_id] = stored
        return stored

    def _store(self, stored: Stored, values: dict[str, records.Value]) -> None:
        for name, value in values.items():
            if stored.values.get(name) is not None:
                stored.past.setdefault(name, []).insert(0, stored.values[name])
            stored.values[name] = lossy(stored.side, name, value)
        stored.number, stored.updated_at = stored.number + 1, self.tick()

    # The loop

    def run(self, *, lose: Iterable[str] = ()) -> int:
        """Match, plan and write until nothing is left. Returns the rounds in which something was written.

        `lose` names, write by write, which answers are lost: "before" it arrived, "after" it took effect, "" for none.
        """
        faults = iter(lose)
        self.written = {}
        self._recover()
        rounds = 0
        for _ in range(MOST_ROUNDS):
            self._match()
            planned = [(pair, plan) for pair in self.pairs if (plan := self._plan(pair)).action is not None]
            if not planned or self._braked(planned):
                break
            rounds += 1
            for pair, plan in planned:
                if plan.action is not None:
                    self._push(pair, plan.action, next(faults, ""))
        return rounds

    def _subject(self, pair: Paired, side: Side) -> records.Subject | None:
        external_id = pair.ids(side)
        return self.sides[side][external_id].subject() if external_id else None

    def _match(self) -> None:
        for side in Side:
            for stored in list(self.live(side)):
                mine = self.pair_of(stored)
                if (mine and (mine.ids(side.other) or mine.facts.excluded_by_hand)) or self._barred(stored):
                    continue
                if mine and any(sent.pair is mine for sent in self.uncertain):
                    continue
                self._carry_out(
                    stored,
                    mine,
                    matching.decide(
                        mode=self.rules.match_mode,
                        external_id=stored.external_id,
                        keys=[self._hits(stored)],
                        key_required=self.rules.key_required,
                    ),
                )

    def _carry_out(self, stored: Stored, mine: Paired | None, decision: matching.Decision) -> None:
        pair = mine or Paired()
        if mine is None:
            pair.set_id(stored.side, stored.external_id)
            self.pairs.append(pair)
        if isinstance(decision, matching.Link):
            other = self.pair_of(self.sides[stored.side.other][decision.external_id])
            if other:
                self.pairs.remove(other)
            pair.set_id(stored.side.other, decision.external_id)
            pair.facts = replace(pair.facts, state=PairState.LINKED, reason=pair.facts.reason.NONE)
        elif isinstance(decision, matching.Ambiguous | matching.Hold):
            pair.facts = replace(pair.facts, state=PairState.AMBIGUOUS, reason=decision.reason)
        elif pair.facts.state is PairState.AMBIGUOUS:
            pair.facts = replace(pair.facts, state=PairState.HALF)

    def key(self, stored: Stored) -> str | None:
        (match_key,) = self.rules.match_keys
        return normalize.key(type=match_key.type, value=stored.values.get(match_key.left if stored.side is Side.LEFT else match_key.right))

    def pair_of(self, stored: Stored) -> Paired | None:
        return next((pair for pair in self.pairs if pair.ids(stored.side) == stored.external_id), None)

    def _barred(self, stored: Stored) -> bool:
        """While a create is on its way, a stranger with its key may be that very record."""
        key = self.key(stored)
        return key is not None and any(
            key == self.key(self.sides[stored.side.other][origin])
            for sent in self.uncertain
            if sent.action.kind is OperationKind.CREATE and sent.action.side is stored.side
            for origin in [sent.pair.ids(stored.side.other)]
            if origin
        )

    def _hits(self, stored: Stored) -> matching.KeyHits:
        value = self.key(stored)
        if value is None:
            return matching.KeyHits(value=None)
        same = {side: [one for one in self.sides[side].values() if self.key(one) == value and one is not stored] for side in Side}
        paired = {id(one): bool(pair and pair.ids(one.side.other)) for side in Side for one in same[side] for pair in [self.pair_of(one)]}
        return matching.KeyHits(
            value=value,
            candidates=tuple(
                matching.Candidate(external_id=one.external_id, paired=paired[id(one)], live=one.state is RecordState.LIVE)
                for one in same[stored.side.other]
            ),
            twins=tuple(
                matching.Twin(
                    external_id=one.external_id,
                    paired=paired[id(one)],
                    creating=any(sent.pair is self.pair_of(one) for sent in self.uncertain),
                    live=one.state is RecordState.LIVE,
                    eligible=self.in_scope(one),
                )
                for one in same[stored.side]
            ),
        )

    def mapped(self, key: str) -> rules.Mapping:
        """The mapping of that key."""
        return next(mapping for mapping in self.rules.mappings if mapping.key == key)

    def in_scope(self, stored: Stored) -> bool:
        """Whether the filter of its own side lets a record in, for a direction that flows."""
        groups = self.rules.left_filters if stored.side is Side.LEFT else self.rules.right_filters
        return (
            self.rules.direction.allows(stored.side.other)
            and filters.evaluate(groups=groups, subject=stored.subject(), now=self.now).passes
        )

    def _plan(self, pair: Paired) -> plans.PairPlan:
        if any(sent.pair is pair for sent in self.uncertain):
            return plans.PairPlan(state=pair.facts.state)
        plan = planning.plan_pair(
            rules=self.rules,
            left=self._subject(pair, Side.LEFT),
            right=self._subject(pair, Side.RIGHT),
            facts=pair.facts,
            now=self.now,
        )
        self.strange += judging.false_conflicts(self, pair, plan)
        pair.facts = replace(
            pair.facts,
            state=plan.state,
            reason=plan.reason,
            detail=plan.detail,
            base_left=plan.base_left,
            base_right=plan.base_right,
        )
        pair.found += plan.conflicts
        pair.last = plan
        if plan.state in (PairState.LINKED, PairState.CONFLICT, PairState.FAILED):
            self._agreed(pair)
        return plan

    def _agreed(self, pair: Paired) -> None:
        """What both sides say has arrived, whoever typed it."""
        if not pair.left or not pair.right:
            return
        left, right = self.sides[Side.LEFT][pair.left], self.sides[Side.RIGHT][pair.right]
        for mapping in self.rules.mappings:
            if judging.same(left.values.get(mapping.left.name), right.values.get(mapping.right.name)):
                left.typed.pop(mapping.left.name, None)
                right.typed.pop(mapping.right.name, None)

    def _braked(self, planned: list[tuple[Paired, plans.PairPlan]]) -> bool:
        counts: dict[tuple[Side, OperationKind], int] = {}
        for _, plan in planned:
            if plan.action is not None:
                counts[plan.action.side, plan.action.kind] = counts.get((plan.action.side, plan.action.kind), 0) + 1
        return bool(guards.brakes(limits=self.rules.brakes, counts=counts, pairs=len(self.pairs), before={}, seen={}))

    def _push(self, pair: Paired, action: plans.Action, fault: str) -> None:
        self.strange += judging.strange(self, pair, action)
        self.written[id(pair)] = self.written.get(id(pair), 0) + 1
        if fault:
            pair.lost = True
            self.uncertain.append(Sent(pair=pair, action=action, reached=self._apply(action) if fault == "after" else None))
            return
        self._settle(pair, action, self._apply(action))

    def _apply(self, action: plans.Action) -> Stored:
        self.writes += 1
        values = {change.field: change.after for change in action.changes}
        if action.ref is None:
            stored = self._new(action.side, values)
            stored.made_by_us = True
            return stored
        stored = self.sides[action.side][action.ref.external_id]
        if action.kind is OperationKind.ARCHIVE:
            self.end(stored, RecordState.ARCHIVED)
        else:
            self._store(stored, values)
        return stored

    def _settle(self, pair: Paired, action: plans.Action, stored: Stored) -> None:
        pair.set_id(action.side, stored.external_id)
        self._delivered(pair, action, {change.key for change in action.changes})
        settled = settling.settle(
            rules=self.rules,
            side=action.side,
            origin_values=action.origin_values,
            flagged=pair.facts.flagged,
            sent={change.key: change.after for change in action.changes},
            answer={change.key: stored.values.get(change.field) for change in action.changes},
            base_left=pair.facts.base_left,
            base_right=pair.facts.base_right,
        )
        state = PairState.LINKED if action.kind is OperationKind.CREATE else pair.facts.state
        pair.facts = replace(
            pair.facts,
            state=state,
            base_left=settled.base_left,
            base_right=settled.base_right,
            flagged=settled.flagged,
            was_linked=True,
        )

    def _recover(self) -> None:
        """Read what came of the writes without an answer."""
        for sent in self.uncertain:
            action, pair = sent.action, sent.pair
            stored = self.sides[action.side][action.ref.external_id] if action.ref else sent.reached
            if stored is None or action.kind is OperationKind.ARCHIVE:
                continue
            recovered = settling.settle_unknown(
                rules=self.rules,
                side=action.side,
                kind=action.kind,
                origin_values=action.origin_values,
                before={change.key: change.before for change in action.changes},
                sent={change.key: change.after for change in action.changes},
                seen={change.key: stored.values.get(change.field) for change in action.changes},
                base_left=pair.facts.base_left,
                base_right=pair.facts.base_right,
            )
            pair.set_id(action.side, stored.external_id)
            pair.third.append(recovered)
            self._delivered(pair, action, {*recovered.landed, *(third.key for third in recovered.third)})
            pair.facts = replace(
                pair.facts,
                base_left=recovered.base_left,
                base_right=recovered.base_right,
                was_linked=True,
                state=PairState.LINKED if action.ref is None else pair.facts.state,
            )
        self.uncertain = []

    def _delivered(self, pair: Paired, action: plans.Action, keys: Iterable[str]) -> None:
        """What was typed on the other side has arrived, unless it was typed since: what becomes of it there is another story."""
        origin = self.sides[action.side.other][pair.ids(action.side.other) or ""]
        for mapping in self.rules.mappings:
            name = (mapping.right if action.side is Side.LEFT else mapping.left).name
            if mapping.key in keys and judging.same(origin.typed.get(name), action.origin_values[mapping.key]):
                origin.typed.pop(name, None)
