"""Measurements of speed, memory and thrift, apart from the tests: `python -m tests.benchmarks`. Nothing here fails a build."""
