"""A vendor's payload to `Record` values and back. No Django, no models, no decisions."""
