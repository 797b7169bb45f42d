from __future__ import annotations

from hypothesis import HealthCheck, settings

# A busy machine is no defect: no example is judged by how long it took.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
