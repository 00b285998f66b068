"""The encryption key is changed while everything runs, and wherever that is broken off, everything is still read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.connectors import factory
from syncapp.engine.vocabulary import Environment, System
from syncapp.services import connections, credentials, second_factor
from tests.services import made

pytestmark = pytest.mark.django_db
FIRST, SECOND = ("first", b"1" * 32), ("second", b"2" * 32)
ACCOUNTS = 4


class Broken(Exception):
    """The machine went off."""


@pytest.fixture
def accounts(settings: Settings) -> list[models.Connection]:
    """Several accounts whose tokens the first key sealed; both keys are there now."""
    settings.CREDENTIAL_KEYS = (FIRST,)
    rows = [made.hubspot(str(number)) for number in range(ACCOUNTS)]
    for row in rows:
        tokens = factory.TokenSet(access_token=f"access {row.pk}", refresh_token=f"refresh {row.pk}", expires_in=3600)
        credentials.store(connection=row, tokens=tokens, now=made.NOW)
    settings.CREDENTIAL_KEYS = (SECOND, FIRST)
    return rows


def keeper(row: models.Connection, clock: made.Clock) -> credentials.TokenKeeper:
    app = connections.app(system=System.HUBSPOT, environment=Environment.LOCAL_SANDBOX)
    return credentials.TokenKeeper(connection_id=row.pk, app=app, outside=clock.ports)


def are_read(rows: list[models.Connection]) -> bool:
    """Whether syncs get the tokens of every account."""
    return [keeper(row, made.Clock()).token() for row in rows] == [f"access {row.pk}" for row in rows]


class TestRotation:
    @pytest.mark.parametrize("done", range(ACCOUNTS + 1))
    def test_that_is_broken_off_leaves_everything_readable_and_is_taken_up_again(
        self, done: int, accounts: list[models.Connection], settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reseal, worked = credentials._resealed, []

        def breaks(pk: int) -> bool:
            if len(worked) == done:
                raise Broken
            worked.append(pk)
            return reseal(pk)

        with monkeypatch.context() as patched:
            patched.setattr(credentials, "_resealed", breaks)
            if done < ACCOUNTS:
                with pytest.raises(Broken):
                    credentials.rotate()
            else:
                credentials.rotate()

        assert models.Credential.objects.filter(key_id="second").count() == done
        assert are_read(accounts)

        assert credentials.rotate() == ACCOUNTS - done
        settings.CREDENTIAL_KEYS = (SECOND,)
        assert are_read(accounts)

    def test_goes_on_while_syncs_renew_tokens(
        self, accounts: list[models.Connection], settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reseal, late = credentials._resealed, made.Clock(made.NOW + timedelta(hours=2))

        def renewed(*, app: factory.App, refresh_token: object) -> factory.TokenSet:
            return factory.TokenSet(access_token="renewed access", refresh_token="renewed refresh", expires_in=3600)

        def meanwhile(pk: int) -> bool:
            for row in accounts:
                keeper(row, late).token()
            return reseal(pk)

        monkeypatch.setattr(factory, "refresh", renewed)
        monkeypatch.setattr(credentials, "_resealed", meanwhile)

        credentials.rotate()

        settings.CREDENTIAL_KEYS = (SECOND,)
        assert {keeper(row, late).token() for row in accounts} == {"renewed access"}

    def test_of_second_factors_that_is_broken_off_is_taken_up_again(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.CREDENTIAL_KEYS = (FIRST,)
        for name in ("ann", "bob"):
            user = made.User.objects.create_user(name)
            secret = second_factor.sealing.seal(place=second_factor._place(user.pk), value="A" * 32)
            models.SecondFactor.objects.create(user=user, secret=secret, key_id="first", set_up_at=made.NOW)
        settings.CREDENTIAL_KEYS = (SECOND, FIRST)
        seal, sealed = second_factor.sealing.seal, []

        def breaks(*, place: str, value: str) -> str:
            if sealed:
                raise Broken
            sealed.append(place)
            return seal(place=place, value=value)

        with monkeypatch.context() as patched:
            patched.setattr(second_factor.sealing, "seal", breaks)
            with pytest.raises(Broken):
                second_factor.rotate()

        assert sorted(models.SecondFactor.objects.values_list("key_id", flat=True)) == ["first", "second"]
        assert second_factor.rotate() == 1
        settings.CREDENTIAL_KEYS = (SECOND,)
        assert [
            second_factor.sealing.unseal(place=second_factor._place(row.user_id), sealed=row.secret)
            for row in models.SecondFactor.objects.all()
        ] == ["A" * 32] * 2
