"""The client for QuickBooks Online's accounting API, version 3. Knows neither Django nor syncapp."""
