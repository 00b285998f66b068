"""Every action and every transaction. No HTML, no vendor client."""
