"""Both vendors on loopback: two faces (ports) over one world (clock, store, faults, log)."""
