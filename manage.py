#!/usr/bin/env python3
"""The one command of this project: `python3 manage.py demo`, `test`, `serve`, and every Django command.

Needs nothing but Python 3.11 with venv: `demo`, `test` and `serve` make the virtual environment .venv when the dependencies are
missing, and run again inside it. Must stay readable to old Pythons up to the version check, and free of Django until it is there.
"""

import os
import sys

if os.name != "posix" or sys.version_info < (3, 11):
    sys.exit(
        "This program needs Python 3.11 or newer on Linux or macOS; this is Python %d.%d (%s).\n"
        "On Debian or Ubuntu: sudo apt install python3 python3-venv\n"
        "Then call it by that Python, such as: python3.11 manage.py demo" % (sys.version_info[0], sys.version_info[1], sys.executable)
    )


def main() -> None:
    """Prepare the environment for the command, then hand it to Django."""
    from syncapp.bootstrap import configuration, environment

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    environment.ensure(command=command, arguments=sys.argv[1:])
    configuration.prepare(command=command)

    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018  (reading any setting loads them all; Django would hide what is wrong with them)
    except ImproperlyConfigured as error:
        if command not in ("help", "version", "--help", "--version"):
            sys.exit("The settings are not complete: %s" % error)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
