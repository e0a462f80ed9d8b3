"""What an erasure looks for has its index: what one person was sent, who shares an address, what a colleague wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In place of the one of what waits for somebody, which it finds as well.
    op.create_index("ix_deliveries_person_id_state", "deliveries", ["person_id", "state"])
    op.drop_index("ix_deliveries_person_waiting", "deliveries")
    written = sa.text("written_by IS NOT NULL")
    op.create_index(
        "ix_messages_written_by", "messages", ["written_by"], sqlite_where=written, postgresql_where=written
    )
    op.create_index("ix_person_addresses_address_id", "person_addresses", ["address_id"])
