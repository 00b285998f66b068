"""Play one scenario: what people do, the runs between, and what goes wrong; then let everything come to rest.

Owns the order of what is done. Judges nothing: what was seen is handed to the promises.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any
from unittest import mock

from django.db.utils import OperationalError
from django.test import override_settings

from integrations.hubspot.client import Client as HubSpotClient
from integrations.quickbooks import client as quickbooks_client
from integrations.quickbooks.client import Client as QuickBooksClient
from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, RunKind, RunState, RunTrigger, Side
from syncapp.services import configs, conflicts, lane, runs
from tests.runs.crashing import Died
from tests.simulation import evidence, lean, people, promises
from tests.simulation.conductor import Conductor
from tests.simulation.door import Call
from tests.simulation.hearing import listening
from tests.simulation.hooks import Hooks, carried
from tests.simulation.scenarios import Scenario
from tests.simulation.stage import Simulated, Stage

RESTART_SECONDS = 200
MOST_SLICES = 12
QUIET_RUNS = 3
BETWEEN = timedelta(minutes=75)


@dataclass(kw_only=True)
class Outcome:
    """What came of a scenario."""

    violations: list[str]
    trace: str
    calls: int
    effects: int
    crashes: int
    commits: int
    fired: Counter[str]
    reached: Counter[str]
    state: list[str] = field(repr=False)
    found: evidence.Found = field(repr=False)
    events: list[str] = field(repr=False)


class Player:
    """Does what a scenario says."""

    spoken: Callable[[], AbstractContextManager[None]] = staticmethod(nullcontext)
    """Within this the simulation's words mean what the scenario is about."""

    def __init__(self, *, company: Simulated, conductor: Conductor, scenario: Scenario, stage: Stage) -> None:
        self.company = company
        self.conductor = conductor
        self.scenario = scenario
        self.stage = stage
        self.seen = evidence.Seen(company=company, memory=stage.memory)
        self.run_id = 0
        self.sound: set[int] = set()  # revisions of the settings that were found to be without fault
        self.reached: Counter[str] = Counter()
        self.config = company.config
        self.hooks = Hooks(company=company, mode=scenario.get("hooks", ""), fired=conductor.fired, wrong=self.seen.wrong)

    def prepare(self) -> None:
        """Bring the world into the state that the scenario begins with."""
        for system, switches in (
            ("hubspot", {"index_delay": self.scenario["lag"], "rotate_refresh_tokens": self.scenario["rotation"] == "strict"}),
            ("quickbooks", {"requestid": self.scenario["requestid"], "rotate_always": self.scenario["rotation"] == "strict"}),
        ):
            seconds = {"access_token_seconds": self.scenario["token_seconds"]} if self.scenario["token_seconds"] else {}
            self.company.accounts[system].control("switch", {**switches, **seconds})
        fired = self.conductor.fired
        fired["index_lag"] += self.scenario["lag"] > 0
        fired["requestid_off"] += not self.scenario["requestid"]
        fired["strict_rotation"] += self.scenario["rotation"] == "strict"
        fired["job_twice"] += self.scenario.get("twice", False)
        fired["short_tokens"] += bool(self.scenario["token_seconds"])
        if self.scenario["settings"]:
            models.SyncConfig.objects.filter(pk=self.config.pk).update(**self.scenario["settings"])
        for system in (people.LEFT, people.RIGHT):
            for number in (0, 1):
                self._do_create(system, number, {}, twin=True)
        if self.scenario["token_seconds"]:
            for system in ("hubspot", "quickbooks"):
                self.company.reconnect(system)
        self.hooks.subscribe()

    def broken(self, found: evidence.Found) -> list[str]:
        """Everything that breaks a promise."""
        return promises.broken(found)

    def act(self) -> None:
        """Do everything in its turn."""
        for op in self.scenario["ops"]:
            name, *arguments = op
            try:
                getattr(self, f"_do_{name}")(*arguments)
                self.conductor.events.append(repr(op))
            except AssertionError as refused:  # the vendor's screen does not allow it
                self.conductor.events.append(f"refused {op!r} {str(refused)[:60]}")

    # --- what people do ----------------------------------------------------------------------------------------------------

    def _live(self, system: str, *, every: bool = False) -> dict[str, dict[str, Any]]:
        return evidence.held(self.company, system, every=every)

    def _whom(self, system: str, person: int) -> str | None:
        """The person's record on a side: by address, else by name; the oldest of several."""
        live = self._live(system)
        email = [key for key, body in live.items() if people.same("email", people.read(system, body, "email"), people.EMAILS[person])]
        named = [key for key, body in live.items() if people.read(system, body, "first") == people.FIRST[person]]
        return min(email or named, key=int, default=None)

    def _do_create(self, system: str, person: int, values: dict[str, str], twin: bool = False) -> None:
        given = {"first": people.FIRST[person], "last": people.LAST[person], "email": people.EMAILS[person], **values}
        body: dict[str, Any] = {}
        for name, text in given.items():
            if text:
                body |= people.written(system, body, name, text)
        if system == people.RIGHT:
            body["DisplayName"] = f"{given['first']} {given['last']}"
        elsewhere = {"portal_id": 990099} if system == people.LEFT else {"realm_id": "9130347990099"}
        wanted = {"type": people.KINDS[system], "create": body, **(elsewhere if twin else {})}
        self.company.accounts[system].control("edit", wanted)

    def _do_edit(self, system: str, person: int, name: str, text: str) -> None:
        key = self._whom(system, person)
        if key is not None:
            self._save(system, key, name, text)

    def _save(self, system: str, key: str, name: str, text: str) -> None:
        body = people.written(system, self._live(system)[key], name, text)
        self.company.accounts[system].change(people.KINDS[system], key, **body)

    def _do_other(self, system: str, person: int, text: str) -> None:
        key = self._whom(system, person)
        if key is not None:
            self.company.accounts[system].change(people.KINDS[system], key, **{people.UNMAPPED[system]: text})

    def _do_delete(self, system: str, person: int) -> None:
        key = self._whom(system, person)
        if key is not None:
            self.company.accounts[system].delete(people.KINDS[system], key)

    def _do_restore(self, person: int) -> None:
        for key, body in self._live(people.RIGHT, every=True).items():
            if not body.get("Active", True) and people.read(people.RIGHT, body, "first") == people.FIRST[person]:
                self.company.quickbooks.change("Customer", key, Active=True)
                return

    def _do_merge(self, system: str, kept: int, lost: int) -> None:
        one, two = self._whom(system, kept), self._whom(system, lost)
        if one is not None and two is not None and one != two:
            self.company.accounts[system].merge(people.KINDS[system], one, two)

    def _do_mapping(self, name: str, change: str) -> None:
        row = models.FieldMapping.objects.filter(config=self.config, left_field__name=people.FIELDS[name][0])
        settings: dict[str, object] = {
            "clears": {"clears": True}, "LEFT": {"conflict_rule": "LEFT"}, "RIGHT": {"conflict_rule": "RIGHT"},
            "TO_LEFT": {"direction": "TO_LEFT"}, "TO_RIGHT": {"direction": "TO_RIGHT"}, "BOTH": {"direction": "BOTH"},
            "off": {"active": False},
        }[change]
        row.update(**settings)
        self._saved()

    def _do_filter(self, text: str) -> None:
        """Only people whose company's name begins so, or has no such beginning."""
        self.config.filter_groups.all().delete()
        field = models.VendorField.objects.filter(connection=self.config.left, kind="contacts", name="lastname").first()
        group = models.FilterGroup.objects.create(config=self.config, side=Side.LEFT, position=1)
        operator = "CONTAINS" if text == "Kx" else "NOT_CONTAINS"
        models.FilterRule.objects.create(group=group, field=field, operator=operator, values=["r"], position=1)
        self._saved()

    def _saved(self) -> None:
        config = models.SyncConfig.objects.get(pk=self.config.pk)
        configs.save_rules(config=config, actor=self.company.alice, now=self.company.clock.now())
        self.seen.mapping_edits += 1

    def _do_decide(self, side: str) -> None:
        asked = models.Conflict.objects.filter(pair__config=self.config, status="OPEN").order_by("pk").first()
        if asked is not None:
            conflicts.take(conflict=asked, side=Side(side), actor=self.company.alice, now=self.company.clock.now())
            self.seen.decisions += 1

    def _do_wait(self, seconds: float) -> None:
        self.company.clock.pass_seconds(seconds)

    def _do_key_missing(self) -> None:
        """The settings have another key than the one that the tokens were sealed with: then nothing is asked of anybody."""
        before, lost = len(self.company.door.calls), {"lost": bytes(32)}
        with override_settings(CREDENTIAL_KEYS=lost):
            self._do_run()
        self.conductor.fired["key_missing"] += 1
        if len(self.company.door.calls) != before:
            self.seen.wrong.append("P31: somebody was called without the key to the tokens")
        if models.Credential.objects.filter(key_id="lost").exists():
            self.seen.wrong.append("P31: tokens were sealed with a key that is not theirs")

    def _do_reconnect(self, system: str) -> None:
        self.company.reconnect(system)

    def meddle(self, entry: dict[str, Any], call: Call) -> str:
        """What a person does in the middle of a call. Tells it in a few words, nothing where it was not possible."""
        system, key, name = entry["side"], None, entry["field"]
        if entry["aim"] == "written":
            aimed = [one for one in evidence.writes(call) if one.external_id and one.kind == people.KINDS[call.system]]
            if aimed:
                system, key = call.system, aimed[0].external_id
                name = next(iter(sorted(aimed[0].fields & set(people.FIELDS) - {"email"})), name)
        text = "" if entry["blank"] else people.value(name, entry["number"])
        try:
            if entry["what"] == "cancel":
                run = models.SyncRun.objects.get(pk=self.run_id)
                return "cancel" if runs.cancel(run=run, now=self.company.clock.now()) else ""
            if entry["what"] == "create" and key is None:
                self._do_create(system, entry["person"], {name: text} if text else {})
                return f"create {system}"
            key = key or self._whom(system, entry["person"])
            if key is None or key not in self._live(system):
                return ""
            if entry["what"] == "delete":
                self.company.accounts[system].delete(people.KINDS[system], key)
                return f"delete {system}"
            self._save(system, key, name, text)
            self.hooks.carry()
        except AssertionError:
            return ""
        return f"edit {system} {name}"

    # --- runs --------------------------------------------------------------------------------------------------------------

    def _do_others(self) -> None:
        """The namesakes' sync has its turn, with an access that was just given and nothing that goes wrong."""
        kept, self.config = self.config, self.company.others
        faulty, self.conductor.faulty = self.conductor.faulty, False
        self.company.allow_others()
        self._do_run()
        self.config, self.conductor.faulty = kept, faulty

    def _do_run(self, kind: str = "DELTA") -> None:
        """A run to its end, through every restart."""
        if not self._started(kind):
            return
        self.hooks.carry()
        self.seen.run_begins(self.config)
        for _ in range(MOST_SLICES):
            if not self._slice():
                break
        self.seen.run_ends()

    def _do_preview(self, approved: bool) -> None:
        """A run that only shows what it would write; then perhaps a person lets exactly that be written."""
        before = self.seen.written()
        self._do_run("PREVIEW")
        run = models.SyncRun.objects.get(pk=self.run_id)
        if run.kind != RunKind.PREVIEW:
            return
        if self.seen.written() != before:
            self.seen.wrong.append("P1: a preview changed something at the vendors")
        if approved and run.state == RunState.SUCCEEDED:
            try:
                runs.approve(preview=run, actor=self.company.alice, now=self.company.clock.now(), enqueue=False)
            except runs.CannotStart:
                return
            self._do_run()

    def _started(self, kind: str) -> bool:
        active = models.SyncRun.objects.filter(config=self.config, state__in=["QUEUED", "RUNNING"]).first()
        if active is None:
            config = models.SyncConfig.objects.select_related("left", "right").get(pk=self.config.pk)
            known = mock.patch.object(configs, "problems", lambda **_: ()) if config.revision in self.sound else nullcontext()
            try:
                with known:
                    active = runs.start(
                        config=config, kind=RunKind(kind), trigger=RunTrigger.HAND, now=self.company.clock.now(),
                        actor=self.company.alice, enqueue=False,
                    )
                    self.sound.add(config.revision)
            except runs.CannotStart as reason:
                self.conductor.events.append(f"cannot start: {reason}")
                return False
        self.run_id = active.pk
        return True

    def _slice(self) -> bool:
        """One slice. Tells whether another one is needed."""
        conductor, door = self.conductor, self.company.door
        conductor.on = True
        door.sync, door.slice = self.config.pk, door.slice + 1
        try:
            outcome = lane.work(run_id=self.run_id, ports=self.company.clock.ports)
            if self.scenario.get("twice"):  # the queue hands out the same job once more
                outcome = lane.work(run_id=self.run_id, ports=self.company.clock.ports)
        except Died:
            conductor.on = conductor.dead = False
            self.company.door.worker = 0
            self.company.clock.pass_seconds(RESTART_SECONDS)
            return True
        except OperationalError:
            conductor.on = False
            self.company.clock.pass_seconds(RESTART_SECONDS)
            return True
        finally:
            conductor.on = False
        if outcome.busy:
            self.company.clock.pass_seconds(RESTART_SECONDS)
        return RunState(models.SyncRun.objects.get(pk=self.run_id).state).active

    def second(self) -> None:
        """Another worker is told of the same run."""
        lane.work(run_id=self.run_id, ports=self.company.clock.ports)

    # --- rest --------------------------------------------------------------------------------------------------------------

    def quiesce(self) -> None:
        """Nothing goes wrong any more, nobody edits, time passes: at most three runs, and one that has nothing to do."""
        self.reached = Counter(self.conductor.reached)
        self.conductor.faulty = False
        self.company.let_pass(self.conductor.furthest)  # what was noted in the future is waited for
        self.company.clock.skew = timedelta()
        self.company.quickbooks.control("switch", {"requestid": True})
        self._mend()
        quiet = 0
        while quiet <= QUIET_RUNS:
            self.company.let_pass(BETWEEN)
            self.hooks.carry()
            self.seen.rest_begins()
            self._do_run()
            if self._mend():  # only this run found that the access was lost
                continue
            quiet += 1
            self.seen.rest_ends()
            if self.seen.at_rest:
                return

    def _mend(self) -> bool:
        """A person allows again what was ended. Tells whether there was anything."""
        ended = [system for system in ("hubspot", "quickbooks") if self.company.of(system).status == ConnectionStatus.NEEDS_RECONNECT]
        for system in ended:
            self.seen.reconnected.append(system)
            self.company.reconnect(system)
        return bool(ended)


