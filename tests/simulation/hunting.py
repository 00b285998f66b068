"""Play scenarios until one breaks a promise, and tell which: `python -m tests.simulation.hunting 2000 0`.

Owns the hunt for one planted bug. The scenarios and the promises are those of every other simulation.
"""

from __future__ import annotations

import json
import os
import sys


def main(most: int, seed: int) -> int:
    """Play at most so many scenarios from a seed on. Ends with 1 where one broke a promise, or could not be played."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
    os.environ["TEST_DATABASE_URL"] = ""
    import django

    django.setup()
    from tests.simulation import campaign, play, scenarios

    told: dict[str, object] = {"layer": "L2", "first_at": None, "first": []}
    with campaign.theater() as place:
        for number in range(most):
            try:
                broken = play.play(place, scenarios.generate(seed + number)).violations
            except Exception as fault:  # noqa: BLE001 - a bug may break anything
                broken = [f"fault: {type(fault).__name__}: {fault}"]
            if broken:
                told |= {"first_at": number, "first": broken[:4]}
                break
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if told["first"] else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
