"""What runs inside a measured process to open every page of the admin once the installation holds many pairs.

Owns how the copied pairs are spread over all that can stand on a page. The addresses are those that the tests of the admin walk.
"""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

AT_ONCE = 2_000
LIST, PAGE = "admin:syncapp_recordpair_changelist", 50
STORY = 20
"""Of so many pairs one is failing, one in conflict, one left out, one without a clear partner, and one whose partner was deleted."""


def walk(*, config: int) -> dict[str, Any]:
    """Spread the pairs, then open each page as an administrator who is no superuser; tell the queries and seconds of the second time."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings
    from django.urls import reverse

    scene = _scene(config)
    client = Client()
    client.force_login(_administrator())
    found: dict[str, Any] = {}
    late = f"{reverse(LIST)}?p={scene.config.pairs.count() // PAGE}"
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for name, path in {**_paths(scene), "pairs, last page": late}.items():
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                began = time.perf_counter()
                answer = client.get(path)
                took = time.perf_counter() - began
            if answer.status_code != 200:
                raise RuntimeError(f"{name} ({path}) was answered with {answer.status_code}")
            found[name] = {"seconds": took, "queries": len(queries)}
    return found


def _administrator() -> Any:
    from django.contrib.auth.models import Group, User

    person = User.objects.create_user("dora", is_staff=True)
    person.groups.set(Group.objects.filter(name="Administrator"))
    return person


def _paths(scene: Any) -> dict[str, str]:
    """All pages that an administrator may open, and a search."""
    from django.urls import reverse

    from tests.admin import test_every_page

    closed = {"app", "roles", "new role", "new user"}
    paths = {name: page(scene) for name, page in test_every_page.PAGES.items() if name not in closed}
    return {**paths, "pairs, searched": f"{reverse(LIST)}?q=smith"}


def _scene(config: int) -> Any:
    """Make what the pages show, and name it as the tests of the admin do."""
    from syncapp import models

    wanted = models.SyncConfig.objects.select_related("left", "right").get(pk=config)
    _spread(wanted)
    runs = {name: _run(wanted, *facts) for name, facts in _RUNS.items()}
    _entries(wanted, runs["run"])
    states = {"in_sync": "LINKED", "in_conflict": "CONFLICT", "excluded": "FROZEN", "failing": "FAILED"}
    pairs = {name: wanted.pairs.filter(state=state).latest("pk") for name, state in states.items()}
    models.Notice.objects.bulk_create(models.Notice(subject=f"notice {number}", words="Something.") for number in range(500))
    field = wanted.mappings.earliest("pk").left_field
    fields = dict.fromkeys(("email", "createdate"), field)
    return SimpleNamespace(
        config=wanted, left=wanted.left, right=wanted.right, first_name=wanted.mappings.earliest("pk"), erin=_erin(),
        notice=models.Notice.objects.latest("pk"), audited=models.AuditEntry.objects.latest("pk"),
        sides=SimpleNamespace(left_fields=fields), under_way=lambda: runs["running"],
        **runs, **pairs,
    )


_RUNS = {
    "run": ("DELTA", "PARTIAL", {}), "preview": ("PREVIEW", "SUCCEEDED", {}), "braked": ("DELTA", "BRAKED", {"brakes": ["Too many."]}),
    "running": ("DELTA", "RUNNING", {}),
}


def _erin() -> Any:
    from django.contrib.auth.models import User

    return User.objects.create_user("erin", is_staff=True)


def _run(config: Any, kind: str, state: str, facts: dict[str, Any]) -> Any:
    from django.utils import timezone

    from syncapp import models

    given = {"trigger": "HAND", "rules": {"mappings": []}, "started_at": timezone.now(), **facts}
    return models.SyncRun.objects.create(config=config, kind=kind, state=state, **given)


def _spread(config: Any) -> None:
    """Let one pair of each `STORY` stand in each of the states that work lists show."""
    from django.db.models import F
    from django.utils import timezone

    from syncapp import models

    told = config.pairs.annotate(place=F("pk") % STORY)
    refused = {"code": "6240", "words": "Duplicate Name Exists Error"}
    for place, facts in enumerate((
        {"state": "FAILED", "reason": "NAME_TAKEN", "failing_since": timezone.now(), "detail": refused},
        {"state": "CONFLICT", "reason": "CONFLICT"}, {"state": "FROZEN", "reason": "FILTERED"},
        {"state": "AMBIGUOUS", "reason": "SEVERAL_CANDIDATES"}, {"state": "ORPHANED", "reason": "PARTNER_DELETED"},
    )):
        config.pairs.filter(pk__in=list(told.filter(place=place).values_list("pk", flat=True))).update(**facts)
    key = config.mappings.earliest("pk").key
    undecided = config.pairs.filter(state="CONFLICT").iterator(chunk_size=AT_ONCE)
    models.Conflict.objects.bulk_create(
        (models.Conflict(pair=pair, key=key, field_label="E-mail", left="a", right="b") for pair in undecided), batch_size=500
    )


def _entries(config: Any, run: Any) -> None:
    """One entry for each pair, as after a run that wrote them all."""
    from syncapp import models

    models.Operation.objects.bulk_create(
        (
            models.Operation(
                run=run, config=config, pair=pair, side="RIGHT", kind="UPDATE", record_kind="customer", status="DONE",
                changes={"GivenName": ["a", "b"]}, idempotency_key=f"walk-{pair.pk}",
            )
            for pair in config.pairs.iterator(chunk_size=AT_ONCE)
        ),
        batch_size=500,
    )
