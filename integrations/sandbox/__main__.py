"""`python -m integrations.sandbox`: serve both vendors' fakes until stopped. Owns the command line only."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from integrations.sandbox import serve
from integrations.sandbox.messages import BadControl
from integrations.sandbox.store import StateFileUnusable


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and serve; 2 with a sentence on stderr when that cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m integrations.sandbox", description="Serve both vendors' fakes on 127.0.0.1.")
    parser.add_argument("--hubspot-port", type=int, default=8801, help="port of the HubSpot face (0: any free one)")
    parser.add_argument("--quickbooks-port", type=int, default=8802, help="port of the QuickBooks face (0: any free one)")
    parser.add_argument("--seed", default="demo", help="what to begin with: demo, empty, or the path of a seed file")
    parser.add_argument("--state", type=Path, default=None, help="file that keeps everything; without it all is gone at the end")
    chosen = parser.parse_args(arguments)
    try:
        serve.serve_forever(hubspot_port=chosen.hubspot_port, quickbooks_port=chosen.quickbooks_port, seed=chosen.seed, state=chosen.state)
    except (BadControl, StateFileUnusable, OSError) as error:
        sys.stderr.write(f"The sandbox cannot start: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