@contextmanager
def _paged(size: int) -> Iterator[None]:
    """Both vendors hand out small pages."""
    hubspot = {"limit": max(1, size)}
    quickbooks = {"size": max(2, size)}
    with (
        mock.patch.dict(HubSpotClient.list_page.__kwdefaults__, hubspot),
        mock.patch.dict(HubSpotClient.search_ids.__kwdefaults__, hubspot),
        mock.patch.dict(QuickBooksClient.page.__kwdefaults__, quickbooks),
        mock.patch.dict(QuickBooksClient.changed.__kwdefaults__, quickbooks),
        mock.patch.object(quickbooks_client, "IDS_IN_A_QUERY", quickbooks["size"]),
    ):
        yield


def player_of(scenario: Scenario) -> type[Player]:
    """Who does what a scenario says."""
    about = scenario.get("about", "")
    if not about:
        return Player
    found: type[Player] = getattr(import_module(f"tests.simulation.{about}"), {"bills": "Clerk", "wares": "Seller"}[about])
    return found


def play(stage: Stage, scenario: Scenario, *, conductor: Conductor | None = None) -> Outcome:
    """Play a scenario and tell what came of it."""
    conductor = conductor or Conductor(scenario)
    try:
        return _played(stage, scenario, conductor)
    finally:
        lean.tidy()


def _played(stage: Stage, scenario: Scenario, conductor: Conductor) -> Outcome:
    with (
        listening() as heard,
        _paged(scenario["page"]),
        stage.world(conductor=conductor, seed=scenario["seed"], metered=scenario["metered"]) as company,
        player_of(scenario).spoken(),
    ):
        player = player_of(scenario)(company=company, conductor=conductor, scenario=scenario, stage=stage)
        conductor.company, conductor.player = company, player
        with carried(player.hooks):
            player.prepare()
            stage.memory.watch(conductor)
            player.act()
            player.quiesce()
        stage.memory.watch(None)
        found = player.seen.gather(scenario=scenario, lines=heard.lines, crashes=conductor.crashes)
        violations = player.broken(found)
        trace = hashlib.sha256("\n".join([*conductor.events, *found.summary()]).encode()).hexdigest()
        return Outcome(
            violations=violations, trace=trace, calls=len(company.door.calls), effects=len(found.ours), crashes=conductor.crashes,
            commits=conductor.reached["commit"], fired=conductor.fired, reached=player.reached, state=found.state(), found=found,
            events=conductor.events,
        )
