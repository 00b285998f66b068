"""What a sandbox begins with: `demo`, `empty`, or a file of the same form.

Owns where seeds lie. The faces turn a seed's relative times (`created_days_ago`) into dates when they load it.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

from integrations.sandbox.messages import BadControl, Json

PORTAL_ID = "48210077"
REALM_ID = "9341452600001"
DEMO_FILE = Path(__file__).resolve().parents[2] / "fixtures" / "sandbox" / "demo.json"
NAMED = ("demo", "empty")

_EMPTY_PORTAL: Json = {
    "portal_id": PORTAL_ID,
    "name": "Empty portal",
    "time_zone": "America/New_York",
    "currency": "USD",
    "owners": [],
    "objects": {},
}
_EMPTY_COMPANY: Json = {"realm_id": REALM_ID, "name": "Empty company", "home_currency": "USD"}
EMPTY: Json = {"hubspot": {"portals": [_EMPTY_PORTAL]}, "quickbooks": {"companies": [_EMPTY_COMPANY]}}


def load(seed: str | Path) -> Json:
    """The seed of that name or in that file. Raises BadControl when there is none or it is no seed."""
    if seed == "empty":
        return copy.deepcopy(EMPTY)
    path = DEMO_FILE if seed == "demo" else Path(seed)
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadControl(f"There is no seed {str(seed)!r}. Use demo, empty, or the path of a seed file.") from None
    except ValueError as error:
        raise BadControl(f"The seed {str(seed)!r} is not JSON: {error}.") from error
    if not isinstance(value, dict) or not {"hubspot", "quickbooks"} >= set(value):
        raise BadControl(f'The seed {str(seed)!r} is not an object with "hubspot" and "quickbooks".')
    return {"hubspot": {"portals": []}, "quickbooks": {"companies": []}, **value}
