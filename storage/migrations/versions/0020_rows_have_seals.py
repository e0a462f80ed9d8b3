"""Rows that say who may do what, or lead to a reader, have a seal; a person's own row says that there is a PIN.

Seals need the key: whoever opens the database next makes those of the rows that are there, once (`storage.sealing`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TABLES = (
    "organisation",
    "people",
    "addresses",
    "person_addresses",
    "cohorts",
    "consents",
    "memberships",
    "roles",
    "invites",
    "invite_uses",
    "web_links",
)


def upgrade() -> None:
    op.add_column("people", sa.Column("locked", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in _TABLES:
        op.add_column(name, sa.Column("seal", sa.LargeBinary(21), nullable=True))
    op.execute(
        "UPDATE people SET locked = TRUE WHERE EXISTS (SELECT 1 FROM web_pins WHERE web_pins.person_id = people.id)"
    )
