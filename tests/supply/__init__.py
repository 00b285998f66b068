"""What the program is made of: packages, their licences and faults, code that tools look askance at, and secrets that must not be there."""
