"""What `manage.py` does before Django is there. Standard library only, and nothing else of this program."""
