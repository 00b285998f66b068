"""How this installation is set up: env -> base -> local, test, production. Nothing imports this package; use django.conf."""
