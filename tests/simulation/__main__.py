"""`python -m tests.simulation`: play scenarios, print what was found, and end with one line of JSON. Owns the command line only."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Play what the command line asks for. The exit code is 0 when no promise was broken and every kind of fault was tried."""
    chosen = _parser().parse_args(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
    os.environ["TEST_DATABASE_URL"] = ""
    import django

    django.setup()
    from tests.simulation import campaign

    with campaign.theater() as place:
        figures = campaign.run(
            place, range(chosen.seed, chosen.seed + chosen.scenarios), twice_every=chosen.twice_every, keep=chosen.keep, tell=_say
        )
        if chosen.crashes:
            campaign.walk_all(place, figures, of=chosen.crashes, tell=_say)
    if chosen.planted:
        from tests.simulation import planting

        catches = planting.campaign()
        figures.planted, figures.planted_caught = len(catches), sum(bool(one.hunter) for one in catches)
        for one in catches:
            _say(one.told)
    for line in figures.table():
        _say(line)
    if chosen.json:
        _say(json.dumps(figures.as_json()))
    return 0 if figures.good and figures.planted == figures.planted_caught else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Let the sync work in a world where much goes wrong.")
    parser.add_argument("--scenarios", type=int, default=200, help="how many scenarios to play (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first one (default: 0)")
    parser.add_argument("--twice-every", type=int, default=10, help="play one in so many twice, to see that it goes the same way (0: none)")
    parser.add_argument("--crashes", type=int, default=0, help="die at one in so many places of the reference scenarios (default: 0, none)")
    parser.add_argument("--keep", type=Path, help="make what fails small and write it to this folder")
    parser.add_argument("--planted", action="store_true", help="plant bugs as well, one after the other, and hunt for each")
    parser.add_argument("--json", action="store_true", help="end with the figures as one line of JSON")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
