"""Clients of the two vendors' APIs, and the sandbox that plays both of them. Plain Python: knows neither Django nor syncapp."""
