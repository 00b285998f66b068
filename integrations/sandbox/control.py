"""The control face under `/_sandbox/`: tokens, clock, faults, log, ledger, counts, dump, reset, generate, edit, switch, records.

Owns the checking of what is asked. Knows no vendor; what only a vendor knows is asked of the face. The same on both
ports, and everything but the clock concerns the face of the port: `reset` too leaves the other face alone. A reset
replaces records; switches, planted faults, the log and the clock stay, and tokens stay good for accounts that still exist.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeGuard
from urllib.parse import unquote

from integrations.sandbox import seeds
from integrations.sandbox.effects import Ledger
from integrations.sandbox.faults import Faults
from integrations.sandbox.log import CallLog
from integrations.sandbox.messages import BadControl, Face, Json, Request, Response
from integrations.sandbox.world import World

PREFIX = "/_sandbox"
PERSON = "person"
FARTHEST_SECONDS = 100 * 366 * 86_400
KINDS = {
    "hubspot": ("contacts", "companies", "products", "deals", "invoices"),
    "quickbooks": ("customers", "items", "invoices", "credit_memos", "payments"),
}
LIMITS = {
    "hubspot": ("burst", "burst_seconds", "search_per_second", "daily"),
    "quickbooks": ("per_minute", "per_second", "concurrent", "batch_per_minute"),
}
_GENERATE_OPTIONS = ("overlap", "messy", "random_seed", "portal_id", "realm_id")

Answer = Callable[[Request], Response]


def concerns(request: Request) -> bool:
    """Whether a request is for the control face (the bare root leads to its page)."""
    return request.raw_path in {"", "/", PREFIX} or request.raw_path.startswith(f"{PREFIX}/")


class Control:
    """Answers the control calls of one port. Called with the world's lock held."""

    def __init__(self, *, face: Face, world: World, faults: Faults, log: CallLog, ledger: Ledger) -> None:
        self._face = face
        self._world = world
        self._faults = faults
        self._log = log
        self._ledger = ledger
        self._routes: dict[str, dict[str, Answer]] = {
            "tokens": {"POST": self._mint},
            "clock": {"GET": self._read_clock, "POST": self._advance_clock},
            "faults": {"GET": self._list_faults, "POST": self._plant_fault, "DELETE": self._clear_faults},
            "log": {"GET": self._read_log, "DELETE": self._clear_log},
            "ledger": {"GET": self._read_ledger, "DELETE": self._clear_ledger},
            "counts": {"GET": self._counts, "DELETE": self._clear_counts},
            "dump": {"GET": lambda _: Response.of_json(face.dump())},
            "reset": {"POST": self._reset},
            "generate": {"POST": self._generate},
            "edit": {"POST": self._edit},
            "switch": {"GET": self._list_switches, "POST": self._set_switches},
            "records": {"GET": face.records_page, "POST": face.records_page},
        }

    def answer(self, request: Request) -> Response:
        """Answer a control call; 400 with `{"error"}` when it asks for what cannot be done."""
        name = unquote(request.raw_path.removeprefix(PREFIX)).strip("/")
        if not name:
            return Response(status=303, headers={"Location": f"{PREFIX}/records"})
        methods = self._routes.get(name)
        if methods is None:
            return _refused(f"There is no control call {name!r}. There are: {', '.join(self._routes)}.", status=404)
        work = methods.get(request.method)
        if work is None:
            response = _refused(f"The control call {name!r} takes {', '.join(methods)}, not {request.method}.", status=405)
            response.headers["Allow"] = ", ".join(methods)
            return response
        try:
            return work(request)
        except BadControl as error:
            return _refused(str(error), status=400)
        finally:
            self._ledger.note(at=self._world.clock.now(), by=PERSON, call=0)

    def _mint(self, request: Request) -> Response:
        wanted = _object(request, empty_ok=True)
        scopes, limits = wanted.get("scopes"), wanted.get("limits")
        if scopes is not None and not (isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)):
            raise BadControl('"scopes" is a list of scope names, or null for all.')
        if limits is not None:
            wanted = {**wanted, "limits": self._limits(limits)}
        return Response.of_json(self._face.mint(wanted))

    def _limits(self, limits: object) -> Json:
        """The limits that were named with a number; null means no limit."""
        names = LIMITS[self._face.name]
        if not isinstance(limits, dict) or set(limits) - set(names):
            raise BadControl(f'"limits" is null, or an object of numbers by these names: {", ".join(names)}.')
        given = {name: value for name, value in limits.items() if value is not None}
        if not all(_is_number(value) and value > 0 for value in given.values()):
            raise BadControl('"limits" holds numbers above 0, or null where there is no limit.')
        return given

    def _read_clock(self, _: Request) -> Response:
        return Response.of_json({"now": self._world.clock.now().isoformat(timespec="microseconds")})

    def _advance_clock(self, request: Request) -> Response:
        seconds = _object(request).get("advance_seconds")
        if not _is_number(seconds) or not 0 <= seconds <= FARTHEST_SECONDS:
            raise BadControl(f'"advance_seconds" is a number from 0 to {FARTHEST_SECONDS}; the clock only goes forward.')
        self._world.advance(seconds)
        return self._read_clock(request)

    def _list_faults(self, _: Request) -> Response:
        return Response.of_json(self._faults.listed())

    def _plant_fault(self, request: Request) -> Response:
        return Response.of_json({"id": self._faults.plant(_object(request)).number})

    def _clear_faults(self, _: Request) -> Response:
        return Response.of_json({"cleared": self._faults.clear()})

    def _read_log(self, request: Request) -> Response:
        return Response.of_json(self._log.since(_since(request)))

    def _read_ledger(self, request: Request) -> Response:
        return Response.of_json(self._ledger.since(_since(request)))

    def _clear_ledger(self, _: Request) -> Response:
        self._ledger.clear()
        return Response.of_json({})

    def _clear_log(self, _: Request) -> Response:
        self._log.clear()
        return Response.of_json({})

    def _counts(self, _: Request) -> Response:
        return Response.of_json(self._log.counts())

    def _clear_counts(self, _: Request) -> Response:
        self._log.forget_counts()
        return Response.of_json({})

    def _reset(self, request: Request) -> Response:
        seed = _object(request).get("seed")
        if not isinstance(seed, str) or seed not in seeds.NAMED:
            raise BadControl(f'"seed" is one of {", ".join(seeds.NAMED)}, not {seed!r}.')
        self._face.reset(seeds.load(seed)[self._face.name])
        self._ledger.begin_anew()
        return Response.of_json({"seed": seed})

    def _generate(self, request: Request) -> Response:
        wanted = _object(request)
        kinds = KINDS[self._face.name]
        strange = sorted(set(wanted) - set(kinds) - set(_GENERATE_OPTIONS))
        if strange:
            raise BadControl(f"The {self._face.name} sandbox generates {', '.join(kinds)}, not {', '.join(strange)}.")
        counts = [wanted[kind] for kind in kinds if kind in wanted]
        if not counts or not all(_is_whole(count) and count >= 0 for count in counts):
            raise BadControl(f"Say how many to generate, as whole numbers, of: {', '.join(kinds)}.")
        overlap = wanted.get("overlap", 0)
        if not _is_number(overlap) or not 0 <= overlap <= 1:
            raise BadControl('"overlap" is a share from 0.0 to 1.0.')
        if not isinstance(wanted.get("messy", False), bool):
            raise BadControl('"messy" is true or false.')
        if not _is_whole(wanted.get("random_seed", 0)):
            raise BadControl('"random_seed" is a whole number.')
        return Response.of_json(self._face.generate(wanted))

    def _edit(self, request: Request) -> Response:
        return Response.of_json(self._face.edit(_object(request)))

    def _list_switches(self, _: Request) -> Response:
        return Response.of_json(self._world.switches(face=self._face.name))

    def _set_switches(self, request: Request) -> Response:
        wanted = {name if "." in name else f"{self._face.name}.{name}": value for name, value in _object(request).items()}
        for name, value in wanted.items():
            self._world.check_switch(name, value)
        for name, value in wanted.items():
            self._world.set_switch(name, value)
        return self._list_switches(request)


def _object(request: Request, *, empty_ok: bool = False) -> Json:
    if empty_ok and not request.body:
        return {}
    try:
        value = request.json()
    except ValueError as error:
        raise BadControl(f"The body is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise BadControl("The body is a JSON object.")
    return value


def _since(request: Request) -> int:
    since = request.first("since") or "0"
    if not since.isdecimal():
        raise BadControl(f'"since" is the number of an entry, not {since[:40]!r}.')
    return int(since)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> TypeGuard[int | float]:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _refused(text: str, *, status: int) -> Response:
    return Response.of_json({"error": text}, status=status)
