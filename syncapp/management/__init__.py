"""The shell's door: commands, and the descriptions of what they start."""
