"""What `manage.py test` is made of: the checks, and a PostgreSQL server to run the tests on."""
