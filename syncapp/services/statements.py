"""The statements that every call to a vendor makes: for its token, and for its share of the limits.

Owns their words alone, the same for SQLite and PostgreSQL. To have them put together anew for each call took two fifths of reading a page.
"""
from __future__ import annotations

AS_STORED = """
SELECT access_token, access_expires_at, credential.updated_at
FROM syncapp_credential AS credential JOIN syncapp_connection AS connection ON connection.id = connection_id
WHERE connection_id = %s AND connection.status = %s
"""
"""The token as it is kept, where its connection is in use."""

PACED = """
UPDATE syncapp_bucket SET tat = CASE WHEN tat > %s THEN tat ELSE %s END + period / (%s * allowed)
WHERE name = %s AND blocked_until <= %s AND tat <= %s + period * %s - period * %s / allowed
"""
"""Takes from a paced bucket that has room."""

COUNTED = """
UPDATE syncapp_bucket
SET used = CASE WHEN used_since < %s THEN 1 ELSE used + 1 END, used_since = CASE WHEN used_since < %s THEN %s ELSE used_since END
WHERE name = %s AND blocked_until <= %s AND (used_since < %s OR used < allowed)
"""
"""Takes from a counted bucket that has room, which a new day or month empties."""
