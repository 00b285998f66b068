"""Plan random cases without a database: `python -m tests.simulation.planner --cases 1000000 --seed 1 --json`.

Owns the command. Ends with 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import json
import sys

from tests.simulation.planner import campaign


def main() -> int:
    """Play the cases, print what came of them, and tell the shell."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planner", description=__doc__)
    parser.add_argument("--cases", type=int, default=campaign.QUICK, help="how many cases to play")
    parser.add_argument("--seed", type=int, default=1, help="which cases: the same seed plays the same ones")
    parser.add_argument("--until-caught", action="store_true", help="stop at the first case that breaks a promise")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    asked = parser.parse_args()
    result = campaign.play(cases=asked.cases, seed=asked.seed, until_caught=asked.until_caught)
    sys.stdout.write((json.dumps(result.figures()) if asked.json else result.told()) + "\n")
    return 1 if result.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
