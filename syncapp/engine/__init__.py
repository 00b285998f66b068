"""Decisions: values in, a plan out. Plain Python: no Django, no HTTP, no clock, no chance, no files, no logging."""
