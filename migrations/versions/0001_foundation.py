"""Agencies, people, the stream, properties and notes, all behind the tenant policy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import policies
from storage.database import APP, PLATFORM

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in policies.FUNCTIONS.strip().split("\n\n"):
        op.execute(statement)
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("email_verified_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("last_tenant_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "security_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("ip_address", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
    )
    op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("company_email", sa.Text(), nullable=True),
        sa.Column("company_phone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("primary_color", sa.Text(), nullable=False),
        sa.Column("secondary_color", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), server_default="FREE", nullable=False),
        sa.Column("billing_cycle", sa.Text(), server_default="MONTHLY", nullable=False),
        sa.Column("subscription_status", sa.Text(), server_default="TRIALING", nullable=False),
        sa.Column("trial_ends_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("current_period_end", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("cancel_at_period_end", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("property_number_format", sa.Text(), nullable=False),
        sa.CheckConstraint("billing_cycle in ('MONTHLY', 'YEARLY')", name=op.f("ck_tenant_billing_cycle")),
        sa.CheckConstraint("plan in ('FREE', 'STARTER', 'PROFESSIONAL', 'ENTERPRISE')", name=op.f("ck_tenant_plan")),
        sa.CheckConstraint(
            "subscription_status in ('TRIALING', 'ACTIVE', 'PAST_DUE', 'CANCELED', 'UNPAID', 'INCOMPLETE', 'SUSPENDED')",
            name=op.f("ck_tenant_subscription_status"),
        ),
        sa.CheckConstraint("id = tenant_id", name=op.f("ck_tenant_own_row")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("id", name=op.f("uq_tenant_id")),
    )
    op.create_table(
        "tenant_slug",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_tenant_slug")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("resource_title", sa.Text(), nullable=True),
        sa.Column("old_values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("new_values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("ip_address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "action in ('CREATE', 'READ_SENSITIVE', 'UPDATE', 'DELETE', 'RESTORE', 'PURGE', 'LOGIN', 'LOGIN_FAILED', 'LOGOUT', 'EXPORT', 'SEND', 'PUBLISH', 'ROLE_CHANGE', 'CONSENT', 'ERASE', 'MERGE', 'IMPERSONATE', 'TOOL')",
            name=op.f("ck_audit_entry_action"),
        ),
        sa.CheckConstraint("outcome in ('SUCCESS', 'DENIED', 'FAILED')", name=op.f("ck_audit_entry_outcome")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_audit_entry_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("tenant_id", "seq", name=op.f("uq_audit_entry_tenant_id_seq")),
    )
    op.create_index(
        op.f("ix_audit_entry_tenant_id_actor_id_timestamp"),
        "audit_entry",
        ["tenant_id", "actor_id", "timestamp"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_entry_tenant_id_resource_type_resource_id_timestamp"),
        "audit_entry",
        ["tenant_id", "resource_type", "resource_id", "timestamp"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_entry_tenant_id_timestamp_id"), "audit_entry", ["tenant_id", "timestamp", "id"], unique=False
    )
    op.create_table(
        "event_outbox",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("changed", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind in ('CREATED', 'UPDATED', 'MOVED', 'STATUS_CHANGED', 'ASSIGNED', 'COMMENTED', 'DELETED', 'RESTORED', 'PURGED', 'LAGGED')",
            name=op.f("ck_event_outbox_kind"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_event_outbox_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "seq", name=op.f("pk_event_outbox")),
    )
    op.create_table(
        "event_stream",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("min_seq", sa.BigInteger(), nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_event_stream_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_event_stream")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_idempotency_key_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "member_id", "key", "path", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("first_name", sa.String(100), nullable=False),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column("name", sa.Text(), sa.Computed("first_name || ' ' || last_name", persisted=True), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), server_default="AGENT", nullable=False),
        sa.Column("department", sa.String(100), nullable=True),
        sa.Column("position", sa.String(100), nullable=True),
        sa.Column("status", sa.Text(), server_default="INVITED", nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("bio", sa.String(2000), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("joined_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("last_login_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint("role in ('OWNER', 'ADMIN', 'MANAGER', 'AGENT', 'CUSTOMER')", name=op.f("ck_member_role")),
        sa.CheckConstraint("status in ('INVITED', 'ACTIVE', 'DEACTIVATED')", name=op.f("ck_member_status")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_member_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_member_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_member")),
        sa.UniqueConstraint("tenant_id", "account_id", name=op.f("uq_member_tenant_id_account_id")),
        sa.UniqueConstraint("tenant_id", "email", name=op.f("uq_member_tenant_id_email")),
    )
    op.create_table(
        "number_sequence",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_number_sequence_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "plan_counter",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "resource in ('USERS', 'PROPERTIES', 'DOCUMENTS', 'STORAGE', 'AI_REQUESTS')",
            name=op.f("ck_plan_counter_resource"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_plan_counter_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "resource", name=op.f("pk_plan_counter")),
    )
    op.create_table(
        "token_directory",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="REFRESH", nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("rotated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint("kind in ('REFRESH')", name=op.f("ck_token_directory_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_token_directory_account_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token_directory")),
    )
    op.create_index(
        op.f("ix_token_directory_tenant_session_id"), "token_directory", ["tenant", "session_id"], unique=False
    )
    op.create_table(
        "account_tenant",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_tenant_account_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_account_tenant_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_account_tenant_tenant"),
        sa.PrimaryKeyConstraint("account_id", "tenant_id", name=op.f("pk_account_tenant")),
    )
    op.create_table(
        "property",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.Column("external_number", sa.String(50), nullable=False),
        sa.Column("open_immo_id", sa.Text(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.String(10000), nullable=True),
        sa.Column("location_description", sa.String(5000), nullable=True),
        sa.Column("equipment_description", sa.String(5000), nullable=True),
        sa.Column("other_description", sa.String(5000), nullable=True),
        sa.Column("status", sa.Text(), server_default="PREPARATION", nullable=False),
        sa.Column("status_changed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("status_reason", sa.String(500), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subtype", sa.Text(), nullable=True),
        sa.Column("usage", sa.Text(), server_default="RESIDENTIAL", nullable=False),
        sa.Column("marketing_type", sa.Text(), server_default="BUY", nullable=False),
        sa.Column("currency", sa.String(3), server_default="EUR", nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("price_on_request", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("rent_cold", sa.BigInteger(), nullable=True),
        sa.Column("rent_warm", sa.BigInteger(), nullable=True),
        sa.Column("service_charge", sa.BigInteger(), nullable=True),
        sa.Column("heating_cost", sa.BigInteger(), nullable=True),
        sa.Column("heating_included", sa.Boolean(), nullable=True),
        sa.Column("deposit", sa.BigInteger(), nullable=True),
        sa.Column("house_money", sa.BigInteger(), nullable=True),
        sa.Column("rent_income_year", sa.BigInteger(), nullable=True),
        sa.Column("closing_price", sa.BigInteger(), nullable=True),
        sa.Column(
            "price_per_sqm",
            sa.BigInteger(),
            sa.Computed(
                "((case when marketing_type in ('BUY', 'LEASEHOLD') then price else rent_cold end) * 100 + living_area / 2) / nullif(living_area, 0)",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column("commission_model", sa.Text(), server_default="DOUBLE", nullable=False),
        sa.Column("commission_buyer", sa.Integer(), nullable=True),
        sa.Column("commission_seller", sa.Integer(), nullable=True),
        sa.Column("commission_text", sa.String(1000), nullable=True),
        sa.Column("living_area", sa.BigInteger(), nullable=True),
        sa.Column("usable_area", sa.BigInteger(), nullable=True),
        sa.Column("total_area", sa.BigInteger(), nullable=True),
        sa.Column("plot_area", sa.BigInteger(), nullable=True),
        sa.Column("rooms", sa.Integer(), nullable=True),
        sa.Column("bedrooms", sa.SmallInteger(), nullable=True),
        sa.Column("bathrooms", sa.Integer(), nullable=True),
        sa.Column("floor", sa.SmallInteger(), nullable=True),
        sa.Column("floors_total", sa.SmallInteger(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("last_modernisation", sa.SmallInteger(), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("available_from_text", sa.String(100), nullable=True),
        sa.Column("is_rented", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("location", sa.String(255), nullable=True),
        sa.Column("street", sa.String(255), nullable=True),
        sa.Column("house_number", sa.String(20), nullable=True),
        sa.Column("postal_code", sa.String(10), nullable=True),
        sa.Column("city", sa.String(100), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("region", sa.String(100), nullable=True),
        sa.Column("country", sa.String(2), server_default="DE", nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("show_address", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("features", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("unknown_features", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("parking_spaces", sa.SmallInteger(), nullable=True),
        sa.Column("parking_type", sa.Text(), nullable=True),
        sa.Column("balcony_area", sa.BigInteger(), nullable=True),
        sa.Column("terrace_area", sa.BigInteger(), nullable=True),
        sa.Column("garden_area", sa.BigInteger(), nullable=True),
        sa.Column("heating_type", sa.Text(), nullable=True),
        sa.Column("energy_source", sa.Text(), nullable=True),
        sa.Column("energy_class", sa.Text(), nullable=True),
        sa.Column("flooring", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("orientation", sa.Text(), nullable=True),
        sa.Column("internet_speed_mbit", sa.Integer(), nullable=True),
        sa.Column("amenities", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("assigned_agent_id", sa.Uuid(), nullable=True),
        sa.Column("first_available_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("virtual_tour_url", sa.Text(), nullable=True),
        sa.Column("video_url", sa.Text(), nullable=True),
        sa.Column("title_key", sa.Text(), sa.Computed("app.fold(title)", persisted=True), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "app.search_document(tenant_id, title || ' ' || external_number, coalesce(location, '') || ' ' || coalesce(street, '') || ' ' || coalesce(postal_code, '') || ' ' || coalesce(city, ''), coalesce(description, '') || ' ' || coalesce(location_description, '') || ' ' || coalesce(equipment_description, '') || ' ' || coalesce(other_description, ''))",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "commission_model in ('DOUBLE', 'SELLER_ONLY_SHARED', 'SELLER_PAYS', 'BUYER_PAYS', 'NONE')",
            name=op.f("ck_property_commission_model"),
        ),
        sa.CheckConstraint(
            "condition in ('NEW', 'RENOVATED', 'GOOD', 'NEEDS_RENOVATION', 'POOR')", name=op.f("ck_property_condition")
        ),
        sa.CheckConstraint(
            "energy_class in ('A_PLUS', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H')", name=op.f("ck_property_energy_class")
        ),
        sa.CheckConstraint(
            "energy_source in ('GAS', 'OIL', 'DISTRICT', 'ELECTRIC', 'PELLET', 'WOOD', 'COAL', 'SOLAR', 'GEOTHERMAL', 'AIR_HEAT_PUMP', 'LPG', 'CHP', 'WATER_ELECTRIC', 'ALTERNATIVE')",
            name=op.f("ck_property_energy_source"),
        ),
        sa.CheckConstraint(
            "features <@ array['BALCONY', 'GARDEN', 'ELEVATOR', 'TERRACE', 'CELLAR', 'FITTED_KITCHEN', 'BARRIER_FREE', 'GUEST_TOILET', 'FIREPLACE', 'FURNISHED', 'PETS_ALLOWED', 'AIR_CONDITIONING', 'POOL', 'SAUNA', 'FLAT_SHARE_SUITABLE', 'MONUMENT', 'PARKING']",
            name=op.f("ck_property_features"),
        ),
        sa.CheckConstraint(
            "flooring <@ array['PARQUET', 'TILES', 'LAMINATE', 'CARPET', 'STONE', 'VINYL', 'OTHER']",
            name=op.f("ck_property_flooring"),
        ),
        sa.CheckConstraint(
            "heating_type in ('CENTRAL', 'FLOOR_HEATING', 'FLOOR', 'DISTRICT', 'STOVE', 'HEAT_PUMP', 'ELECTRIC', 'NIGHT_STORAGE', 'CHP', 'SOLAR', 'NONE')",
            name=op.f("ck_property_heating_type"),
        ),
        sa.CheckConstraint(
            "marketing_type in ('BUY', 'RENT', 'LEASEHOLD', 'LEASING')", name=op.f("ck_property_marketing_type")
        ),
        sa.CheckConstraint(
            "orientation in ('NORTH', 'NORTH_EAST', 'EAST', 'SOUTH_EAST', 'SOUTH', 'SOUTH_WEST', 'WEST', 'NORTH_WEST', 'MIXED')",
            name=op.f("ck_property_orientation"),
        ),
        sa.CheckConstraint(
            "parking_type in ('GARAGE', 'CARPORT', 'UNDERGROUND', 'OUTDOOR', 'DUPLEX', 'CAR_PARK')",
            name=op.f("ck_property_parking_type"),
        ),
        sa.CheckConstraint(
            "state in ('BW', 'BY', 'BE', 'BB', 'HB', 'HH', 'HE', 'MV', 'NI', 'NW', 'RP', 'SL', 'SN', 'ST', 'SH', 'TH')",
            name=op.f("ck_property_state"),
        ),
        sa.CheckConstraint(
            "status in ('ACQUISITION', 'PREPARATION', 'AVAILABLE', 'RESERVED', 'SOLD', 'RENTED', 'WITHDRAWN')",
            name=op.f("ck_property_status"),
        ),
        sa.CheckConstraint(
            "subtype in ('ATTIC', 'MAISONETTE', 'LOFT', 'PENTHOUSE', 'TERRACED_APARTMENT', 'FLOOR_APARTMENT', 'GROUND_FLOOR', 'SOUTERRAIN', 'STUDIO', 'HOLIDAY_APARTMENT', 'GALLERY', 'UNFINISHED_ATTIC', 'DETACHED', 'SEMI_DETACHED', 'ROW_HOUSE', 'ROW_END', 'ROW_MIDDLE', 'ROW_CORNER', 'BUNGALOW', 'VILLA', 'TOWN_HOUSE', 'TWO_FAMILY', 'FARMHOUSE', 'COUNTRY_HOUSE', 'APARTMENT_BUILDING', 'MIXED_USE_BUILDING', 'HOUSING_ESTATE', 'CARE_HOME', 'BUILDING_PLOT', 'COMMERCIAL_PLOT', 'AGRICULTURAL_LAND', 'FOREST', 'OFFICE_SPACE', 'PRACTICE', 'COWORKING', 'SHOP', 'SUPERMARKET', 'RESTAURANT', 'HOTEL', 'WAREHOUSE', 'PRODUCTION_HALL', 'WORKSHOP', 'GARAGE', 'CARPORT', 'UNDERGROUND_SPACE', 'OUTDOOR_SPACE', 'UNSPECIFIED')",
            name=op.f("ck_property_subtype"),
        ),
        sa.CheckConstraint(
            "type in ('APARTMENT', 'HOUSE', 'MULTI_FAMILY', 'LAND', 'OFFICE', 'RETAIL', 'HOSPITALITY', 'INDUSTRIAL', 'AGRICULTURE', 'PARKING', 'INVESTMENT', 'ROOM', 'OTHER')",
            name=op.f("ck_property_type"),
        ),
        sa.CheckConstraint(
            "unknown_features <@ array['BALCONY', 'GARDEN', 'ELEVATOR', 'TERRACE', 'CELLAR', 'FITTED_KITCHEN', 'BARRIER_FREE', 'GUEST_TOILET', 'FIREPLACE', 'FURNISHED', 'PETS_ALLOWED', 'AIR_CONDITIONING', 'POOL', 'SAUNA', 'FLAT_SHARE_SUITABLE', 'MONUMENT', 'PARKING']",
            name=op.f("ck_property_unknown_features"),
        ),
        sa.CheckConstraint(
            "usage in ('RESIDENTIAL', 'COMMERCIAL', 'INVESTMENT', 'TEMPORARY')", name=op.f("ck_property_usage")
        ),
        sa.CheckConstraint("floor <= floors_total", name=op.f("ck_property_floor")),
        sa.CheckConstraint("price >= 0 and rent_cold >= 0 and living_area > 0", name=op.f("ck_property_amounts")),
        sa.CheckConstraint("rent_warm >= rent_cold", name=op.f("ck_property_rent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assigned_agent_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_property_tenant_id_assigned_agent_id"),
            ondelete="SET NULL (assigned_agent_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_property_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deleted_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_property_tenant_id_deleted_by_id"),
            ondelete="SET NULL (deleted_by_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_property_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_property")),
        sa.UniqueConstraint("tenant_id", "open_immo_id", name=op.f("uq_property_tenant_id_open_immo_id")),
    )
    op.create_index(
        "ix_property_city",
        "property",
        ["tenant_id", "city", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        "ix_property_created_at",
        "property",
        ["tenant_id", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        "ix_property_living_area",
        "property",
        ["tenant_id", sa.literal_column("living_area desc nulls last"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index("ix_property_postal_code", "property", ["tenant_id", "postal_code"], unique=False)
    op.create_index(
        "ix_property_price",
        "property",
        ["tenant_id", sa.literal_column("price desc nulls last"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(op.f("ix_property_search"), "property", ["search"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_property_status",
        "property",
        ["tenant_id", "status", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        op.f("ix_property_tenant_id_assigned_agent_id"), "property", ["tenant_id", "assigned_agent_id"], unique=False
    )
    op.create_index("ix_property_title_key", "property", ["tenant_id", "title_key", "id"], unique=False)
    op.create_index(
        "ix_property_updated_at",
        "property",
        ["tenant_id", sa.literal_column("updated_at desc"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        "uq_property_external_number",
        "property",
        ["tenant_id", "external_number"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_table(
        "session",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("user_agent", sa.String(500), nullable=True),
        sa.Column("ip_address", sa.Text(), nullable=True),
        sa.Column("last_used_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_session_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_session_tenant_id_member_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_session_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_tenant_id_member_id"), "session", ["tenant_id", "member_id"], unique=False)
    op.create_table(
        "contact_person",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_contact_person_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "property_id"],
            ["property.tenant_id", "property.id"],
            name=op.f("fk_contact_person_tenant_id_property_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_contact_person_tenant_id_user_id"),
            ondelete="SET NULL (user_id)",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_contact_person_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contact_person")),
    )
    op.create_index(
        op.f("ix_contact_person_tenant_id_property_id"), "contact_person", ["tenant_id", "property_id"], unique=False
    )
    op.create_index(
        op.f("ix_contact_person_tenant_id_user_id"), "contact_person", ["tenant_id", "user_id"], unique=False
    )
    op.create_table(
        "note",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.String(5000), nullable=False),
        sa.Column("pinned", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("num_nonnulls(property_id) = 1", name=op.f("ck_note_one_subject")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"], ["member.tenant_id", "member.id"], name=op.f("fk_note_tenant_id_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_note_tenant_id_created_by_id"),
            ondelete="SET NULL (created_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deleted_by_id"],
            ["member.tenant_id", "member.id"],
            name=op.f("fk_note_tenant_id_deleted_by_id"),
            ondelete="SET NULL (deleted_by_id)",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "property_id"],
            ["property.tenant_id", "property.id"],
            name=op.f("fk_note_tenant_id_property_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_note_tenant"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_tenant_id_author_id"), "note", ["tenant_id", "author_id"], unique=False)
    op.create_index(op.f("ix_note_tenant_id_property_id"), "note", ["tenant_id", "property_id"], unique=False)
    for statement in (
        *policies.secure("tenant", "member", "session", "property", "contact_person", "note"),
        *policies.secure("plan_counter", "number_sequence", "idempotency_key"),
        *policies.secure("event_stream", app="select, insert, update"),
        *policies.secure("event_outbox", "audit_entry", app="select, insert"),
        *policies.directory("account", "account_tenant", "tenant_slug", "token_directory"),
        *policies.directory("security_event", app="insert"),
        *policies.searchable("property"),
    ):
        op.execute(statement)
    op.execute(f"grant select on alembic_version to {APP}, {PLATFORM}")


def downgrade() -> None:
    op.execute("drop function app.search_property(text)")
    op.drop_index(op.f("ix_note_tenant_id_property_id"), table_name="note")
    op.drop_index(op.f("ix_note_tenant_id_author_id"), table_name="note")
    op.drop_table("note")
    op.drop_index(op.f("ix_contact_person_tenant_id_user_id"), table_name="contact_person")
    op.drop_index(op.f("ix_contact_person_tenant_id_property_id"), table_name="contact_person")
    op.drop_table("contact_person")
    op.drop_index(op.f("ix_session_tenant_id_member_id"), table_name="session")
    op.drop_table("session")
    op.drop_index("uq_property_external_number", table_name="property", postgresql_where=sa.text("deleted_at is null"))
    op.drop_index("ix_property_updated_at", table_name="property")
    op.drop_index("ix_property_title_key", table_name="property")
    op.drop_index(op.f("ix_property_tenant_id_assigned_agent_id"), table_name="property")
    op.drop_index("ix_property_status", table_name="property")
    op.drop_index(op.f("ix_property_search"), table_name="property", postgresql_using="gin")
    op.drop_index("ix_property_price", table_name="property")
    op.drop_index("ix_property_postal_code", table_name="property")
    op.drop_index("ix_property_living_area", table_name="property")
    op.drop_index("ix_property_created_at", table_name="property")
    op.drop_index("ix_property_city", table_name="property")
    op.drop_table("property")
    op.drop_table("account_tenant")
    op.drop_index(op.f("ix_token_directory_tenant_session_id"), table_name="token_directory")
    op.drop_table("token_directory")
    op.drop_table("plan_counter")
    op.drop_table("number_sequence")
    op.drop_table("member")
    op.drop_table("idempotency_key")
    op.drop_table("event_stream")
    op.drop_table("event_outbox")
    op.drop_index(op.f("ix_audit_entry_tenant_id_timestamp_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_tenant_id_resource_type_resource_id_timestamp"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_tenant_id_actor_id_timestamp"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("tenant_slug")
    op.drop_table("tenant")
    op.drop_table("security_event")
    op.drop_table("account")
    for statement in policies.DROP_FUNCTIONS.strip().splitlines():
        op.execute(statement)
