"""The QuickBooks face: OAuth, the v3 company API and the pages around them, over the sandbox's store."""
