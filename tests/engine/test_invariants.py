"""The six invariants, on random edits of both sides: Settled, No echo, No twin, No loss, No stranger, No flood."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from syncapp.engine import plans, rules
from syncapp.engine.vocabulary import ConflictRule, DeletePolicy, Direction, LeaveFilterPolicy, PairState, RecordState, Side
from tests.engine import judging
from tests.engine.stores import Stored
from tests.engine.stories import FIELDS, WINNERS, Story, company
from tests.engine.world import World

PEOPLE = ("ann", "ben", "cleo")
STORIES, STEPS = 240, 40


def secrets_kept(story: Story) -> bool:
    """Whether a field that is not mapped holds what people put there."""
    return all(story.world.sides[side][one].values.get("secret") == value for (side, one), value in story.secrets.items())


class TestStories:
    @pytest.mark.parametrize("seed", range(STORIES))
    def test_keep_the_invariants(self, seed: int) -> None:
        chance = random.Random(seed)
        story = Story(chance)
        world = story.world
        for step in range(STEPS):
            for _ in range(chance.randint(0, 3)):
                story.step()
            if chance.random() < 0.4:
                world.run(lose=[chance.choice(("", "before", "after")) for _ in range(4)])
                continue
            world.run()

            assert judging.restless(world) == [], f"step {step}: Settled"
            assert world.run() == 0, f"step {step}: Settled, No echo: a run after a run writes nothing"
            assert judging.losses(world) == [], f"step {step}: No loss"
            assert judging.twins(world) == [], f"step {step}: No twin"
            assert world.strange == [], f"step {step}: No stranger"
            assert judging.undecided(world) == [], f"step {step}: a decision is not obeyed"
            for pair in world.pairs:
                pair.facts = replace(pair.facts, decisions=())
        assert secrets_kept(story), "No stranger: a field that is not mapped was written"

    def test_are_about_something(self) -> None:
        """The stories would prove nothing if little happened in them."""
        stories = [Story(random.Random(seed)) for seed in range(10)]
        for story in stories:
            for _ in range(STEPS):
                story.step()
                story.world.run()

        states = {pair.facts.state for story in stories for pair in story.world.pairs}
        assert {PairState.LINKED, PairState.CONFLICT, PairState.FROZEN, PairState.FAILED, PairState.AMBIGUOUS, PairState.ORPHANED} <= states
        assert sum(story.world.writes for story in stories) > 3 * STEPS
        assert sum(len(pair.found) for story in stories for pair in story.world.pairs) > STEPS


class Company(RuleBasedStateMachine):
    """People edit both sides, answers get lost, and the sync runs."""

    stored = Bundle("stored")

    def __init__(self) -> None:
        super().__init__()
        self.world = World(company())
        self.secrets: dict[tuple[Side, str], object] = {}
        self.token = 0

    @initialize(
        winner=st.sampled_from(WINNERS),
        direction=st.sampled_from(list(Direction)),
        city=st.sampled_from(list(Direction)),
        clears=st.booleans(),
        deletes=st.sampled_from(list(DeletePolicy)),
        leave=st.sampled_from(list(LeaveFilterPolicy)),
        filtered=st.booleans(),
    )
    def found(
        self,
        winner: ConflictRule,
        direction: Direction,
        city: Direction,
        clears: bool,
        deletes: DeletePolicy,
        leave: LeaveFilterPolicy,
        filtered: bool,
    ) -> None:
        self.world = World(
            company(
                conflict_winner=winner,
                direction=direction,
                city=city,
                clears=clears,
                delete_policy=deletes,
                leave_policy=leave,
                filtered=filtered,
            )
        )

    def typed(self, blanks: int) -> str:
        """Something nobody typed before; the blanks around it are what a vendor may drop."""
        self.token += 1
        return f"{' ' * blanks}v{self.token}{' ' * blanks}"

    @rule(
        target=stored,
        side=st.sampled_from(Side),
        who=st.sampled_from(PEOPLE),
        filled=st.integers(0, 63),
        kept=st.booleans(),
        key=st.booleans(),
    )
    def create(self, side: Side, who: str, filled: int, kept: bool, key: bool) -> Stored:
        values = {name: self.typed(at % 2) for at, name in enumerate(FIELDS[side]) if filled >> at & 1}
        email = {"email" if side is Side.LEFT else "EMAIL": f"{who.title()}@lee.example"} if key else {}
        made = self.world.create(side, {**values, **email, "kept": kept})
        self.secrets[side, made.external_id] = made.values.get("secret")
        return made

    @rule(stored=stored, at=st.integers(0, 5), blanks=st.integers(0, 1))
    def edit(self, stored: Stored, at: int, blanks: int) -> None:
        self.world.edit(stored, FIELDS[stored.side][at], self.typed(blanks))
        self.secrets[stored.side, stored.external_id] = stored.values.get("secret")

    @rule(stored=stored, at=st.integers(0, 4))
    def empty(self, stored: Stored, at: int) -> None:
        self.world.edit(stored, FIELDS[stored.side][at], None)

    @rule(stored=stored, who=st.sampled_from(PEOPLE))
    def change_key(self, stored: Stored, who: str) -> None:
        self.world.edit(stored, "email" if stored.side is Side.LEFT else "EMAIL", f"{who}@lee.example")

    @rule(stored=stored, kept=st.booleans())
    def move_in_or_out_of_scope(self, stored: Stored, kept: bool) -> None:
        self.world.edit(stored, "kept", kept)

    @rule(stored=stored, state=st.sampled_from([RecordState.ARCHIVED, RecordState.LIVE]))
    def archive_or_restore(self, stored: Stored, state: RecordState) -> None:
        self.world.end(stored, state)

    @rule(at=st.integers(0, 5), left=st.booleans())
    def answer_a_question(self, at: int, left: bool) -> None:
        asked = [(pair, found) for pair in self.world.pairs if pair.last for found in pair.last.conflicts if found.winner is None]
        if asked:
            pair, found = asked[at % len(asked)]
            decision = plans.Decision(key=found.key, value=found.left if left else found.right, seen=(found.left, found.right))
            pair.facts = replace(pair.facts, decisions=(decision,))

    @rule(at=st.integers(0, 5), excluded=st.booleans())
    def exclude_by_hand(self, at: int, excluded: bool) -> None:
        if self.world.pairs:
            pair = self.world.pairs[at % len(self.world.pairs)]
            pair.facts = replace(pair.facts, excluded_by_hand=excluded)

    @rule(lose=st.lists(st.sampled_from(["", "before", "after"]), max_size=6))
    def run_with_lost_answers(self, lose: list[str]) -> None:
        self.world.run(lose=lose)

    @rule()
    def run_until_it_settles(self) -> None:
        self.world.run()

        assert self.world.run() == 0, "Settled: a run after a run, with no edits between, writes nothing"
        assert judging.losses(self.world) == [], "No loss: a typed value is on both sides, or listed"
        for pair in self.world.pairs:
            pair.facts = replace(pair.facts, decisions=())

    @rule(stored=stored, at=st.integers(0, 4))
    def one_edit_makes_no_echo(self, stored: Stored, at: int) -> None:
        self.world.run()
        self.world.run()
        before = self.world.writes
        if stored.state is RecordState.LIVE:
            self.world.edit(stored, FIELDS[stored.side][at], self.typed(0))

        rounds = self.world.run()

        assert rounds <= 2, "Settled: one edit is carried over, and what is made of it, and that is all"
        assert self.world.writes - before <= 2, "No echo: what we wrote does not come back as a change"

    @invariant()
    def no_twin(self) -> None:
        assert self.world.uncertain or judging.twins(self.world) == []

    @invariant()
    def no_stranger(self) -> None:
        assert self.world.strange == []
        kept = {key: self.world.sides[key[0]][key[1]].values.get("secret") for key in self.secrets}
        assert kept == self.secrets, "No stranger: a field that is not mapped is never written"


TestCompany = Company.TestCase
TestCompany.settings = settings(max_examples=120, stateful_step_count=30)


class TestFlood:
    @pytest.mark.parametrize("people", [3, 4, 40])
    def test_no_run_creates_more_than_its_brake_allows(self, people: int) -> None:
        world = World(replace(company(), brakes=rules.Brakes(creates=3, creates_share=0.01)))
        for at in range(people):
            world.create(Side.LEFT, {"email": f"p{at}@lee.example", "kept": True})

        world.run()

        assert world.writes == (people if people <= 3 else 0)

    def test_archives_are_braked_by_themselves(self) -> None:
        world = World(replace(company(delete_policy=DeletePolicy.ARCHIVE), brakes=rules.Brakes(archives=2, archives_share=0.01)))
        made = [world.create(Side.LEFT, {"email": f"p{at}@lee.example"}) for at in range(3)]
        world.run()
        for stored in made:
            world.end(stored, RecordState.ARCHIVED)
        before = world.writes

        world.run()

        assert world.writes == before


class TestTwins:
    @pytest.mark.parametrize("lose", [("after",), ("before",), ("after", "after"), ("before", "after")])
    def test_a_create_without_an_answer_is_never_made_twice(self, lose: tuple[str, ...]) -> None:
        world = World(company())
        world.create(Side.LEFT, {"email": "ann@lee.example", "city": "Bath"})

        for fault in lose:
            world.run(lose=[fault])
        world.run()

        assert len(world.sides[Side.RIGHT]) == 1
        assert [(pair.left, pair.right, pair.facts.state) for pair in world.pairs] == [("100", "100", PairState.LINKED)]

    def test_a_partner_on_its_way_is_not_given_to_somebody_else_with_the_key(self) -> None:
        world = World(company())
        for city in ("Bath", "Rome"):
            world.create(Side.LEFT, {"email": "ann@lee.example", "city": city})

        world.run(lose=["after"])
        world.run()

        assert [(pair.left, pair.right) for pair in world.pairs] == [("100", "100"), ("101", None)]
        assert len(world.sides[Side.RIGHT]) == 1

    def test_two_customers_with_one_address_share_no_partner_and_get_one_between_them(self) -> None:
        world = World(company())
        for city in ("Bath", "Rome"):
            world.create(Side.RIGHT, {"EMAIL": "ann@lee.example", "CITY": city})

        world.run()

        assert len(world.sides[Side.LEFT]) == 1
        assert sorted(pair.facts.state for pair in world.pairs) == [PairState.AMBIGUOUS, PairState.LINKED]
        assert [stored.values["CITY"] for stored in world.sides[Side.RIGHT].values()] == ["Bath", "Rome"]
