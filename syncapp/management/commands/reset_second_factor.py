"""Take somebody's second factor away, from the machine itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from syncapp.services import second_factor


class Command(BaseCommand):
    """`manage.py reset_second_factor NAME`: for an administrator whom no other one can help."""

    help = "Take the second factor of an account away; a new one is set up at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the account."""
        parser.add_argument("name", help="the name that the person signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it away, and say so."""
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no account “{options['name']}”. Look at the names under Users.")
        if not second_factor.take_away(user=user, actor=None):
            raise CommandError(f"The account “{user}” has no second factor; nothing was changed.")
        self.stdout.write(f"The second factor of {user} is taken away. A new one is set up at the next sign-in.")
