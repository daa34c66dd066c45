"""How hypothesis runs here: always the same programs, and no deadline, for first calls trace."""

from hypothesis import HealthCheck, settings

settings.register_profile("differential", max_examples=120, deadline=None, derandomize=True,
                          suppress_health_check=list(HealthCheck))
settings.load_profile("differential")
