"""The engine's tests are the same every time, and quick."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("engine", derandomize=True, max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("engine")
