"""The whole schema, for the first time."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("messenger", sa.String(length=16), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("unreachable_since", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
        sa.UniqueConstraint("messenger", "lookup", name="uq_addresses_messenger_lookup"),
    )
    op.create_table(
        "audit",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cohorts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("languages", sa.String(length=255), nullable=False),
        sa.Column("zone", sa.String(length=64)),
        sa.Column("context", sa.LargeBinary()),
        sa.Column("practice", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cohorts"),
        sa.UniqueConstraint("lookup", name="uq_cohorts_lookup"),
    )
    op.create_table(
        "dialog_versions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_dialog_versions"),
    )
    op.create_index("ix_dialog_versions_name", "dialog_versions", ["name"])
    op.create_table(
        "inbox",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("messenger", sa.String(length=16), nullable=False),
        sa.Column("update_key", sa.String(length=64), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("error", sa.String(length=64)),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('pending', 'done', 'poison')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("seq", name="pk_inbox"),
        sa.UniqueConstraint("id", name="uq_inbox_id"),
        sa.UniqueConstraint("messenger", "update_key", name="uq_inbox_messenger_update_key"),
        sqlite_autoincrement=True,
    )
    partial_index("ix_inbox_chat", "inbox", ["messenger", "lookup", "seq"], "state = 'pending'")
    partial_index("ix_inbox_pending", "inbox", ["seq"], "state = 'pending'")
    op.create_table(
        "inbox_keys",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_inbox_keys"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("key_confirmed_at", MOMENT),
        sa.Column("backup_verified_at", MOMENT),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_only_one")),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nickname", sa.LargeBinary()),
        sa.Column("preferences", sa.LargeBinary()),
        sa.Column("language", sa.String(length=35)),
        sa.Column("zone", sa.String(length=64)),
        sa.Column("participation", sa.String(length=16), nullable=False),
        sa.Column("practice", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "participation IN ('invited', 'consenting', 'naming', 'active', "
            "'declined', 'paused', 'left', 'unreachable')",
            name=op.f("ck_people_participation"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "person_keys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_keys"),
    )
    op.create_table(
        "purposes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_purposes"),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("dialog_hash", sa.String(length=64), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("purpose_id", sa.Uuid(), nullable=False),
        sa.Column("ordered_by", sa.Uuid()),
        sa.Column("ordered_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("cancelled_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_broadcasts_cohort_id_cohorts"),
        sa.ForeignKeyConstraint(
            ["dialog_hash"], ["dialog_versions.hash"], name="fk_broadcasts_dialog_hash_dialog_versions"
        ),
        sa.ForeignKeyConstraint(["purpose_id"], ["purposes.id"], name="fk_broadcasts_purpose_id_purposes"),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
        sa.UniqueConstraint("key", name="uq_broadcasts_key"),
    )
    op.create_index("ix_broadcasts_cohort_id", "broadcasts", ["cohort_id"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("action IN ('given', 'declined', 'withdrawn')", name=op.f("ck_consents_action")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_consents_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_person_id", "consents", ["person_id"])
    op.create_table(
        "invites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("cohort_id", sa.Uuid()),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.CheckConstraint("role IN ('leader', 'facilitator', 'translator', 'admin')", name=op.f("ck_invites_role")),
        sa.CheckConstraint("uses > 0", name=op.f("ck_invites_uses")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_invites_cohort_id_cohorts"),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
        sa.UniqueConstraint("lookup", name="uq_invites_lookup"),
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_memberships_cohort_id_cohorts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_memberships_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_cohort_id", "memberships", ["cohort_id"])
    partial_index("uq_memberships_present", "memberships", ["person_id", "cohort_id"], "left_at IS NULL", unique=True)
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid()),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("written_by", sa.Uuid()),
        sa.Column("taken_by", sa.Uuid()),
        sa.Column("taken_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint("direction IN ('held', 'to_team', 'from_team')", name=op.f("ck_messages_direction")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_messages_cohort_id_cohorts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_messages_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_cohort_id", "messages", ["cohort_id"])
    op.create_index("ix_messages_person_id", "messages", ["person_id"])
    op.create_table(
        "person_addresses",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("current", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"], name="fk_person_addresses_address_id_addresses"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_addresses_person_id_people"),
        sa.PrimaryKeyConstraint("person_id", "address_id", name="pk_person_addresses"),
    )
    op.create_index(
        "uq_person_addresses_current",
        "person_addresses",
        ["address_id"],
        unique=True,
        sqlite_where=sa.text("current IS 1"),
        postgresql_where=sa.text("current IS true"),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("cohort_id", sa.Uuid()),
        sa.Column("granted_by", sa.Uuid()),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.CheckConstraint("role IN ('facilitator', 'translator', 'admin')", name=op.f("ck_roles_role")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_roles_cohort_id_cohorts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_roles_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
    )
    op.create_index("ix_roles_person_id", "roles", ["person_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("broadcast_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32)),
        sa.CheckConstraint("state IN ('due', 'started', 'skipped')", name=op.f("ck_deliveries_state")),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name="fk_deliveries_broadcast_id_broadcasts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_deliveries_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("broadcast_id", "person_id", name="uq_deliveries_broadcast_id_person_id"),
    )
    partial_index("ix_deliveries_waiting", "deliveries", ["due_at"], "state = 'due'")
    op.create_table(
        "invite_uses",
        sa.Column("invite_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["invite_id"], ["invites.id"], name="fk_invite_uses_invite_id_invites"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_invite_uses_person_id_people"),
        sa.PrimaryKeyConstraint("invite_id", "person_id", name="pk_invite_uses"),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("dialog_hash", sa.String(length=64), nullable=False),
        sa.Column("cohort_id", sa.Uuid()),
        sa.Column("broadcast_id", sa.Uuid()),
        sa.Column("delivery_id", sa.Uuid()),
        sa.Column("started_by", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("prompt", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("active_at", MOMENT, nullable=False),
        sa.Column("resume_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("started_by IN ('broadcast', 'person', 'staff')", name=op.f("ck_runs_started_by")),
        sa.CheckConstraint(
            "status IN ('offered', 'open', 'postponed', 'stopped', 'completed', 'expired')", name=op.f("ck_runs_status")
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name="fk_runs_broadcast_id_broadcasts"),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_runs_cohort_id_cohorts"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_runs_delivery_id_deliveries"),
        sa.ForeignKeyConstraint(["dialog_hash"], ["dialog_versions.hash"], name="fk_runs_dialog_hash_dialog_versions"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_runs_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("delivery_id", name="uq_runs_delivery_id"),
    )
    op.create_index("ix_runs_broadcast_id", "runs", ["broadcast_id"])
    op.create_index("ix_runs_dialog_hash", "runs", ["dialog_hash"])
    op.create_index("ix_runs_person_id_status", "runs", ["person_id", "status"])
    partial_index("ix_runs_resume", "runs", ["resume_at"], "resume_at IS NOT NULL")
    op.create_table(
        "answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_answers_person_id_people"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_answers_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.UniqueConstraint("run_id", "path", "revision", name="uq_answers_run_id_path_revision"),
    )
    op.create_index("ix_answers_person_id", "answers", ["person_id"])
    op.create_table(
        "media",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("path", sa.String(length=255)),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mime", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer()),
        sa.Column("file", sa.String(length=64)),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('voice', 'photo')", name=op.f("ck_media_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_media_person_id_people"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_media_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_media"),
    )
    op.create_index("ix_media_person_id", "media", ["person_id"])
    op.create_index("ix_media_run_id", "media", ["run_id"])
    op.create_table(
        "outbox",
        sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("day", sa.Date()),
        sa.Column("messenger", sa.String(length=16), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("prompt", sa.Integer()),
        sa.Column("repeatable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("edits", SEQUENCE),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64)),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("message_id", sa.BigInteger()),
        sa.CheckConstraint("kind IN ('message', 'edit', 'echo', 'delete')", name=op.f("ck_outbox_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'unknown', 'gone', 'failed', 'dropped')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_outbox_person_id_people"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_outbox_run_id_runs"),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sqlite_autoincrement=True,
    )
    partial_index("ix_outbox_chat", "outbox", ["messenger", "lookup", "seq"], "state IN ('queued', 'sending')")
    op.create_index(
        "ix_outbox_messenger_lookup_message_id", "outbox", ["messenger", "lookup", "message_id"], unique=False
    )
    op.create_index("ix_outbox_person_id", "outbox", ["person_id"])
    op.create_index("ix_outbox_run_id_prompt", "outbox", ["run_id", "prompt"])
    partial_index("ix_outbox_waiting", "outbox", ["lane", "seq"], "state IN ('queued', 'sending')")
