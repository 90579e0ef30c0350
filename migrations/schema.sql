--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: app; Type: SCHEMA; Schema: -; Owner: immonow_owner
--

CREATE SCHEMA app;


ALTER SCHEMA app OWNER TO immonow_owner;

--
-- Name: jobs; Type: SCHEMA; Schema: -; Owner: immonow_owner
--

CREATE SCHEMA jobs;


ALTER SCHEMA jobs OWNER TO immonow_owner;

--
-- Name: pgqueuer_status; Type: TYPE; Schema: jobs; Owner: immonow_owner
--

CREATE TYPE jobs.pgqueuer_status AS ENUM (
    'queued',
    'picked',
    'successful',
    'exception',
    'canceled',
    'deleted',
    'failed'
);


ALTER TYPE jobs.pgqueuer_status OWNER TO immonow_owner;

--
-- Name: current_tenant(); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid;


ALTER FUNCTION app.current_tenant() OWNER TO immonow_owner;

--
-- Name: fold(text); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.fold(input text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN TRIM(BOTH FROM regexp_replace(regexp_replace(replace(lower(NORMALIZE(replace(replace(input, 'ß'::text, 'ss'::text), 'ẞ'::text, 'ss'::text), NFD)), '’'::text, ' '::text), '[\u0300-\u036f]'::text, ''::text, 'g'::text), '[[:punct:][:space:]]+'::text, ' '::text, 'g'::text));


ALTER FUNCTION app.fold(input text) OWNER TO immonow_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: member_role; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.member_role (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    member_id uuid NOT NULL,
    role_id uuid NOT NULL
);

ALTER TABLE ONLY public.member_role FORCE ROW LEVEL SECURITY;


ALTER TABLE public.member_role OWNER TO immonow_owner;

--
-- Name: role; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.role (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    name character varying(100) NOT NULL,
    description character varying(500),
    key text,
    permission_keys text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT ck_role_built_in CHECK (((key IS NULL) OR (permission_keys = '{}'::text[]))),
    CONSTRAINT ck_role_key CHECK ((key = ANY (ARRAY['OWNER'::text, 'ADMIN'::text, 'MANAGER'::text, 'AGENT'::text, 'CUSTOMER'::text])))
);

ALTER TABLE ONLY public.role FORCE ROW LEVEL SECURITY;


ALTER TABLE public.role OWNER TO immonow_owner;

--
-- Name: granted(uuid, uuid); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.granted(tenant uuid, member uuid) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT string_agg(array_to_string(r.permission_keys, ' '::text), ' '::text) AS string_agg FROM (public.member_role g JOIN public.role r ON (((r.tenant_id = g.tenant_id) AND (r.id = g.role_id)))) WHERE ((g.tenant_id = granted.tenant) AND (g.member_id = granted.member)));


ALTER FUNCTION app.granted(tenant uuid, member uuid) OWNER TO immonow_owner;

--
-- Name: audit_archive; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.audit_archive (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    last_hash bytea NOT NULL,
    file_key text NOT NULL,
    file_hash bytea NOT NULL,
    CONSTRAINT ck_audit_archive_some CHECK ((first_seq <= last_seq))
);

ALTER TABLE ONLY public.audit_archive FORCE ROW LEVEL SECURITY;


ALTER TABLE public.audit_archive OWNER TO immonow_owner;

--
-- Name: audit_entry; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.audit_entry (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint NOT NULL,
    "timestamp" timestamp(3) with time zone NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id uuid,
    resource_title text,
    old_values jsonb NOT NULL,
    new_values jsonb NOT NULL,
    outcome text NOT NULL,
    error_code text,
    operation text NOT NULL,
    ip_address text,
    user_agent text,
    request_id text NOT NULL,
    hash bytea NOT NULL,
    api_key_prefix text,
    CONSTRAINT ck_audit_entry_action CHECK ((action = ANY (ARRAY['CREATE'::text, 'READ_SENSITIVE'::text, 'UPDATE'::text, 'DELETE'::text, 'RESTORE'::text, 'PURGE'::text, 'LOGIN'::text, 'LOGIN_FAILED'::text, 'LOGOUT'::text, 'EXPORT'::text, 'SEND'::text, 'PUBLISH'::text, 'ROLE_CHANGE'::text, 'CONSENT'::text, 'ERASE'::text, 'MERGE'::text, 'IMPERSONATE'::text, 'TOOL'::text]))),
    CONSTRAINT ck_audit_entry_outcome CHECK ((outcome = ANY (ARRAY['SUCCESS'::text, 'DENIED'::text, 'FAILED'::text])))
);

ALTER TABLE ONLY public.audit_entry FORCE ROW LEVEL SECURITY;


ALTER TABLE public.audit_entry OWNER TO immonow_owner;

--
-- Name: remove_archived_entries(); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.remove_archived_entries() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    BEGIN ATOMIC
 WITH gone AS (
          DELETE FROM public.audit_entry e
            USING public.audit_archive a
           WHERE ((e.tenant_id = app.current_tenant()) AND (a.tenant_id = e.tenant_id) AND ((e.seq >= a.first_seq) AND (e.seq <= a.last_seq)) AND (e."timestamp" < (now() - '365 days'::interval)))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM gone;
END;


ALTER FUNCTION app.remove_archived_entries() OWNER TO immonow_owner;

--
-- Name: spell_out(text); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.spell_out(input text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(replace(replace(replace(replace(replace(input, 'ä'::text, 'ae'::text), 'ö'::text, 'oe'::text), 'ü'::text, 'ue'::text), 'Ä'::text, 'Ae'::text), 'Ö'::text, 'Oe'::text), 'Ü'::text, 'Ue'::text);


ALTER FUNCTION app.spell_out(input text) OWNER TO immonow_owner;

--
-- Name: tenant_lexeme(uuid); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.tenant_lexeme(tenant uuid) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('tenant'::text || replace((tenant)::text, '-'::text, ''::text));


ALTER FUNCTION app.tenant_lexeme(tenant uuid) OWNER TO immonow_owner;

--
-- Name: words(text); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.words(input text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((to_tsvector('german'::regconfig, app.fold(input)) || to_tsvector('simple'::regconfig, app.fold(input))) || to_tsvector('simple'::regconfig, CASE WHEN (input ~ '[äöüÄÖÜ]'::text) THEN app.fold(app.spell_out(input)) ELSE ''::text END));


ALTER FUNCTION app.words(input text) OWNER TO immonow_owner;

--
-- Name: search_document(uuid, text, text, text); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.search_document(tenant uuid, first text, second text, third text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (((array_to_tsvector(ARRAY[app.tenant_lexeme(tenant)]) || setweight(app.words(first), 'A'::"char")) || setweight(app.words(second), 'B'::"char")) || setweight(app.words(third), 'C'::"char"));


ALTER FUNCTION app.search_document(tenant uuid, first text, second text, third text) OWNER TO immonow_owner;

--
-- Name: search_query(text); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.search_query(input text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN (app.fold(input) = ''::text) THEN ''::tsquery ELSE (to_tsquery('german'::regconfig, (replace(app.fold(input), ' '::text, ' & '::text) || ':*'::text)) || to_tsquery('simple'::regconfig, (replace(app.fold(input), ' '::text, ' & '::text) || ':*'::text))) END;


ALTER FUNCTION app.search_query(input text) OWNER TO immonow_owner;

--
-- Name: member; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.member (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    account_id uuid NOT NULL,
    email character varying(254) NOT NULL,
    first_name character varying(100) NOT NULL,
    last_name character varying(100) NOT NULL,
    name text GENERATED ALWAYS AS ((((first_name)::text || ' '::text) || (last_name)::text)) STORED NOT NULL,
    phone text,
    role text DEFAULT 'AGENT'::text NOT NULL,
    department character varying(100),
    "position" character varying(100),
    status text DEFAULT 'INVITED'::text NOT NULL,
    locale text NOT NULL,
    timezone text NOT NULL,
    bio character varying(2000),
    website text,
    joined_at timestamp(3) with time zone,
    last_login_at timestamp(3) with time zone,
    deleted_at timestamp(3) with time zone,
    deleted_by_id uuid,
    search tsvector GENERATED ALWAYS AS (app.search_document(tenant_id, (((first_name)::text || ' '::text) || (last_name)::text), (email)::text, (((COALESCE(department, ''::character varying))::text || ' '::text) || (COALESCE("position", ''::character varying))::text))) STORED,
    email_verified boolean DEFAULT false NOT NULL,
    totp_enabled boolean DEFAULT false NOT NULL,
    avatar_key text,
    CONSTRAINT ck_member_role CHECK ((role = ANY (ARRAY['OWNER'::text, 'ADMIN'::text, 'MANAGER'::text, 'AGENT'::text, 'CUSTOMER'::text]))),
    CONSTRAINT ck_member_status CHECK ((status = ANY (ARRAY['INVITED'::text, 'ACTIVE'::text, 'DEACTIVATED'::text])))
);

ALTER TABLE ONLY public.member FORCE ROW LEVEL SECURITY;


ALTER TABLE public.member OWNER TO immonow_owner;

--
-- Name: search_member(text); Type: FUNCTION; Schema: app; Owner: immonow_search
--

CREATE FUNCTION app.search_member(query text) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    BEGIN ATOMIC
 SELECT member.id
    FROM public.member
   WHERE ((member.tenant_id = app.current_tenant()) AND (member.search @@ ((app.tenant_lexeme(app.current_tenant()))::tsquery && app.search_query(search_member.query))));
END;


ALTER FUNCTION app.search_member(query text) OWNER TO immonow_search;

--
-- Name: property; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.property (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    deleted_at timestamp(3) with time zone,
    deleted_by_id uuid,
    external_number character varying(50) NOT NULL,
    open_immo_id text NOT NULL,
    title character varying(200) NOT NULL,
    description character varying(10000),
    location_description character varying(5000),
    equipment_description character varying(5000),
    other_description character varying(5000),
    status text DEFAULT 'PREPARATION'::text NOT NULL,
    status_changed_at timestamp(3) with time zone NOT NULL,
    status_reason character varying(500),
    type text NOT NULL,
    subtype text,
    usage text DEFAULT 'RESIDENTIAL'::text NOT NULL,
    marketing_type text DEFAULT 'BUY'::text NOT NULL,
    currency character varying(3) DEFAULT 'EUR'::character varying NOT NULL,
    price bigint,
    price_on_request boolean DEFAULT false NOT NULL,
    rent_cold bigint,
    rent_warm bigint,
    service_charge bigint,
    heating_cost bigint,
    heating_included boolean,
    deposit bigint,
    house_money bigint,
    rent_income_year bigint,
    closing_price bigint,
    price_per_sqm bigint GENERATED ALWAYS AS ((((
CASE
    WHEN (marketing_type = ANY (ARRAY['BUY'::text, 'LEASEHOLD'::text])) THEN price
    ELSE rent_cold
END * 100) + (living_area / 2)) / NULLIF(living_area, 0))) STORED,
    commission_model text DEFAULT 'DOUBLE'::text NOT NULL,
    commission_buyer integer,
    commission_seller integer,
    commission_text character varying(1000),
    living_area bigint,
    usable_area bigint,
    total_area bigint,
    plot_area bigint,
    rooms integer,
    bedrooms smallint,
    bathrooms integer,
    floor smallint,
    floors_total smallint,
    year_built smallint,
    last_modernisation smallint,
    condition text,
    available_from date,
    available_from_text character varying(100),
    is_rented boolean DEFAULT false NOT NULL,
    location character varying(255),
    street character varying(255),
    house_number character varying(20),
    postal_code character varying(10),
    city character varying(100),
    state text,
    region character varying(100),
    country character varying(2) DEFAULT 'DE'::character varying NOT NULL,
    latitude double precision,
    longitude double precision,
    show_address boolean DEFAULT false NOT NULL,
    features text[] DEFAULT '{}'::text[] NOT NULL,
    unknown_features text[] DEFAULT '{}'::text[] NOT NULL,
    parking_spaces smallint,
    parking_type text,
    balcony_area bigint,
    terrace_area bigint,
    garden_area bigint,
    heating_type text,
    energy_source text,
    energy_class text,
    flooring text[] DEFAULT '{}'::text[] NOT NULL,
    orientation text,
    internet_speed_mbit integer,
    amenities text[] DEFAULT '{}'::text[] NOT NULL,
    assigned_agent_id uuid,
    first_available_at timestamp(3) with time zone,
    closed_at timestamp(3) with time zone,
    virtual_tour_url text,
    video_url text,
    title_key text GENERATED ALWAYS AS (app.fold((title)::text)) STORED,
    search tsvector GENERATED ALWAYS AS (app.search_document(tenant_id, (((title)::text || ' '::text) || (external_number)::text), (((((((COALESCE(location, ''::character varying))::text || ' '::text) || (COALESCE(street, ''::character varying))::text) || ' '::text) || (COALESCE(postal_code, ''::character varying))::text) || ' '::text) || (COALESCE(city, ''::character varying))::text), (((((((COALESCE(description, ''::character varying))::text || ' '::text) || (COALESCE(location_description, ''::character varying))::text) || ' '::text) || (COALESCE(equipment_description, ''::character varying))::text) || ' '::text) || (COALESCE(other_description, ''::character varying))::text))) STORED,
    CONSTRAINT ck_property_amounts CHECK (((price >= 0) AND (rent_cold >= 0) AND (living_area > 0))),
    CONSTRAINT ck_property_commission_model CHECK ((commission_model = ANY (ARRAY['DOUBLE'::text, 'SELLER_ONLY_SHARED'::text, 'SELLER_PAYS'::text, 'BUYER_PAYS'::text, 'NONE'::text]))),
    CONSTRAINT ck_property_condition CHECK ((condition = ANY (ARRAY['NEW'::text, 'RENOVATED'::text, 'GOOD'::text, 'NEEDS_RENOVATION'::text, 'POOR'::text]))),
    CONSTRAINT ck_property_energy_class CHECK ((energy_class = ANY (ARRAY['A_PLUS'::text, 'A'::text, 'B'::text, 'C'::text, 'D'::text, 'E'::text, 'F'::text, 'G'::text, 'H'::text]))),
    CONSTRAINT ck_property_energy_source CHECK ((energy_source = ANY (ARRAY['GAS'::text, 'OIL'::text, 'DISTRICT'::text, 'ELECTRIC'::text, 'PELLET'::text, 'WOOD'::text, 'COAL'::text, 'SOLAR'::text, 'GEOTHERMAL'::text, 'AIR_HEAT_PUMP'::text, 'LPG'::text, 'CHP'::text, 'WATER_ELECTRIC'::text, 'ALTERNATIVE'::text]))),
    CONSTRAINT ck_property_features CHECK ((features <@ ARRAY['BALCONY'::text, 'GARDEN'::text, 'ELEVATOR'::text, 'TERRACE'::text, 'CELLAR'::text, 'FITTED_KITCHEN'::text, 'BARRIER_FREE'::text, 'GUEST_TOILET'::text, 'FIREPLACE'::text, 'FURNISHED'::text, 'PETS_ALLOWED'::text, 'AIR_CONDITIONING'::text, 'POOL'::text, 'SAUNA'::text, 'FLAT_SHARE_SUITABLE'::text, 'MONUMENT'::text, 'PARKING'::text])),
    CONSTRAINT ck_property_floor CHECK ((floor <= floors_total)),
    CONSTRAINT ck_property_flooring CHECK ((flooring <@ ARRAY['PARQUET'::text, 'TILES'::text, 'LAMINATE'::text, 'CARPET'::text, 'STONE'::text, 'VINYL'::text, 'OTHER'::text])),
    CONSTRAINT ck_property_heating_type CHECK ((heating_type = ANY (ARRAY['CENTRAL'::text, 'FLOOR_HEATING'::text, 'FLOOR'::text, 'DISTRICT'::text, 'STOVE'::text, 'HEAT_PUMP'::text, 'ELECTRIC'::text, 'NIGHT_STORAGE'::text, 'CHP'::text, 'SOLAR'::text, 'NONE'::text]))),
    CONSTRAINT ck_property_marketing_type CHECK ((marketing_type = ANY (ARRAY['BUY'::text, 'RENT'::text, 'LEASEHOLD'::text, 'LEASING'::text]))),
    CONSTRAINT ck_property_orientation CHECK ((orientation = ANY (ARRAY['NORTH'::text, 'NORTH_EAST'::text, 'EAST'::text, 'SOUTH_EAST'::text, 'SOUTH'::text, 'SOUTH_WEST'::text, 'WEST'::text, 'NORTH_WEST'::text, 'MIXED'::text]))),
    CONSTRAINT ck_property_parking_type CHECK ((parking_type = ANY (ARRAY['GARAGE'::text, 'CARPORT'::text, 'UNDERGROUND'::text, 'OUTDOOR'::text, 'DUPLEX'::text, 'CAR_PARK'::text]))),
    CONSTRAINT ck_property_rent CHECK ((rent_warm >= rent_cold)),
    CONSTRAINT ck_property_state CHECK ((state = ANY (ARRAY['BW'::text, 'BY'::text, 'BE'::text, 'BB'::text, 'HB'::text, 'HH'::text, 'HE'::text, 'MV'::text, 'NI'::text, 'NW'::text, 'RP'::text, 'SL'::text, 'SN'::text, 'ST'::text, 'SH'::text, 'TH'::text]))),
    CONSTRAINT ck_property_status CHECK ((status = ANY (ARRAY['ACQUISITION'::text, 'PREPARATION'::text, 'AVAILABLE'::text, 'RESERVED'::text, 'SOLD'::text, 'RENTED'::text, 'WITHDRAWN'::text]))),
    CONSTRAINT ck_property_subtype CHECK ((subtype = ANY (ARRAY['ATTIC'::text, 'MAISONETTE'::text, 'LOFT'::text, 'PENTHOUSE'::text, 'TERRACED_APARTMENT'::text, 'FLOOR_APARTMENT'::text, 'GROUND_FLOOR'::text, 'SOUTERRAIN'::text, 'STUDIO'::text, 'HOLIDAY_APARTMENT'::text, 'GALLERY'::text, 'UNFINISHED_ATTIC'::text, 'DETACHED'::text, 'SEMI_DETACHED'::text, 'ROW_HOUSE'::text, 'ROW_END'::text, 'ROW_MIDDLE'::text, 'ROW_CORNER'::text, 'BUNGALOW'::text, 'VILLA'::text, 'TOWN_HOUSE'::text, 'TWO_FAMILY'::text, 'FARMHOUSE'::text, 'COUNTRY_HOUSE'::text, 'APARTMENT_BUILDING'::text, 'MIXED_USE_BUILDING'::text, 'HOUSING_ESTATE'::text, 'CARE_HOME'::text, 'BUILDING_PLOT'::text, 'COMMERCIAL_PLOT'::text, 'AGRICULTURAL_LAND'::text, 'FOREST'::text, 'OFFICE_SPACE'::text, 'PRACTICE'::text, 'COWORKING'::text, 'SHOP'::text, 'SUPERMARKET'::text, 'RESTAURANT'::text, 'HOTEL'::text, 'WAREHOUSE'::text, 'PRODUCTION_HALL'::text, 'WORKSHOP'::text, 'GARAGE'::text, 'CARPORT'::text, 'UNDERGROUND_SPACE'::text, 'OUTDOOR_SPACE'::text, 'UNSPECIFIED'::text]))),
    CONSTRAINT ck_property_type CHECK ((type = ANY (ARRAY['APARTMENT'::text, 'HOUSE'::text, 'MULTI_FAMILY'::text, 'LAND'::text, 'OFFICE'::text, 'RETAIL'::text, 'HOSPITALITY'::text, 'INDUSTRIAL'::text, 'AGRICULTURE'::text, 'PARKING'::text, 'INVESTMENT'::text, 'ROOM'::text, 'OTHER'::text]))),
    CONSTRAINT ck_property_unknown_features CHECK ((unknown_features <@ ARRAY['BALCONY'::text, 'GARDEN'::text, 'ELEVATOR'::text, 'TERRACE'::text, 'CELLAR'::text, 'FITTED_KITCHEN'::text, 'BARRIER_FREE'::text, 'GUEST_TOILET'::text, 'FIREPLACE'::text, 'FURNISHED'::text, 'PETS_ALLOWED'::text, 'AIR_CONDITIONING'::text, 'POOL'::text, 'SAUNA'::text, 'FLAT_SHARE_SUITABLE'::text, 'MONUMENT'::text, 'PARKING'::text])),
    CONSTRAINT ck_property_usage CHECK ((usage = ANY (ARRAY['RESIDENTIAL'::text, 'COMMERCIAL'::text, 'INVESTMENT'::text, 'TEMPORARY'::text])))
);

ALTER TABLE ONLY public.property FORCE ROW LEVEL SECURITY;


ALTER TABLE public.property OWNER TO immonow_owner;

--
-- Name: search_property(text); Type: FUNCTION; Schema: app; Owner: immonow_search
--

CREATE FUNCTION app.search_property(query text) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    BEGIN ATOMIC
 SELECT property.id
    FROM public.property
   WHERE ((property.tenant_id = app.current_tenant()) AND (property.search @@ ((app.tenant_lexeme(app.current_tenant()))::tsquery && app.search_query(search_property.query))));
END;


ALTER FUNCTION app.search_property(query text) OWNER TO immonow_search;

--
-- Name: task; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.task (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    deleted_at timestamp(3) with time zone,
    deleted_by_id uuid,
    title character varying(200) NOT NULL,
    description character varying(2000) DEFAULT ''::character varying NOT NULL,
    priority text DEFAULT 'MEDIUM'::text NOT NULL,
    status text DEFAULT 'TODO'::text NOT NULL,
    board_id uuid NOT NULL,
    column_id uuid,
    rank text NOT NULL COLLATE pg_catalog."C",
    assignee_id uuid,
    due_date timestamp(3) with time zone NOT NULL,
    start_date timestamp(3) with time zone,
    completed_at timestamp(3) with time zone,
    progress smallint DEFAULT '0'::smallint NOT NULL,
    estimated_hours smallint DEFAULT '1'::smallint NOT NULL,
    actual_hours smallint,
    story_points smallint,
    property_id uuid,
    project_id uuid,
    financing_status text,
    financing_amount bigint,
    financing_rate integer,
    financing_years smallint,
    currency character varying(3) DEFAULT 'EUR'::character varying NOT NULL,
    blocked_reason character varying(500),
    blocked_since timestamp(3) with time zone,
    blocked_by_id uuid,
    blocked_by_task_id uuid,
    archived_at timestamp(3) with time zone,
    recurrence character varying(500),
    due_reminded_at timestamp(3) with time zone,
    overdue_reminded_at timestamp(3) with time zone,
    title_key text GENERATED ALWAYS AS (app.fold((title)::text)) STORED,
    search tsvector GENERATED ALWAYS AS (app.search_document(tenant_id, (title)::text, (description)::text, ''::text)) STORED,
    CONSTRAINT ck_task_blocked CHECK (((status = 'BLOCKED'::text) = (blocked_reason IS NOT NULL))),
    CONSTRAINT ck_task_completed CHECK (((status = 'DONE'::text) = (completed_at IS NOT NULL))),
    CONSTRAINT ck_task_dates CHECK ((start_date <= due_date)),
    CONSTRAINT ck_task_financing_status CHECK ((financing_status = ANY (ARRAY['NONE'::text, 'REQUESTED'::text, 'PREQUALIFIED'::text, 'IN_REVIEW'::text, 'APPROVED'::text, 'REJECTED'::text]))),
    CONSTRAINT ck_task_priority CHECK ((priority = ANY (ARRAY['LOW'::text, 'MEDIUM'::text, 'HIGH'::text, 'URGENT'::text]))),
    CONSTRAINT ck_task_progress_done CHECK (((status <> 'DONE'::text) OR (progress = 100))),
    CONSTRAINT ck_task_status CHECK ((status = ANY (ARRAY['BACKLOG'::text, 'TODO'::text, 'IN_PROGRESS'::text, 'REVIEW'::text, 'BLOCKED'::text, 'ON_HOLD'::text, 'DONE'::text, 'CANCELLED'::text])))
);

ALTER TABLE ONLY public.task FORCE ROW LEVEL SECURITY;


ALTER TABLE public.task OWNER TO immonow_owner;

--
-- Name: search_task(text); Type: FUNCTION; Schema: app; Owner: immonow_search
--

CREATE FUNCTION app.search_task(query text) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    BEGIN ATOMIC
 SELECT task.id
    FROM public.task
   WHERE ((task.tenant_id = app.current_tenant()) AND (task.search @@ ((app.tenant_lexeme(app.current_tenant()))::tsquery && app.search_query(search_task.query))));
END;


ALTER FUNCTION app.search_task(query text) OWNER TO immonow_search;

--
-- Name: trail_text(public.audit_entry); Type: FUNCTION; Schema: app; Owner: immonow_owner
--

CREATE FUNCTION app.trail_text(entry public.audit_entry) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (jsonb_build_object('id', (entry).id, 'timestamp', to_char(((entry)."timestamp" AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'::text), 'actor_id', (entry).actor_id, 'actor_name', (entry).actor_name, 'api_key_prefix', (entry).api_key_prefix, 'action', (entry).action, 'resource_type', (entry).resource_type, 'resource_id', (entry).resource_id, 'resource_title', (entry).resource_title, 'old_values', (entry).old_values, 'new_values', (entry).new_values, 'outcome', (entry).outcome, 'error_code', (entry).error_code, 'operation', (entry).operation, 'ip_address', (entry).ip_address, 'user_agent', (entry).user_agent, 'request_id', (entry).request_id))::text;


ALTER FUNCTION app.trail_text(entry public.audit_entry) OWNER TO immonow_owner;

--
-- Name: fn_count_deaths(); Type: FUNCTION; Schema: jobs; Owner: immonow_owner
--

CREATE FUNCTION jobs.fn_count_deaths() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  new.headers := coalesce(old.headers, '{}')
    || jsonb_build_object('deaths', coalesce((old.headers ->> 'deaths')::integer, 0) + 1);
  return new;
end
$$;


ALTER FUNCTION jobs.fn_count_deaths() OWNER TO immonow_owner;

--
-- Name: fn_pgqueuer_changed(); Type: FUNCTION; Schema: jobs; Owner: immonow_owner
--

CREATE FUNCTION jobs.fn_pgqueuer_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  perform pg_notify('ch_pgqueuer', json_build_object('channel', 'ch_pgqueuer', 'operation', lower(tg_op),
    'sent_at', now(), 'table', tg_table_name, 'type', 'table_changed_event')::text);
  return null;
end $$;


ALTER FUNCTION jobs.fn_pgqueuer_changed() OWNER TO immonow_owner;

--
-- Name: agency_cron; Type: TABLE; Schema: jobs; Owner: immonow_owner
--

CREATE TABLE jobs.agency_cron (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    at timestamp with time zone NOT NULL
);


ALTER TABLE jobs.agency_cron OWNER TO immonow_owner;

--
-- Name: pgqueuer; Type: TABLE; Schema: jobs; Owner: immonow_owner
--

CREATE TABLE jobs.pgqueuer (
    id bigint NOT NULL,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    execute_after timestamp with time zone DEFAULT now() NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    slot bigint
);


ALTER TABLE jobs.pgqueuer OWNER TO immonow_owner;

--
-- Name: pgqueuer_id_seq; Type: SEQUENCE; Schema: jobs; Owner: immonow_owner
--

CREATE SEQUENCE jobs.pgqueuer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE jobs.pgqueuer_id_seq OWNER TO immonow_owner;

--
-- Name: pgqueuer_id_seq; Type: SEQUENCE OWNED BY; Schema: jobs; Owner: immonow_owner
--

ALTER SEQUENCE jobs.pgqueuer_id_seq OWNED BY jobs.pgqueuer.id;


--
-- Name: pgqueuer_log; Type: TABLE; Schema: jobs; Owner: immonow_owner
--

CREATE TABLE jobs.pgqueuer_log (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    job_id bigint NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);


ALTER TABLE jobs.pgqueuer_log OWNER TO immonow_owner;

--
-- Name: pgqueuer_log_id_seq; Type: SEQUENCE; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE jobs.pgqueuer_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME jobs.pgqueuer_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: pgqueuer_schedules; Type: TABLE; Schema: jobs; Owner: immonow_owner
--

CREATE TABLE jobs.pgqueuer_schedules (
    id bigint NOT NULL,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    next_run timestamp with time zone DEFAULT now() NOT NULL,
    last_run timestamp with time zone,
    status jobs.pgqueuer_status DEFAULT 'queued'::jobs.pgqueuer_status
);


ALTER TABLE jobs.pgqueuer_schedules OWNER TO immonow_owner;

--
-- Name: pgqueuer_schedules_id_seq; Type: SEQUENCE; Schema: jobs; Owner: immonow_owner
--

CREATE SEQUENCE jobs.pgqueuer_schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE jobs.pgqueuer_schedules_id_seq OWNER TO immonow_owner;

--
-- Name: pgqueuer_schedules_id_seq; Type: SEQUENCE OWNED BY; Schema: jobs; Owner: immonow_owner
--

ALTER SEQUENCE jobs.pgqueuer_schedules_id_seq OWNED BY jobs.pgqueuer_schedules.id;


--
-- Name: pgqueuer_statistics; Type: TABLE; Schema: jobs; Owner: immonow_owner
--

CREATE TABLE jobs.pgqueuer_statistics (
    id bigint NOT NULL,
    created timestamp with time zone DEFAULT date_trunc('sec'::text, now()) NOT NULL,
    count bigint NOT NULL,
    priority integer NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);


ALTER TABLE jobs.pgqueuer_statistics OWNER TO immonow_owner;

--
-- Name: pgqueuer_statistics_id_seq; Type: SEQUENCE; Schema: jobs; Owner: immonow_owner
--

CREATE SEQUENCE jobs.pgqueuer_statistics_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER SEQUENCE jobs.pgqueuer_statistics_id_seq OWNER TO immonow_owner;

--
-- Name: pgqueuer_statistics_id_seq; Type: SEQUENCE OWNED BY; Schema: jobs; Owner: immonow_owner
--

ALTER SEQUENCE jobs.pgqueuer_statistics_id_seq OWNED BY jobs.pgqueuer_statistics.id;


--
-- Name: platform_cron; Type: TABLE; Schema: jobs; Owner: immonow_owner
--

CREATE TABLE jobs.platform_cron (
    name text NOT NULL,
    at timestamp with time zone NOT NULL
);


ALTER TABLE jobs.platform_cron OWNER TO immonow_owner;

--
-- Name: account; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.account (
    id uuid NOT NULL,
    email text NOT NULL,
    password_hash text,
    email_verified_at timestamp(3) with time zone,
    last_tenant_id uuid,
    created_at timestamp(3) with time zone NOT NULL,
    totp_secret bytea,
    totp_enabled_at timestamp(3) with time zone,
    totp_step bigint,
    recovery_codes bytea[] DEFAULT '{}'::bytea[] NOT NULL
);


ALTER TABLE public.account OWNER TO immonow_owner;

--
-- Name: account_tenant; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.account_tenant (
    account_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    member_id uuid NOT NULL,
    is_active boolean NOT NULL
);


ALTER TABLE public.account_tenant OWNER TO immonow_owner;

--
-- Name: account_token; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.account_token (
    id uuid NOT NULL,
    hash bytea NOT NULL,
    kind text NOT NULL,
    account_id uuid NOT NULL,
    issued_at timestamp(3) with time zone NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    used_at timestamp(3) with time zone,
    CONSTRAINT ck_account_token_kind CHECK ((kind = ANY (ARRAY['PASSWORD_RESET'::text, 'EMAIL_VERIFICATION'::text])))
);


ALTER TABLE public.account_token OWNER TO immonow_owner;

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


ALTER TABLE public.alembic_version OWNER TO immonow_owner;

--
-- Name: api_key; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.api_key (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    member_id uuid NOT NULL,
    name character varying(100) NOT NULL,
    prefix character varying(8) NOT NULL,
    scopes text[] DEFAULT '{}'::text[] NOT NULL,
    last_used_at timestamp(3) with time zone,
    expires_at timestamp(3) with time zone NOT NULL,
    revoked_at timestamp(3) with time zone,
    CONSTRAINT ck_api_key_scopes CHECK ((scopes <@ ARRAY['READ'::text, 'WRITE'::text, 'DELETE'::text, 'ADMIN'::text]))
);

ALTER TABLE ONLY public.api_key FORCE ROW LEVEL SECURITY;


ALTER TABLE public.api_key OWNER TO immonow_owner;

--
-- Name: board; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.board (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    deleted_at timestamp(3) with time zone,
    deleted_by_id uuid,
    name character varying(200) NOT NULL,
    description character varying(2000),
    project_id uuid,
    wip_limit smallint,
    is_default boolean DEFAULT false NOT NULL,
    team_id uuid,
    CONSTRAINT ck_board_default_stays CHECK (((NOT is_default) OR (deleted_at IS NULL)))
);

ALTER TABLE ONLY public.board FORCE ROW LEVEL SECURITY;


ALTER TABLE public.board OWNER TO immonow_owner;

--
-- Name: board_column; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.board_column (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    board_id uuid NOT NULL,
    name character varying(100) NOT NULL,
    status text NOT NULL,
    "position" smallint NOT NULL,
    wip_limit smallint,
    color character varying(7) DEFAULT '#8E8E93'::character varying NOT NULL,
    allow_from text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT ck_board_column_allow_from CHECK ((allow_from <@ ARRAY['BACKLOG'::text, 'TODO'::text, 'IN_PROGRESS'::text, 'REVIEW'::text, 'BLOCKED'::text, 'ON_HOLD'::text, 'DONE'::text, 'CANCELLED'::text])),
    CONSTRAINT ck_board_column_status CHECK ((status = ANY (ARRAY['BACKLOG'::text, 'TODO'::text, 'IN_PROGRESS'::text, 'REVIEW'::text, 'BLOCKED'::text, 'ON_HOLD'::text, 'DONE'::text, 'CANCELLED'::text])))
);

ALTER TABLE ONLY public.board_column FORCE ROW LEVEL SECURITY;


ALTER TABLE public.board_column OWNER TO immonow_owner;

--
-- Name: comment; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.comment (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    task_id uuid,
    author_id uuid NOT NULL,
    text character varying(5000) NOT NULL,
    parent_id uuid,
    edited_at timestamp(3) with time zone,
    deleted_at timestamp(3) with time zone,
    deleted_by_id uuid,
    CONSTRAINT ck_comment_one_subject CHECK ((num_nonnulls(task_id) = 1))
);

ALTER TABLE ONLY public.comment FORCE ROW LEVEL SECURITY;


ALTER TABLE public.comment OWNER TO immonow_owner;

--
-- Name: comment_mention; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.comment_mention (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    comment_id uuid NOT NULL,
    member_id uuid NOT NULL
);

ALTER TABLE ONLY public.comment_mention FORCE ROW LEVEL SECURITY;


ALTER TABLE public.comment_mention OWNER TO immonow_owner;

--
-- Name: comment_reaction; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.comment_reaction (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    comment_id uuid NOT NULL,
    member_id uuid NOT NULL,
    emoji character varying(32) NOT NULL
);

ALTER TABLE ONLY public.comment_reaction FORCE ROW LEVEL SECURITY;


ALTER TABLE public.comment_reaction OWNER TO immonow_owner;

--
-- Name: contact_person; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.contact_person (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    property_id uuid NOT NULL,
    ordinal smallint NOT NULL,
    name character varying(255) NOT NULL,
    email character varying(254),
    phone text,
    role character varying(100) NOT NULL,
    user_id uuid
);

ALTER TABLE ONLY public.contact_person FORCE ROW LEVEL SECURITY;


ALTER TABLE public.contact_person OWNER TO immonow_owner;

--
-- Name: event_outbox; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.event_outbox (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    event_id uuid NOT NULL,
    at timestamp(3) with time zone NOT NULL,
    type text NOT NULL,
    kind text NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    version integer NOT NULL,
    actor_id uuid,
    changed text[] NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT ck_event_outbox_kind CHECK ((kind = ANY (ARRAY['CREATED'::text, 'UPDATED'::text, 'MOVED'::text, 'STATUS_CHANGED'::text, 'ASSIGNED'::text, 'COMMENTED'::text, 'DELETED'::text, 'RESTORED'::text, 'PURGED'::text, 'LAGGED'::text])))
);

ALTER TABLE ONLY public.event_outbox FORCE ROW LEVEL SECURITY;


ALTER TABLE public.event_outbox OWNER TO immonow_owner;

--
-- Name: event_stream; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.event_stream (
    tenant_id uuid NOT NULL,
    epoch uuid NOT NULL,
    last_seq bigint NOT NULL,
    min_seq bigint NOT NULL,
    audit_seq bigint NOT NULL,
    audit_head bytea NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.event_stream FORCE ROW LEVEL SECURITY;


ALTER TABLE public.event_stream OWNER TO immonow_owner;

--
-- Name: feature_flag; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.feature_flag (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    key character varying(100) NOT NULL,
    description character varying(500),
    is_enabled boolean DEFAULT false NOT NULL,
    rollout_percentage smallint DEFAULT '0'::smallint NOT NULL
);

ALTER TABLE ONLY public.feature_flag FORCE ROW LEVEL SECURITY;


ALTER TABLE public.feature_flag OWNER TO immonow_owner;

--
-- Name: idempotency_key; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.idempotency_key (
    tenant_id uuid NOT NULL,
    member_id uuid NOT NULL,
    key text NOT NULL,
    path text NOT NULL,
    body_hash bytea NOT NULL,
    result jsonb NOT NULL,
    created_at timestamp(3) with time zone NOT NULL
);

ALTER TABLE ONLY public.idempotency_key FORCE ROW LEVEL SECURITY;


ALTER TABLE public.idempotency_key OWNER TO immonow_owner;

--
-- Name: invitation; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.invitation (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    email character varying(254) NOT NULL,
    first_name character varying(100) NOT NULL,
    last_name character varying(100) NOT NULL,
    role text DEFAULT 'AGENT'::text NOT NULL,
    phone text,
    department character varying(100),
    invited_by_id uuid NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    accepted_at timestamp(3) with time zone,
    revoked_at timestamp(3) with time zone,
    member_id uuid,
    holds_seat boolean DEFAULT true NOT NULL,
    token_version integer DEFAULT 1 NOT NULL,
    mail_id uuid,
    sent_at timestamp(3) with time zone,
    send_error character varying(500),
    role_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    team_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    CONSTRAINT ck_invitation_role CHECK ((role = ANY (ARRAY['OWNER'::text, 'ADMIN'::text, 'MANAGER'::text, 'AGENT'::text, 'CUSTOMER'::text])))
);

ALTER TABLE ONLY public.invitation FORCE ROW LEVEL SECURITY;


ALTER TABLE public.invitation OWNER TO immonow_owner;

--
-- Name: invitation_token; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.invitation_token (
    hash bytea NOT NULL,
    tenant uuid NOT NULL,
    invitation_id uuid NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL
);


ALTER TABLE public.invitation_token OWNER TO immonow_owner;

--
-- Name: job; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.job (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    kind character varying(50) NOT NULL,
    state text DEFAULT 'QUEUED'::text NOT NULL,
    total integer,
    done integer DEFAULT 0 NOT NULL,
    message character varying(200),
    task jsonb DEFAULT '{}'::jsonb NOT NULL,
    result jsonb DEFAULT '{}'::jsonb NOT NULL,
    error character varying(500),
    attempts integer DEFAULT 0 NOT NULL,
    cancelling boolean DEFAULT false NOT NULL,
    source_key character varying(200),
    file_key character varying(200),
    file_name character varying(255),
    started_at timestamp(3) with time zone,
    finished_at timestamp(3) with time zone,
    CONSTRAINT ck_job_state CHECK ((state = ANY (ARRAY['QUEUED'::text, 'RUNNING'::text, 'DONE'::text, 'FAILED'::text, 'CANCELLED'::text])))
);

ALTER TABLE ONLY public.job FORCE ROW LEVEL SECURITY;


ALTER TABLE public.job OWNER TO immonow_owner;

--
-- Name: linked_account; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.linked_account (
    id uuid NOT NULL,
    provider text NOT NULL,
    subject character varying(255) NOT NULL,
    account_id uuid NOT NULL,
    email character varying(254) NOT NULL,
    connected_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT ck_linked_account_provider CHECK ((provider = 'GOOGLE'::text))
);


ALTER TABLE public.linked_account OWNER TO immonow_owner;

--
-- Name: mail; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.mail (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    template character varying(50) NOT NULL,
    recipient character varying(254),
    language text DEFAULT 'de'::text NOT NULL,
    content jsonb DEFAULT '{}'::jsonb NOT NULL,
    sent_at timestamp(3) with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    error character varying(500),
    CONSTRAINT ck_mail_language CHECK ((language = ANY (ARRAY['de'::text, 'en'::text])))
);

ALTER TABLE ONLY public.mail FORCE ROW LEVEL SECURITY;


ALTER TABLE public.mail OWNER TO immonow_owner;

--
-- Name: note; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.note (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    deleted_at timestamp(3) with time zone,
    deleted_by_id uuid,
    body character varying(5000) NOT NULL,
    pinned boolean DEFAULT false NOT NULL,
    author_id uuid NOT NULL,
    property_id uuid,
    CONSTRAINT ck_note_one_subject CHECK ((num_nonnulls(property_id) = 1))
);

ALTER TABLE ONLY public.note FORCE ROW LEVEL SECURITY;


ALTER TABLE public.note OWNER TO immonow_owner;

--
-- Name: number_sequence; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.number_sequence (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    last bigint NOT NULL
);

ALTER TABLE ONLY public.number_sequence FORCE ROW LEVEL SECURITY;


ALTER TABLE public.number_sequence OWNER TO immonow_owner;

--
-- Name: plan_counter; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.plan_counter (
    tenant_id uuid NOT NULL,
    resource text NOT NULL,
    used bigint NOT NULL,
    CONSTRAINT ck_plan_counter_resource CHECK ((resource = ANY (ARRAY['USERS'::text, 'PROPERTIES'::text, 'DOCUMENTS'::text, 'STORAGE'::text, 'AI_REQUESTS'::text])))
);

ALTER TABLE ONLY public.plan_counter FORCE ROW LEVEL SECURITY;


ALTER TABLE public.plan_counter OWNER TO immonow_owner;

--
-- Name: preferences; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.preferences (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    member_id uuid NOT NULL,
    theme text DEFAULT 'AUTO'::text NOT NULL,
    language character varying(2) DEFAULT 'de'::character varying NOT NULL,
    timezone text DEFAULT 'Europe/Berlin'::text NOT NULL,
    date_format text DEFAULT 'DD.MM.YYYY'::text NOT NULL,
    currency character varying(3) DEFAULT 'EUR'::character varying NOT NULL,
    list_density text DEFAULT 'COMFORTABLE'::text NOT NULL,
    default_board_id uuid,
    email_signature character varying(5000),
    dashboard_layout jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT ck_preferences_list_density CHECK ((list_density = ANY (ARRAY['COMPACT'::text, 'COMFORTABLE'::text]))),
    CONSTRAINT ck_preferences_theme CHECK ((theme = ANY (ARRAY['LIGHT'::text, 'DARK'::text, 'AUTO'::text])))
);

ALTER TABLE ONLY public.preferences FORCE ROW LEVEL SECURITY;


ALTER TABLE public.preferences OWNER TO immonow_owner;

--
-- Name: project; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.project (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    deleted_at timestamp(3) with time zone,
    deleted_by_id uuid,
    name character varying(200) NOT NULL,
    description character varying(5000),
    color character varying(7) DEFAULT '#0A84FF'::character varying NOT NULL,
    status text DEFAULT 'ACTIVE'::text NOT NULL,
    property_id uuid,
    CONSTRAINT ck_project_status CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'ATTENTION'::text, 'DELAYED'::text, 'COMPLETED'::text])))
);

ALTER TABLE ONLY public.project FORCE ROW LEVEL SECURITY;


ALTER TABLE public.project OWNER TO immonow_owner;

--
-- Name: property_favorite; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.property_favorite (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    property_id uuid NOT NULL,
    member_id uuid NOT NULL
);

ALTER TABLE ONLY public.property_favorite FORCE ROW LEVEL SECURITY;


ALTER TABLE public.property_favorite OWNER TO immonow_owner;

--
-- Name: property_valuation; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.property_valuation (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    property_id uuid NOT NULL,
    currency character varying(3) NOT NULL,
    value bigint NOT NULL,
    valued_on date NOT NULL,
    method text DEFAULT 'MANUAL'::text NOT NULL,
    source character varying(255),
    notes character varying(5000),
    CONSTRAINT ck_property_valuation_method CHECK ((method = ANY (ARRAY['MANUAL'::text, 'AVM'::text, 'COMPARISON'::text, 'INCOME'::text, 'COST'::text, 'EXPERT'::text, 'AGENT_ESTIMATE'::text])))
);

ALTER TABLE ONLY public.property_valuation FORCE ROW LEVEL SECURITY;


ALTER TABLE public.property_valuation OWNER TO immonow_owner;

--
-- Name: security_event; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.security_event (
    id uuid NOT NULL,
    at timestamp(3) with time zone NOT NULL,
    kind text NOT NULL,
    account_id uuid,
    ip_address text,
    details jsonb NOT NULL
);


ALTER TABLE public.security_event OWNER TO immonow_owner;

--
-- Name: session; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.session (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    member_id uuid NOT NULL,
    user_agent character varying(500),
    ip_address text,
    last_used_at timestamp(3) with time zone NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    revoked_at timestamp(3) with time zone
);

ALTER TABLE ONLY public.session FORCE ROW LEVEL SECURITY;


ALTER TABLE public.session OWNER TO immonow_owner;

--
-- Name: sign_in_failure; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.sign_in_failure (
    fingerprint bytea NOT NULL,
    failures integer NOT NULL,
    last_at timestamp(3) with time zone NOT NULL,
    locked_until timestamp(3) with time zone
);


ALTER TABLE public.sign_in_failure OWNER TO immonow_owner;

--
-- Name: subtask; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.subtask (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    task_id uuid NOT NULL,
    title character varying(200) NOT NULL,
    done boolean DEFAULT false NOT NULL,
    "position" smallint NOT NULL,
    assignee_id uuid,
    due_date timestamp(3) with time zone,
    completed_at timestamp(3) with time zone
);

ALTER TABLE ONLY public.subtask FORCE ROW LEVEL SECURITY;


ALTER TABLE public.subtask OWNER TO immonow_owner;

--
-- Name: task_dependency; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.task_dependency (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    task_id uuid NOT NULL,
    depends_on_id uuid NOT NULL,
    CONSTRAINT ck_task_dependency_not_itself CHECK ((task_id <> depends_on_id))
);

ALTER TABLE ONLY public.task_dependency FORCE ROW LEVEL SECURITY;


ALTER TABLE public.task_dependency OWNER TO immonow_owner;

--
-- Name: task_label; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.task_label (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    name character varying(50) NOT NULL,
    color character varying(7) DEFAULT '#3B82F6'::character varying NOT NULL,
    description character varying(500)
);

ALTER TABLE ONLY public.task_label FORCE ROW LEVEL SECURITY;


ALTER TABLE public.task_label OWNER TO immonow_owner;

--
-- Name: task_label_link; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.task_label_link (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    task_id uuid NOT NULL,
    label_id uuid NOT NULL
);

ALTER TABLE ONLY public.task_label_link FORCE ROW LEVEL SECURITY;


ALTER TABLE public.task_label_link OWNER TO immonow_owner;

--
-- Name: task_log; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.task_log (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    task_id uuid NOT NULL,
    member_id uuid,
    action text NOT NULL,
    changes jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT ck_task_log_action CHECK ((action = ANY (ARRAY['CREATED'::text, 'UPDATED'::text, 'MOVED'::text, 'STATUS_CHANGED'::text, 'PRIORITY_CHANGED'::text, 'ASSIGNED'::text, 'COMMENTED'::text, 'ATTACHED'::text, 'BLOCKED'::text, 'UNBLOCKED'::text, 'ARCHIVED'::text, 'DELETED'::text, 'RESTORED'::text])))
);

ALTER TABLE ONLY public.task_log FORCE ROW LEVEL SECURITY;


ALTER TABLE public.task_log OWNER TO immonow_owner;

--
-- Name: task_watcher; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.task_watcher (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    task_id uuid NOT NULL,
    member_id uuid NOT NULL
);

ALTER TABLE ONLY public.task_watcher FORCE ROW LEVEL SECURITY;


ALTER TABLE public.task_watcher OWNER TO immonow_owner;

--
-- Name: team; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.team (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    deleted_at timestamp(3) with time zone,
    deleted_by_id uuid,
    name character varying(120) NOT NULL,
    description character varying(2000),
    lead_id uuid
);

ALTER TABLE ONLY public.team FORCE ROW LEVEL SECURITY;


ALTER TABLE public.team OWNER TO immonow_owner;

--
-- Name: team_member; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.team_member (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    team_id uuid NOT NULL,
    member_id uuid NOT NULL,
    joined_at timestamp(3) with time zone NOT NULL
);

ALTER TABLE ONLY public.team_member FORCE ROW LEVEL SECURITY;


ALTER TABLE public.team_member OWNER TO immonow_owner;

--
-- Name: tenant; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.tenant (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    created_by_id uuid,
    version integer DEFAULT 1 NOT NULL,
    name character varying(255) NOT NULL,
    slug character varying(100) NOT NULL,
    company_email text,
    company_phone text,
    website text,
    primary_color text NOT NULL,
    secondary_color text NOT NULL,
    plan text DEFAULT 'FREE'::text NOT NULL,
    billing_cycle text DEFAULT 'MONTHLY'::text NOT NULL,
    subscription_status text DEFAULT 'TRIALING'::text NOT NULL,
    trial_ends_at timestamp(3) with time zone,
    current_period_end timestamp(3) with time zone,
    cancel_at_period_end boolean DEFAULT false NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    currency character varying(3) NOT NULL,
    timezone text NOT NULL,
    language character varying(2) NOT NULL,
    property_number_format character varying(40) NOT NULL,
    logo_key text,
    street character varying(255),
    house_number character varying(20),
    postal_code character varying(10),
    city character varying(100),
    state text,
    region character varying(100),
    country character varying(2) DEFAULT 'DE'::character varying NOT NULL,
    latitude double precision,
    longitude double precision,
    show_address boolean DEFAULT true NOT NULL,
    imprint character varying(10000),
    vat_id character varying(11),
    tax_number character varying(50),
    register_court character varying(100),
    register_number character varying(100),
    trade_licence_authority character varying(255),
    data_protection_officer character varying(255),
    revocation_text character varying(20000),
    terms_text character varying(50000),
    password_min_length smallint DEFAULT '8'::smallint NOT NULL,
    password_classes text[] DEFAULT '{UPPER,LOWER,DIGIT,SPECIAL}'::text[] NOT NULL,
    session_max_days smallint DEFAULT '7'::smallint NOT NULL,
    require_totp boolean DEFAULT false NOT NULL,
    ip_allow_list text[] DEFAULT '{}'::text[] NOT NULL,
    default_role text DEFAULT 'AGENT'::text NOT NULL,
    trash_retention_days smallint DEFAULT '30'::smallint NOT NULL,
    audit_retention_days smallint DEFAULT '365'::smallint NOT NULL,
    invoice_number_format character varying(40) DEFAULT 'RE-{YYYY}-{00000}'::character varying NOT NULL,
    email_from_name character varying(100),
    email_from_address character varying(254),
    email_host character varying(255),
    email_port integer DEFAULT 587 NOT NULL,
    email_use_tls boolean DEFAULT true NOT NULL,
    email_username character varying(255),
    email_password bytea,
    email_verified_at timestamp(3) with time zone,
    watermark_images boolean DEFAULT false NOT NULL,
    business_hours jsonb DEFAULT '{"FRIDAY": [{"to": "18:00", "from": "09:00"}], "MONDAY": [{"to": "18:00", "from": "09:00"}], "TUESDAY": [{"to": "18:00", "from": "09:00"}], "THURSDAY": [{"to": "18:00", "from": "09:00"}], "WEDNESDAY": [{"to": "18:00", "from": "09:00"}]}'::jsonb NOT NULL,
    ai_enabled boolean DEFAULT true NOT NULL,
    ai_redact_personal_data boolean DEFAULT true NOT NULL,
    CONSTRAINT ck_tenant_billing_cycle CHECK ((billing_cycle = ANY (ARRAY['MONTHLY'::text, 'YEARLY'::text]))),
    CONSTRAINT ck_tenant_default_role CHECK ((default_role = ANY (ARRAY['OWNER'::text, 'ADMIN'::text, 'MANAGER'::text, 'AGENT'::text, 'CUSTOMER'::text]))),
    CONSTRAINT ck_tenant_own_row CHECK ((id = tenant_id)),
    CONSTRAINT ck_tenant_password_classes CHECK ((password_classes <@ ARRAY['UPPER'::text, 'LOWER'::text, 'DIGIT'::text, 'SPECIAL'::text])),
    CONSTRAINT ck_tenant_plan CHECK ((plan = ANY (ARRAY['FREE'::text, 'STARTER'::text, 'PROFESSIONAL'::text, 'ENTERPRISE'::text]))),
    CONSTRAINT ck_tenant_state CHECK ((state = ANY (ARRAY['BW'::text, 'BY'::text, 'BE'::text, 'BB'::text, 'HB'::text, 'HH'::text, 'HE'::text, 'MV'::text, 'NI'::text, 'NW'::text, 'RP'::text, 'SL'::text, 'SN'::text, 'ST'::text, 'SH'::text, 'TH'::text]))),
    CONSTRAINT ck_tenant_subscription_status CHECK ((subscription_status = ANY (ARRAY['TRIALING'::text, 'ACTIVE'::text, 'PAST_DUE'::text, 'CANCELED'::text, 'UNPAID'::text, 'INCOMPLETE'::text, 'SUSPENDED'::text])))
);

ALTER TABLE ONLY public.tenant FORCE ROW LEVEL SECURITY;


ALTER TABLE public.tenant OWNER TO immonow_owner;

--
-- Name: tenant_slug; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.tenant_slug (
    slug text NOT NULL,
    tenant uuid NOT NULL
);


ALTER TABLE public.tenant_slug OWNER TO immonow_owner;

--
-- Name: token_directory; Type: TABLE; Schema: public; Owner: immonow_owner
--

CREATE TABLE public.token_directory (
    hash bytea NOT NULL,
    kind text DEFAULT 'REFRESH'::text NOT NULL,
    account_id uuid NOT NULL,
    tenant uuid NOT NULL,
    member_id uuid NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamp(3) with time zone NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    rotated_at timestamp(3) with time zone,
    revoked_at timestamp(3) with time zone,
    CONSTRAINT ck_token_directory_kind CHECK ((kind = ANY (ARRAY['REFRESH'::text, 'API_KEY'::text])))
);


ALTER TABLE public.token_directory OWNER TO immonow_owner;

--
-- Name: pgqueuer id; Type: DEFAULT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.pgqueuer ALTER COLUMN id SET DEFAULT nextval('jobs.pgqueuer_id_seq'::regclass);


--
-- Name: pgqueuer_schedules id; Type: DEFAULT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.pgqueuer_schedules ALTER COLUMN id SET DEFAULT nextval('jobs.pgqueuer_schedules_id_seq'::regclass);


--
-- Name: pgqueuer_statistics id; Type: DEFAULT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.pgqueuer_statistics ALTER COLUMN id SET DEFAULT nextval('jobs.pgqueuer_statistics_id_seq'::regclass);


--
-- Name: agency_cron agency_cron_pkey; Type: CONSTRAINT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.agency_cron
    ADD CONSTRAINT agency_cron_pkey PRIMARY KEY (tenant_id, name);


--
-- Name: pgqueuer_log pgqueuer_log_pkey; Type: CONSTRAINT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.pgqueuer_log
    ADD CONSTRAINT pgqueuer_log_pkey PRIMARY KEY (id);


--
-- Name: pgqueuer pgqueuer_pkey; Type: CONSTRAINT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.pgqueuer
    ADD CONSTRAINT pgqueuer_pkey PRIMARY KEY (id);


--
-- Name: pgqueuer_schedules pgqueuer_schedules_expression_entrypoint_key; Type: CONSTRAINT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.pgqueuer_schedules
    ADD CONSTRAINT pgqueuer_schedules_expression_entrypoint_key UNIQUE (expression, entrypoint);


--
-- Name: pgqueuer_schedules pgqueuer_schedules_pkey; Type: CONSTRAINT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.pgqueuer_schedules
    ADD CONSTRAINT pgqueuer_schedules_pkey PRIMARY KEY (id);


--
-- Name: pgqueuer_statistics pgqueuer_statistics_pkey; Type: CONSTRAINT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.pgqueuer_statistics
    ADD CONSTRAINT pgqueuer_statistics_pkey PRIMARY KEY (id);


--
-- Name: platform_cron platform_cron_pkey; Type: CONSTRAINT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.platform_cron
    ADD CONSTRAINT platform_cron_pkey PRIMARY KEY (name);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: account pk_account; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account
    ADD CONSTRAINT pk_account PRIMARY KEY (id);


--
-- Name: account_tenant pk_account_tenant; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account_tenant
    ADD CONSTRAINT pk_account_tenant PRIMARY KEY (account_id, tenant_id);


--
-- Name: account_token pk_account_token; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account_token
    ADD CONSTRAINT pk_account_token PRIMARY KEY (id);


--
-- Name: api_key pk_api_key; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT pk_api_key PRIMARY KEY (tenant_id, id);


--
-- Name: audit_archive pk_audit_archive; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.audit_archive
    ADD CONSTRAINT pk_audit_archive PRIMARY KEY (tenant_id, id);


--
-- Name: audit_entry pk_audit_entry; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT pk_audit_entry PRIMARY KEY (tenant_id, id);


--
-- Name: board pk_board; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board
    ADD CONSTRAINT pk_board PRIMARY KEY (tenant_id, id);


--
-- Name: board_column pk_board_column; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board_column
    ADD CONSTRAINT pk_board_column PRIMARY KEY (tenant_id, id);


--
-- Name: comment pk_comment; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT pk_comment PRIMARY KEY (tenant_id, id);


--
-- Name: comment_mention pk_comment_mention; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_mention
    ADD CONSTRAINT pk_comment_mention PRIMARY KEY (tenant_id, id);


--
-- Name: comment_reaction pk_comment_reaction; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_reaction
    ADD CONSTRAINT pk_comment_reaction PRIMARY KEY (tenant_id, id);


--
-- Name: contact_person pk_contact_person; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.contact_person
    ADD CONSTRAINT pk_contact_person PRIMARY KEY (tenant_id, id);


--
-- Name: event_outbox pk_event_outbox; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.event_outbox
    ADD CONSTRAINT pk_event_outbox PRIMARY KEY (tenant_id, seq);


--
-- Name: event_stream pk_event_stream; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.event_stream
    ADD CONSTRAINT pk_event_stream PRIMARY KEY (tenant_id);


--
-- Name: feature_flag pk_feature_flag; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.feature_flag
    ADD CONSTRAINT pk_feature_flag PRIMARY KEY (tenant_id, id);


--
-- Name: idempotency_key pk_idempotency_key; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT pk_idempotency_key PRIMARY KEY (tenant_id, member_id, key, path);


--
-- Name: invitation pk_invitation; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT pk_invitation PRIMARY KEY (tenant_id, id);


--
-- Name: invitation_token pk_invitation_token; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.invitation_token
    ADD CONSTRAINT pk_invitation_token PRIMARY KEY (hash);


--
-- Name: job pk_job; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.job
    ADD CONSTRAINT pk_job PRIMARY KEY (tenant_id, id);


--
-- Name: linked_account pk_linked_account; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.linked_account
    ADD CONSTRAINT pk_linked_account PRIMARY KEY (id);


--
-- Name: mail pk_mail; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT pk_mail PRIMARY KEY (tenant_id, id);


--
-- Name: member pk_member; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member
    ADD CONSTRAINT pk_member PRIMARY KEY (tenant_id, id);


--
-- Name: member_role pk_member_role; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member_role
    ADD CONSTRAINT pk_member_role PRIMARY KEY (tenant_id, id);


--
-- Name: note pk_note; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.note
    ADD CONSTRAINT pk_note PRIMARY KEY (tenant_id, id);


--
-- Name: number_sequence pk_number_sequence; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.number_sequence
    ADD CONSTRAINT pk_number_sequence PRIMARY KEY (tenant_id, name);


--
-- Name: plan_counter pk_plan_counter; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.plan_counter
    ADD CONSTRAINT pk_plan_counter PRIMARY KEY (tenant_id, resource);


--
-- Name: preferences pk_preferences; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT pk_preferences PRIMARY KEY (tenant_id, id);


--
-- Name: project pk_project; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.project
    ADD CONSTRAINT pk_project PRIMARY KEY (tenant_id, id);


--
-- Name: property pk_property; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property
    ADD CONSTRAINT pk_property PRIMARY KEY (tenant_id, id);


--
-- Name: property_favorite pk_property_favorite; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_favorite
    ADD CONSTRAINT pk_property_favorite PRIMARY KEY (tenant_id, id);


--
-- Name: property_valuation pk_property_valuation; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_valuation
    ADD CONSTRAINT pk_property_valuation PRIMARY KEY (tenant_id, id);


--
-- Name: role pk_role; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.role
    ADD CONSTRAINT pk_role PRIMARY KEY (tenant_id, id);


--
-- Name: security_event pk_security_event; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.security_event
    ADD CONSTRAINT pk_security_event PRIMARY KEY (id);


--
-- Name: session pk_session; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.session
    ADD CONSTRAINT pk_session PRIMARY KEY (tenant_id, id);


--
-- Name: sign_in_failure pk_sign_in_failure; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.sign_in_failure
    ADD CONSTRAINT pk_sign_in_failure PRIMARY KEY (fingerprint);


--
-- Name: subtask pk_subtask; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.subtask
    ADD CONSTRAINT pk_subtask PRIMARY KEY (tenant_id, id);


--
-- Name: task pk_task; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT pk_task PRIMARY KEY (tenant_id, id);


--
-- Name: task_dependency pk_task_dependency; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_dependency
    ADD CONSTRAINT pk_task_dependency PRIMARY KEY (tenant_id, id);


--
-- Name: task_label pk_task_label; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label
    ADD CONSTRAINT pk_task_label PRIMARY KEY (tenant_id, id);


--
-- Name: task_label_link pk_task_label_link; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label_link
    ADD CONSTRAINT pk_task_label_link PRIMARY KEY (tenant_id, id);


--
-- Name: task_log pk_task_log; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_log
    ADD CONSTRAINT pk_task_log PRIMARY KEY (tenant_id, id);


--
-- Name: task_watcher pk_task_watcher; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_watcher
    ADD CONSTRAINT pk_task_watcher PRIMARY KEY (tenant_id, id);


--
-- Name: team pk_team; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team
    ADD CONSTRAINT pk_team PRIMARY KEY (tenant_id, id);


--
-- Name: team_member pk_team_member; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team_member
    ADD CONSTRAINT pk_team_member PRIMARY KEY (tenant_id, id);


--
-- Name: tenant pk_tenant; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.tenant
    ADD CONSTRAINT pk_tenant PRIMARY KEY (tenant_id, id);


--
-- Name: tenant_slug pk_tenant_slug; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.tenant_slug
    ADD CONSTRAINT pk_tenant_slug PRIMARY KEY (slug);


--
-- Name: token_directory pk_token_directory; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.token_directory
    ADD CONSTRAINT pk_token_directory PRIMARY KEY (hash);


--
-- Name: account uq_account_email; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account
    ADD CONSTRAINT uq_account_email UNIQUE (email);


--
-- Name: account_token uq_account_token_hash; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account_token
    ADD CONSTRAINT uq_account_token_hash UNIQUE (hash);


--
-- Name: audit_archive uq_audit_archive_tenant_id_first_seq; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.audit_archive
    ADD CONSTRAINT uq_audit_archive_tenant_id_first_seq UNIQUE (tenant_id, first_seq);


--
-- Name: audit_archive uq_audit_archive_tenant_id_last_seq; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.audit_archive
    ADD CONSTRAINT uq_audit_archive_tenant_id_last_seq UNIQUE (tenant_id, last_seq);


--
-- Name: audit_entry uq_audit_entry_tenant_id_seq; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT uq_audit_entry_tenant_id_seq UNIQUE (tenant_id, seq);


--
-- Name: board_column uq_board_column_tenant_id_board_id_status; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board_column
    ADD CONSTRAINT uq_board_column_tenant_id_board_id_status UNIQUE (tenant_id, board_id, status);


--
-- Name: comment_mention uq_comment_mention_tenant_id_comment_id_member_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_mention
    ADD CONSTRAINT uq_comment_mention_tenant_id_comment_id_member_id UNIQUE (tenant_id, comment_id, member_id);


--
-- Name: comment_reaction uq_comment_reaction_tenant_id_comment_id_member_id_emoji; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_reaction
    ADD CONSTRAINT uq_comment_reaction_tenant_id_comment_id_member_id_emoji UNIQUE (tenant_id, comment_id, member_id, emoji);


--
-- Name: feature_flag uq_feature_flag_tenant_id_key; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.feature_flag
    ADD CONSTRAINT uq_feature_flag_tenant_id_key UNIQUE (tenant_id, key);


--
-- Name: invitation_token uq_invitation_token_invitation_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.invitation_token
    ADD CONSTRAINT uq_invitation_token_invitation_id UNIQUE (invitation_id);


--
-- Name: linked_account uq_linked_account_provider_subject; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.linked_account
    ADD CONSTRAINT uq_linked_account_provider_subject UNIQUE (provider, subject);


--
-- Name: member_role uq_member_role_tenant_id_member_id_role_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member_role
    ADD CONSTRAINT uq_member_role_tenant_id_member_id_role_id UNIQUE (tenant_id, member_id, role_id);


--
-- Name: preferences uq_preferences_tenant_id_member_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT uq_preferences_tenant_id_member_id UNIQUE (tenant_id, member_id);


--
-- Name: property_favorite uq_property_favorite_tenant_id_property_id_member_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_favorite
    ADD CONSTRAINT uq_property_favorite_tenant_id_property_id_member_id UNIQUE (tenant_id, property_id, member_id);


--
-- Name: property uq_property_tenant_id_open_immo_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property
    ADD CONSTRAINT uq_property_tenant_id_open_immo_id UNIQUE (tenant_id, open_immo_id);


--
-- Name: role uq_role_tenant_id_key; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.role
    ADD CONSTRAINT uq_role_tenant_id_key UNIQUE (tenant_id, key);


--
-- Name: role uq_role_tenant_id_name; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.role
    ADD CONSTRAINT uq_role_tenant_id_name UNIQUE (tenant_id, name);


--
-- Name: task_dependency uq_task_dependency_tenant_id_task_id_depends_on_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_dependency
    ADD CONSTRAINT uq_task_dependency_tenant_id_task_id_depends_on_id UNIQUE (tenant_id, task_id, depends_on_id);


--
-- Name: task_label_link uq_task_label_link_tenant_id_task_id_label_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label_link
    ADD CONSTRAINT uq_task_label_link_tenant_id_task_id_label_id UNIQUE (tenant_id, task_id, label_id);


--
-- Name: task_label uq_task_label_tenant_id_name; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label
    ADD CONSTRAINT uq_task_label_tenant_id_name UNIQUE (tenant_id, name);


--
-- Name: task_watcher uq_task_watcher_tenant_id_task_id_member_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_watcher
    ADD CONSTRAINT uq_task_watcher_tenant_id_task_id_member_id UNIQUE (tenant_id, task_id, member_id);


--
-- Name: team_member uq_team_member_tenant_id_team_id_member_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team_member
    ADD CONSTRAINT uq_team_member_tenant_id_team_id_member_id UNIQUE (tenant_id, team_id, member_id);


--
-- Name: tenant uq_tenant_id; Type: CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.tenant
    ADD CONSTRAINT uq_tenant_id UNIQUE (id);


--
-- Name: pgqueuer_ep_ea_idx; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_ep_ea_idx ON jobs.pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::jobs.pgqueuer_status);


--
-- Name: pgqueuer_ep_prio_id_idx; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_ep_prio_id_idx ON jobs.pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::jobs.pgqueuer_status);


--
-- Name: pgqueuer_log_created; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_log_created ON jobs.pgqueuer_log USING btree (created);


--
-- Name: pgqueuer_log_job_id_status; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_log_job_id_status ON jobs.pgqueuer_log USING btree (job_id, created DESC);


--
-- Name: pgqueuer_log_not_aggregated; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_log_not_aggregated ON jobs.pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);


--
-- Name: pgqueuer_log_status; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_log_status ON jobs.pgqueuer_log USING btree (status);


--
-- Name: pgqueuer_picked_heartbeat_idx; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_picked_heartbeat_idx ON jobs.pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::jobs.pgqueuer_status);


--
-- Name: pgqueuer_picked_slot_idx; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON jobs.pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::jobs.pgqueuer_status) AND (slot IS NOT NULL));


--
-- Name: pgqueuer_priority_id_id1_idx; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_priority_id_id1_idx ON jobs.pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::jobs.pgqueuer_status);


--
-- Name: pgqueuer_queue_manager_id_idx; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_queue_manager_id_idx ON jobs.pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);


--
-- Name: pgqueuer_statistics_unique_count; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON jobs.pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);


--
-- Name: pgqueuer_unique_dedupe_key; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON jobs.pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::jobs.pgqueuer_status, 'picked'::jobs.pgqueuer_status])) AND (dedupe_key IS NOT NULL));


--
-- Name: pgqueuer_updated_id_id1_idx; Type: INDEX; Schema: jobs; Owner: immonow_owner
--

CREATE INDEX pgqueuer_updated_id_id1_idx ON jobs.pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::jobs.pgqueuer_status);


--
-- Name: ix_account_token_account_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_account_token_account_id ON public.account_token USING btree (account_id);


--
-- Name: ix_api_key_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_api_key_tenant_id_member_id ON public.api_key USING btree (tenant_id, member_id);


--
-- Name: ix_audit_entry_tenant_id_actor_id_timestamp; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_audit_entry_tenant_id_actor_id_timestamp ON public.audit_entry USING btree (tenant_id, actor_id, "timestamp");


--
-- Name: ix_audit_entry_tenant_id_resource_type_resource_id_timestamp; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_audit_entry_tenant_id_resource_type_resource_id_timestamp ON public.audit_entry USING btree (tenant_id, resource_type, resource_id, "timestamp");


--
-- Name: ix_audit_entry_tenant_id_timestamp_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_audit_entry_tenant_id_timestamp_id ON public.audit_entry USING btree (tenant_id, "timestamp", id);


--
-- Name: ix_board_column_tenant_id_board_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_board_column_tenant_id_board_id ON public.board_column USING btree (tenant_id, board_id);


--
-- Name: ix_board_tenant_id_project_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_board_tenant_id_project_id ON public.board USING btree (tenant_id, project_id);


--
-- Name: ix_board_tenant_id_team_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_board_tenant_id_team_id ON public.board USING btree (tenant_id, team_id);


--
-- Name: ix_comment_mention_tenant_id_comment_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_comment_mention_tenant_id_comment_id ON public.comment_mention USING btree (tenant_id, comment_id);


--
-- Name: ix_comment_mention_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_comment_mention_tenant_id_member_id ON public.comment_mention USING btree (tenant_id, member_id);


--
-- Name: ix_comment_reaction_tenant_id_comment_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_comment_reaction_tenant_id_comment_id ON public.comment_reaction USING btree (tenant_id, comment_id);


--
-- Name: ix_comment_reaction_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_comment_reaction_tenant_id_member_id ON public.comment_reaction USING btree (tenant_id, member_id);


--
-- Name: ix_comment_tenant_id_author_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_comment_tenant_id_author_id ON public.comment USING btree (tenant_id, author_id);


--
-- Name: ix_comment_tenant_id_parent_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_comment_tenant_id_parent_id ON public.comment USING btree (tenant_id, parent_id);


--
-- Name: ix_comment_tenant_id_task_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_comment_tenant_id_task_id ON public.comment USING btree (tenant_id, task_id);


--
-- Name: ix_comment_tenant_id_task_id_created_at_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_comment_tenant_id_task_id_created_at_id ON public.comment USING btree (tenant_id, task_id, created_at, id);


--
-- Name: ix_contact_person_tenant_id_property_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_contact_person_tenant_id_property_id ON public.contact_person USING btree (tenant_id, property_id);


--
-- Name: ix_contact_person_tenant_id_user_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_contact_person_tenant_id_user_id ON public.contact_person USING btree (tenant_id, user_id);


--
-- Name: ix_invitation_tenant_id_created_at_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_invitation_tenant_id_created_at_id ON public.invitation USING btree (tenant_id, created_at, id);


--
-- Name: ix_invitation_tenant_id_invited_by_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_invitation_tenant_id_invited_by_id ON public.invitation USING btree (tenant_id, invited_by_id);


--
-- Name: ix_invitation_tenant_id_mail_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_invitation_tenant_id_mail_id ON public.invitation USING btree (tenant_id, mail_id);


--
-- Name: ix_invitation_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_invitation_tenant_id_member_id ON public.invitation USING btree (tenant_id, member_id);


--
-- Name: ix_invitation_to_release; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_invitation_to_release ON public.invitation USING btree (tenant_id, expires_at) WHERE holds_seat;


--
-- Name: ix_job_by_creator; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_job_by_creator ON public.job USING btree (tenant_id, created_by_id, created_at DESC, id DESC);


--
-- Name: ix_linked_account_account_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_linked_account_account_id ON public.linked_account USING btree (account_id);


--
-- Name: ix_mail_to_forget; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_mail_to_forget ON public.mail USING btree (created_at) WHERE (recipient IS NOT NULL);


--
-- Name: ix_member_role_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_member_role_tenant_id_member_id ON public.member_role USING btree (tenant_id, member_id);


--
-- Name: ix_member_role_tenant_id_role_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_member_role_tenant_id_role_id ON public.member_role USING btree (tenant_id, role_id);


--
-- Name: ix_member_search; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_member_search ON public.member USING gin (search);


--
-- Name: ix_note_tenant_id_author_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_note_tenant_id_author_id ON public.note USING btree (tenant_id, author_id);


--
-- Name: ix_note_tenant_id_property_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_note_tenant_id_property_id ON public.note USING btree (tenant_id, property_id);


--
-- Name: ix_preferences_tenant_id_default_board_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_preferences_tenant_id_default_board_id ON public.preferences USING btree (tenant_id, default_board_id);


--
-- Name: ix_preferences_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_preferences_tenant_id_member_id ON public.preferences USING btree (tenant_id, member_id);


--
-- Name: ix_project_tenant_id_property_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_project_tenant_id_property_id ON public.project USING btree (tenant_id, property_id);


--
-- Name: ix_property_city; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_city ON public.property USING btree (tenant_id, city, created_at DESC, id DESC) WHERE (deleted_at IS NULL);


--
-- Name: ix_property_created_at; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_created_at ON public.property USING btree (tenant_id, created_at DESC, id DESC) WHERE (deleted_at IS NULL);


--
-- Name: ix_property_favorite_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_favorite_tenant_id_member_id ON public.property_favorite USING btree (tenant_id, member_id);


--
-- Name: ix_property_favorite_tenant_id_property_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_favorite_tenant_id_property_id ON public.property_favorite USING btree (tenant_id, property_id);


--
-- Name: ix_property_living_area; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_living_area ON public.property USING btree (tenant_id, living_area DESC NULLS LAST, id DESC) WHERE (deleted_at IS NULL);


--
-- Name: ix_property_postal_code; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_postal_code ON public.property USING btree (tenant_id, postal_code) WHERE (deleted_at IS NULL);


--
-- Name: ix_property_price; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_price ON public.property USING btree (tenant_id, price DESC NULLS LAST, id DESC) WHERE (deleted_at IS NULL);


--
-- Name: ix_property_search; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_search ON public.property USING gin (search);


--
-- Name: ix_property_status; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_status ON public.property USING btree (tenant_id, status, created_at DESC, id DESC) WHERE (deleted_at IS NULL);


--
-- Name: ix_property_tenant_id_assigned_agent_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_tenant_id_assigned_agent_id ON public.property USING btree (tenant_id, assigned_agent_id);


--
-- Name: ix_property_title_key; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_title_key ON public.property USING btree (tenant_id, title_key, id) WHERE (deleted_at IS NULL);


--
-- Name: ix_property_updated_at; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_updated_at ON public.property USING btree (tenant_id, updated_at DESC, id DESC) WHERE (deleted_at IS NULL);


--
-- Name: ix_property_valuation_newest; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_valuation_newest ON public.property_valuation USING btree (tenant_id, property_id, valued_on DESC, id DESC);


--
-- Name: ix_property_valuation_tenant_id_property_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_property_valuation_tenant_id_property_id ON public.property_valuation USING btree (tenant_id, property_id);


--
-- Name: ix_session_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_session_tenant_id_member_id ON public.session USING btree (tenant_id, member_id);


--
-- Name: ix_subtask_tenant_id_assignee_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_subtask_tenant_id_assignee_id ON public.subtask USING btree (tenant_id, assignee_id);


--
-- Name: ix_subtask_tenant_id_task_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_subtask_tenant_id_task_id ON public.subtask USING btree (tenant_id, task_id);


--
-- Name: ix_task_board_order; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_board_order ON public.task USING btree (tenant_id, column_id, rank, id) WHERE ((deleted_at IS NULL) AND (archived_at IS NULL));


--
-- Name: ix_task_board_status; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_board_status ON public.task USING btree (tenant_id, board_id, status) WHERE (deleted_at IS NULL);


--
-- Name: ix_task_created_at; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_created_at ON public.task USING btree (tenant_id, created_at DESC, id DESC) WHERE (deleted_at IS NULL);


--
-- Name: ix_task_dependency_tenant_id_depends_on_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_dependency_tenant_id_depends_on_id ON public.task_dependency USING btree (tenant_id, depends_on_id);


--
-- Name: ix_task_dependency_tenant_id_task_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_dependency_tenant_id_task_id ON public.task_dependency USING btree (tenant_id, task_id);


--
-- Name: ix_task_due_date; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_due_date ON public.task USING btree (tenant_id, due_date, id) WHERE (deleted_at IS NULL);


--
-- Name: ix_task_label_link_tenant_id_label_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_label_link_tenant_id_label_id ON public.task_label_link USING btree (tenant_id, label_id);


--
-- Name: ix_task_label_link_tenant_id_task_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_label_link_tenant_id_task_id ON public.task_label_link USING btree (tenant_id, task_id);


--
-- Name: ix_task_log_newest; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_log_newest ON public.task_log USING btree (tenant_id, task_id, created_at DESC, id DESC);


--
-- Name: ix_task_log_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_log_tenant_id_member_id ON public.task_log USING btree (tenant_id, member_id);


--
-- Name: ix_task_log_tenant_id_task_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_log_tenant_id_task_id ON public.task_log USING btree (tenant_id, task_id);


--
-- Name: ix_task_search; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_search ON public.task USING gin (search);


--
-- Name: ix_task_tenant_id_assignee_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_tenant_id_assignee_id ON public.task USING btree (tenant_id, assignee_id);


--
-- Name: ix_task_tenant_id_blocked_by_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_tenant_id_blocked_by_id ON public.task USING btree (tenant_id, blocked_by_id);


--
-- Name: ix_task_tenant_id_blocked_by_task_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_tenant_id_blocked_by_task_id ON public.task USING btree (tenant_id, blocked_by_task_id);


--
-- Name: ix_task_tenant_id_board_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_tenant_id_board_id ON public.task USING btree (tenant_id, board_id);


--
-- Name: ix_task_tenant_id_column_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_tenant_id_column_id ON public.task USING btree (tenant_id, column_id);


--
-- Name: ix_task_tenant_id_project_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_tenant_id_project_id ON public.task USING btree (tenant_id, project_id);


--
-- Name: ix_task_tenant_id_property_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_tenant_id_property_id ON public.task USING btree (tenant_id, property_id);


--
-- Name: ix_task_title_key; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_title_key ON public.task USING btree (tenant_id, title_key, id) WHERE (deleted_at IS NULL);


--
-- Name: ix_task_to_remind; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_to_remind ON public.task USING btree (tenant_id, due_date) WHERE ((deleted_at IS NULL) AND (archived_at IS NULL) AND (completed_at IS NULL) AND (overdue_reminded_at IS NULL));


--
-- Name: ix_task_updated_at; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_updated_at ON public.task USING btree (tenant_id, updated_at DESC, id DESC) WHERE (deleted_at IS NULL);


--
-- Name: ix_task_watcher_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_watcher_tenant_id_member_id ON public.task_watcher USING btree (tenant_id, member_id);


--
-- Name: ix_task_watcher_tenant_id_task_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_task_watcher_tenant_id_task_id ON public.task_watcher USING btree (tenant_id, task_id);


--
-- Name: ix_team_member_tenant_id_member_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_team_member_tenant_id_member_id ON public.team_member USING btree (tenant_id, member_id);


--
-- Name: ix_team_member_tenant_id_team_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_team_member_tenant_id_team_id ON public.team_member USING btree (tenant_id, team_id);


--
-- Name: ix_team_tenant_id_lead_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_team_tenant_id_lead_id ON public.team USING btree (tenant_id, lead_id);


--
-- Name: ix_token_directory_tenant_session_id; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE INDEX ix_token_directory_tenant_session_id ON public.token_directory USING btree (tenant, session_id);


--
-- Name: uq_board_default; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_board_default ON public.board USING btree (tenant_id) WHERE is_default;


--
-- Name: uq_board_name; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_board_name ON public.board USING btree (tenant_id, name) WHERE (deleted_at IS NULL);


--
-- Name: uq_invitation_email; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_invitation_email ON public.invitation USING btree (tenant_id, email) WHERE holds_seat;


--
-- Name: uq_member_account; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_member_account ON public.member USING btree (tenant_id, account_id) WHERE (deleted_at IS NULL);


--
-- Name: uq_member_email; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_member_email ON public.member USING btree (tenant_id, email) WHERE (deleted_at IS NULL);


--
-- Name: uq_project_name; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_project_name ON public.project USING btree (tenant_id, name) WHERE (deleted_at IS NULL);


--
-- Name: uq_property_external_number; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_property_external_number ON public.property USING btree (tenant_id, external_number) WHERE (deleted_at IS NULL);


--
-- Name: uq_task_rank; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_task_rank ON public.task USING btree (tenant_id, column_id, rank);


--
-- Name: uq_team_name; Type: INDEX; Schema: public; Owner: immonow_owner
--

CREATE UNIQUE INDEX uq_team_name ON public.team USING btree (tenant_id, name) WHERE (deleted_at IS NULL);


--
-- Name: pgqueuer tg_count_deaths; Type: TRIGGER; Schema: jobs; Owner: immonow_owner
--

CREATE TRIGGER tg_count_deaths BEFORE UPDATE OF queue_manager_id ON jobs.pgqueuer FOR EACH ROW WHEN (((old.status = 'picked'::jobs.pgqueuer_status) AND (new.status = 'picked'::jobs.pgqueuer_status) AND (old.queue_manager_id <> new.queue_manager_id))) EXECUTE FUNCTION jobs.fn_count_deaths();


--
-- Name: pgqueuer tg_pgqueuer_changed; Type: TRIGGER; Schema: jobs; Owner: immonow_owner
--

CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT ON jobs.pgqueuer FOR EACH STATEMENT EXECUTE FUNCTION jobs.fn_pgqueuer_changed();


--
-- Name: agency_cron agency_cron_tenant_id_fkey; Type: FK CONSTRAINT; Schema: jobs; Owner: immonow_owner
--

ALTER TABLE ONLY jobs.agency_cron
    ADD CONSTRAINT agency_cron_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenant(id) ON DELETE CASCADE;


--
-- Name: account_tenant fk_account_tenant_account_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account_tenant
    ADD CONSTRAINT fk_account_tenant_account_id FOREIGN KEY (account_id) REFERENCES public.account(id);


--
-- Name: account_tenant fk_account_tenant_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account_tenant
    ADD CONSTRAINT fk_account_tenant_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: account_tenant fk_account_tenant_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account_tenant
    ADD CONSTRAINT fk_account_tenant_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: account_token fk_account_token_account_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.account_token
    ADD CONSTRAINT fk_account_token_account_id FOREIGN KEY (account_id) REFERENCES public.account(id);


--
-- Name: api_key fk_api_key_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT fk_api_key_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: api_key fk_api_key_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT fk_api_key_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: api_key fk_api_key_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT fk_api_key_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: audit_archive fk_audit_archive_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.audit_archive
    ADD CONSTRAINT fk_audit_archive_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: audit_entry fk_audit_entry_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT fk_audit_entry_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: board_column fk_board_column_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board_column
    ADD CONSTRAINT fk_board_column_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: board_column fk_board_column_tenant_id_board_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board_column
    ADD CONSTRAINT fk_board_column_tenant_id_board_id FOREIGN KEY (tenant_id, board_id) REFERENCES public.board(tenant_id, id) ON DELETE CASCADE;


--
-- Name: board_column fk_board_column_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board_column
    ADD CONSTRAINT fk_board_column_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: board fk_board_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board
    ADD CONSTRAINT fk_board_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: board fk_board_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board
    ADD CONSTRAINT fk_board_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: board fk_board_tenant_id_deleted_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board
    ADD CONSTRAINT fk_board_tenant_id_deleted_by_id FOREIGN KEY (tenant_id, deleted_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (deleted_by_id);


--
-- Name: board fk_board_tenant_id_project_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board
    ADD CONSTRAINT fk_board_tenant_id_project_id FOREIGN KEY (tenant_id, project_id) REFERENCES public.project(tenant_id, id) ON DELETE SET NULL (project_id);


--
-- Name: board fk_board_tenant_id_team_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.board
    ADD CONSTRAINT fk_board_tenant_id_team_id FOREIGN KEY (tenant_id, team_id) REFERENCES public.team(tenant_id, id) ON DELETE SET NULL (team_id);


--
-- Name: comment_mention fk_comment_mention_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_mention
    ADD CONSTRAINT fk_comment_mention_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: comment_mention fk_comment_mention_tenant_id_comment_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_mention
    ADD CONSTRAINT fk_comment_mention_tenant_id_comment_id FOREIGN KEY (tenant_id, comment_id) REFERENCES public.comment(tenant_id, id) ON DELETE CASCADE;


--
-- Name: comment_mention fk_comment_mention_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_mention
    ADD CONSTRAINT fk_comment_mention_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: comment_mention fk_comment_mention_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_mention
    ADD CONSTRAINT fk_comment_mention_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: comment_reaction fk_comment_reaction_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_reaction
    ADD CONSTRAINT fk_comment_reaction_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: comment_reaction fk_comment_reaction_tenant_id_comment_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_reaction
    ADD CONSTRAINT fk_comment_reaction_tenant_id_comment_id FOREIGN KEY (tenant_id, comment_id) REFERENCES public.comment(tenant_id, id) ON DELETE CASCADE;


--
-- Name: comment_reaction fk_comment_reaction_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_reaction
    ADD CONSTRAINT fk_comment_reaction_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: comment_reaction fk_comment_reaction_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment_reaction
    ADD CONSTRAINT fk_comment_reaction_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: comment fk_comment_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT fk_comment_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: comment fk_comment_tenant_id_author_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT fk_comment_tenant_id_author_id FOREIGN KEY (tenant_id, author_id) REFERENCES public.member(tenant_id, id);


--
-- Name: comment fk_comment_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT fk_comment_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: comment fk_comment_tenant_id_deleted_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT fk_comment_tenant_id_deleted_by_id FOREIGN KEY (tenant_id, deleted_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (deleted_by_id);


--
-- Name: comment fk_comment_tenant_id_parent_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT fk_comment_tenant_id_parent_id FOREIGN KEY (tenant_id, parent_id) REFERENCES public.comment(tenant_id, id) ON DELETE CASCADE;


--
-- Name: comment fk_comment_tenant_id_task_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.comment
    ADD CONSTRAINT fk_comment_tenant_id_task_id FOREIGN KEY (tenant_id, task_id) REFERENCES public.task(tenant_id, id) ON DELETE CASCADE;


--
-- Name: contact_person fk_contact_person_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.contact_person
    ADD CONSTRAINT fk_contact_person_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: contact_person fk_contact_person_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.contact_person
    ADD CONSTRAINT fk_contact_person_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: contact_person fk_contact_person_tenant_id_property_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.contact_person
    ADD CONSTRAINT fk_contact_person_tenant_id_property_id FOREIGN KEY (tenant_id, property_id) REFERENCES public.property(tenant_id, id) ON DELETE CASCADE;


--
-- Name: contact_person fk_contact_person_tenant_id_user_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.contact_person
    ADD CONSTRAINT fk_contact_person_tenant_id_user_id FOREIGN KEY (tenant_id, user_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (user_id);


--
-- Name: event_outbox fk_event_outbox_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.event_outbox
    ADD CONSTRAINT fk_event_outbox_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: event_stream fk_event_stream_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.event_stream
    ADD CONSTRAINT fk_event_stream_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: feature_flag fk_feature_flag_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.feature_flag
    ADD CONSTRAINT fk_feature_flag_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: feature_flag fk_feature_flag_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.feature_flag
    ADD CONSTRAINT fk_feature_flag_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: idempotency_key fk_idempotency_key_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT fk_idempotency_key_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: invitation fk_invitation_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT fk_invitation_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: invitation fk_invitation_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT fk_invitation_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: invitation fk_invitation_tenant_id_invited_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT fk_invitation_tenant_id_invited_by_id FOREIGN KEY (tenant_id, invited_by_id) REFERENCES public.member(tenant_id, id);


--
-- Name: invitation fk_invitation_tenant_id_mail_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT fk_invitation_tenant_id_mail_id FOREIGN KEY (tenant_id, mail_id) REFERENCES public.mail(tenant_id, id) ON DELETE SET NULL (mail_id);


--
-- Name: invitation fk_invitation_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT fk_invitation_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (member_id);


--
-- Name: job fk_job_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.job
    ADD CONSTRAINT fk_job_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: job fk_job_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.job
    ADD CONSTRAINT fk_job_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: linked_account fk_linked_account_account_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.linked_account
    ADD CONSTRAINT fk_linked_account_account_id FOREIGN KEY (account_id) REFERENCES public.account(id);


--
-- Name: mail fk_mail_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT fk_mail_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: mail fk_mail_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT fk_mail_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: member_role fk_member_role_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member_role
    ADD CONSTRAINT fk_member_role_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: member_role fk_member_role_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member_role
    ADD CONSTRAINT fk_member_role_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: member_role fk_member_role_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member_role
    ADD CONSTRAINT fk_member_role_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: member_role fk_member_role_tenant_id_role_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member_role
    ADD CONSTRAINT fk_member_role_tenant_id_role_id FOREIGN KEY (tenant_id, role_id) REFERENCES public.role(tenant_id, id);


--
-- Name: member fk_member_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member
    ADD CONSTRAINT fk_member_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: member fk_member_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member
    ADD CONSTRAINT fk_member_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: member fk_member_tenant_id_deleted_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.member
    ADD CONSTRAINT fk_member_tenant_id_deleted_by_id FOREIGN KEY (tenant_id, deleted_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (deleted_by_id);


--
-- Name: note fk_note_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.note
    ADD CONSTRAINT fk_note_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: note fk_note_tenant_id_author_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.note
    ADD CONSTRAINT fk_note_tenant_id_author_id FOREIGN KEY (tenant_id, author_id) REFERENCES public.member(tenant_id, id);


--
-- Name: note fk_note_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.note
    ADD CONSTRAINT fk_note_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: note fk_note_tenant_id_deleted_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.note
    ADD CONSTRAINT fk_note_tenant_id_deleted_by_id FOREIGN KEY (tenant_id, deleted_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (deleted_by_id);


--
-- Name: note fk_note_tenant_id_property_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.note
    ADD CONSTRAINT fk_note_tenant_id_property_id FOREIGN KEY (tenant_id, property_id) REFERENCES public.property(tenant_id, id) ON DELETE CASCADE;


--
-- Name: number_sequence fk_number_sequence_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.number_sequence
    ADD CONSTRAINT fk_number_sequence_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: plan_counter fk_plan_counter_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.plan_counter
    ADD CONSTRAINT fk_plan_counter_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: preferences fk_preferences_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT fk_preferences_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: preferences fk_preferences_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT fk_preferences_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: preferences fk_preferences_tenant_id_default_board_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT fk_preferences_tenant_id_default_board_id FOREIGN KEY (tenant_id, default_board_id) REFERENCES public.board(tenant_id, id) ON DELETE SET NULL (default_board_id);


--
-- Name: preferences fk_preferences_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT fk_preferences_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: project fk_project_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.project
    ADD CONSTRAINT fk_project_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: project fk_project_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.project
    ADD CONSTRAINT fk_project_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: project fk_project_tenant_id_deleted_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.project
    ADD CONSTRAINT fk_project_tenant_id_deleted_by_id FOREIGN KEY (tenant_id, deleted_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (deleted_by_id);


--
-- Name: project fk_project_tenant_id_property_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.project
    ADD CONSTRAINT fk_project_tenant_id_property_id FOREIGN KEY (tenant_id, property_id) REFERENCES public.property(tenant_id, id) ON DELETE SET NULL (property_id);


--
-- Name: property_favorite fk_property_favorite_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_favorite
    ADD CONSTRAINT fk_property_favorite_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: property_favorite fk_property_favorite_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_favorite
    ADD CONSTRAINT fk_property_favorite_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: property_favorite fk_property_favorite_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_favorite
    ADD CONSTRAINT fk_property_favorite_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: property_favorite fk_property_favorite_tenant_id_property_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_favorite
    ADD CONSTRAINT fk_property_favorite_tenant_id_property_id FOREIGN KEY (tenant_id, property_id) REFERENCES public.property(tenant_id, id) ON DELETE CASCADE;


--
-- Name: property fk_property_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property
    ADD CONSTRAINT fk_property_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: property fk_property_tenant_id_assigned_agent_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property
    ADD CONSTRAINT fk_property_tenant_id_assigned_agent_id FOREIGN KEY (tenant_id, assigned_agent_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (assigned_agent_id);


--
-- Name: property fk_property_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property
    ADD CONSTRAINT fk_property_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: property fk_property_tenant_id_deleted_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property
    ADD CONSTRAINT fk_property_tenant_id_deleted_by_id FOREIGN KEY (tenant_id, deleted_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (deleted_by_id);


--
-- Name: property_valuation fk_property_valuation_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_valuation
    ADD CONSTRAINT fk_property_valuation_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: property_valuation fk_property_valuation_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_valuation
    ADD CONSTRAINT fk_property_valuation_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: property_valuation fk_property_valuation_tenant_id_property_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.property_valuation
    ADD CONSTRAINT fk_property_valuation_tenant_id_property_id FOREIGN KEY (tenant_id, property_id) REFERENCES public.property(tenant_id, id) ON DELETE CASCADE;


--
-- Name: role fk_role_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.role
    ADD CONSTRAINT fk_role_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: role fk_role_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.role
    ADD CONSTRAINT fk_role_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: session fk_session_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.session
    ADD CONSTRAINT fk_session_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: session fk_session_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.session
    ADD CONSTRAINT fk_session_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: session fk_session_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.session
    ADD CONSTRAINT fk_session_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: subtask fk_subtask_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.subtask
    ADD CONSTRAINT fk_subtask_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: subtask fk_subtask_tenant_id_assignee_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.subtask
    ADD CONSTRAINT fk_subtask_tenant_id_assignee_id FOREIGN KEY (tenant_id, assignee_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (assignee_id);


--
-- Name: subtask fk_subtask_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.subtask
    ADD CONSTRAINT fk_subtask_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: subtask fk_subtask_tenant_id_task_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.subtask
    ADD CONSTRAINT fk_subtask_tenant_id_task_id FOREIGN KEY (tenant_id, task_id) REFERENCES public.task(tenant_id, id) ON DELETE CASCADE;


--
-- Name: task_dependency fk_task_dependency_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_dependency
    ADD CONSTRAINT fk_task_dependency_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: task_dependency fk_task_dependency_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_dependency
    ADD CONSTRAINT fk_task_dependency_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: task_dependency fk_task_dependency_tenant_id_depends_on_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_dependency
    ADD CONSTRAINT fk_task_dependency_tenant_id_depends_on_id FOREIGN KEY (tenant_id, depends_on_id) REFERENCES public.task(tenant_id, id) ON DELETE CASCADE;


--
-- Name: task_dependency fk_task_dependency_tenant_id_task_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_dependency
    ADD CONSTRAINT fk_task_dependency_tenant_id_task_id FOREIGN KEY (tenant_id, task_id) REFERENCES public.task(tenant_id, id) ON DELETE CASCADE;


--
-- Name: task_label_link fk_task_label_link_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label_link
    ADD CONSTRAINT fk_task_label_link_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: task_label_link fk_task_label_link_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label_link
    ADD CONSTRAINT fk_task_label_link_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: task_label_link fk_task_label_link_tenant_id_label_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label_link
    ADD CONSTRAINT fk_task_label_link_tenant_id_label_id FOREIGN KEY (tenant_id, label_id) REFERENCES public.task_label(tenant_id, id) ON DELETE CASCADE;


--
-- Name: task_label_link fk_task_label_link_tenant_id_task_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label_link
    ADD CONSTRAINT fk_task_label_link_tenant_id_task_id FOREIGN KEY (tenant_id, task_id) REFERENCES public.task(tenant_id, id) ON DELETE CASCADE;


--
-- Name: task_label fk_task_label_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label
    ADD CONSTRAINT fk_task_label_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: task_label fk_task_label_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_label
    ADD CONSTRAINT fk_task_label_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: task_log fk_task_log_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_log
    ADD CONSTRAINT fk_task_log_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: task_log fk_task_log_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_log
    ADD CONSTRAINT fk_task_log_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: task_log fk_task_log_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_log
    ADD CONSTRAINT fk_task_log_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (member_id);


--
-- Name: task_log fk_task_log_tenant_id_task_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_log
    ADD CONSTRAINT fk_task_log_tenant_id_task_id FOREIGN KEY (tenant_id, task_id) REFERENCES public.task(tenant_id, id) ON DELETE CASCADE;


--
-- Name: task fk_task_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: task fk_task_tenant_id_assignee_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_assignee_id FOREIGN KEY (tenant_id, assignee_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (assignee_id);


--
-- Name: task fk_task_tenant_id_blocked_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_blocked_by_id FOREIGN KEY (tenant_id, blocked_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (blocked_by_id);


--
-- Name: task fk_task_tenant_id_blocked_by_task_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_blocked_by_task_id FOREIGN KEY (tenant_id, blocked_by_task_id) REFERENCES public.task(tenant_id, id) ON DELETE SET NULL (blocked_by_task_id);


--
-- Name: task fk_task_tenant_id_board_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_board_id FOREIGN KEY (tenant_id, board_id) REFERENCES public.board(tenant_id, id) ON DELETE CASCADE;


--
-- Name: task fk_task_tenant_id_column_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_column_id FOREIGN KEY (tenant_id, column_id) REFERENCES public.board_column(tenant_id, id) ON DELETE SET NULL (column_id);


--
-- Name: task fk_task_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: task fk_task_tenant_id_deleted_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_deleted_by_id FOREIGN KEY (tenant_id, deleted_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (deleted_by_id);


--
-- Name: task fk_task_tenant_id_project_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_project_id FOREIGN KEY (tenant_id, project_id) REFERENCES public.project(tenant_id, id) ON DELETE SET NULL (project_id);


--
-- Name: task fk_task_tenant_id_property_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_tenant_id_property_id FOREIGN KEY (tenant_id, property_id) REFERENCES public.property(tenant_id, id) ON DELETE SET NULL (property_id);


--
-- Name: task_watcher fk_task_watcher_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_watcher
    ADD CONSTRAINT fk_task_watcher_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: task_watcher fk_task_watcher_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_watcher
    ADD CONSTRAINT fk_task_watcher_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: task_watcher fk_task_watcher_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_watcher
    ADD CONSTRAINT fk_task_watcher_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: task_watcher fk_task_watcher_tenant_id_task_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.task_watcher
    ADD CONSTRAINT fk_task_watcher_tenant_id_task_id FOREIGN KEY (tenant_id, task_id) REFERENCES public.task(tenant_id, id) ON DELETE CASCADE;


--
-- Name: team_member fk_team_member_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team_member
    ADD CONSTRAINT fk_team_member_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: team_member fk_team_member_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team_member
    ADD CONSTRAINT fk_team_member_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: team_member fk_team_member_tenant_id_member_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team_member
    ADD CONSTRAINT fk_team_member_tenant_id_member_id FOREIGN KEY (tenant_id, member_id) REFERENCES public.member(tenant_id, id) ON DELETE CASCADE;


--
-- Name: team_member fk_team_member_tenant_id_team_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team_member
    ADD CONSTRAINT fk_team_member_tenant_id_team_id FOREIGN KEY (tenant_id, team_id) REFERENCES public.team(tenant_id, id) ON DELETE CASCADE;


--
-- Name: team fk_team_tenant; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team
    ADD CONSTRAINT fk_team_tenant FOREIGN KEY (tenant_id) REFERENCES public.tenant(id);


--
-- Name: team fk_team_tenant_id_created_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team
    ADD CONSTRAINT fk_team_tenant_id_created_by_id FOREIGN KEY (tenant_id, created_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (created_by_id);


--
-- Name: team fk_team_tenant_id_deleted_by_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team
    ADD CONSTRAINT fk_team_tenant_id_deleted_by_id FOREIGN KEY (tenant_id, deleted_by_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (deleted_by_id);


--
-- Name: team fk_team_tenant_id_lead_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.team
    ADD CONSTRAINT fk_team_tenant_id_lead_id FOREIGN KEY (tenant_id, lead_id) REFERENCES public.member(tenant_id, id) ON DELETE SET NULL (lead_id);


--
-- Name: token_directory fk_token_directory_account_id; Type: FK CONSTRAINT; Schema: public; Owner: immonow_owner
--

ALTER TABLE ONLY public.token_directory
    ADD CONSTRAINT fk_token_directory_account_id FOREIGN KEY (account_id) REFERENCES public.account(id);


--
-- Name: api_key; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.api_key ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_archive archived; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY archived ON public.audit_archive FOR SELECT TO immonow_owner USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: audit_entry archived; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY archived ON public.audit_entry TO immonow_owner USING (((tenant_id = ( SELECT app.current_tenant() AS current_tenant)) AND ("timestamp" < (now() - '365 days'::interval)))) WITH CHECK (false);


--
-- Name: audit_archive; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.audit_archive ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_entry; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.audit_entry ENABLE ROW LEVEL SECURITY;

--
-- Name: board; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.board ENABLE ROW LEVEL SECURITY;

--
-- Name: board_column; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.board_column ENABLE ROW LEVEL SECURITY;

--
-- Name: comment; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.comment ENABLE ROW LEVEL SECURITY;

--
-- Name: comment_mention; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.comment_mention ENABLE ROW LEVEL SECURITY;

--
-- Name: comment_reaction; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.comment_reaction ENABLE ROW LEVEL SECURITY;

--
-- Name: contact_person; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.contact_person ENABLE ROW LEVEL SECURITY;

--
-- Name: event_outbox; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.event_outbox ENABLE ROW LEVEL SECURITY;

--
-- Name: event_stream; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.event_stream ENABLE ROW LEVEL SECURITY;

--
-- Name: feature_flag; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.feature_flag ENABLE ROW LEVEL SECURITY;

--
-- Name: idempotency_key; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.idempotency_key ENABLE ROW LEVEL SECURITY;

--
-- Name: invitation; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.invitation ENABLE ROW LEVEL SECURITY;

--
-- Name: job; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.job ENABLE ROW LEVEL SECURITY;

--
-- Name: mail; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.mail ENABLE ROW LEVEL SECURITY;

--
-- Name: member; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.member ENABLE ROW LEVEL SECURITY;

--
-- Name: member_role; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.member_role ENABLE ROW LEVEL SECURITY;

--
-- Name: note; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.note ENABLE ROW LEVEL SECURITY;

--
-- Name: number_sequence; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.number_sequence ENABLE ROW LEVEL SECURITY;

--
-- Name: plan_counter; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.plan_counter ENABLE ROW LEVEL SECURITY;

--
-- Name: api_key platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.api_key TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: audit_archive platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.audit_archive TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: audit_entry platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.audit_entry TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: board platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.board TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: board_column platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.board_column TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: comment platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.comment TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: comment_mention platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.comment_mention TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: comment_reaction platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.comment_reaction TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: contact_person platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.contact_person TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: event_outbox platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.event_outbox TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: event_stream platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.event_stream TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: feature_flag platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.feature_flag TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: idempotency_key platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.idempotency_key TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: invitation platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.invitation TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: job platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.job TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: mail platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.mail TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: member platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.member TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: member_role platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.member_role TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: note platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.note TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: number_sequence platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.number_sequence TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: plan_counter platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.plan_counter TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: preferences platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.preferences TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: project platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.project TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: property platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.property TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: property_favorite platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.property_favorite TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: property_valuation platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.property_valuation TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: role platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.role TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: session platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.session TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: subtask platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.subtask TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: task platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.task TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: task_dependency platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.task_dependency TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: task_label platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.task_label TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: task_label_link platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.task_label_link TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: task_log platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.task_log TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: task_watcher platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.task_watcher TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: team platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.team TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: team_member platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.team_member TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: tenant platform; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY platform ON public.tenant TO immonow_platform USING (true) WITH CHECK (true);


--
-- Name: preferences; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.preferences ENABLE ROW LEVEL SECURITY;

--
-- Name: project; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.project ENABLE ROW LEVEL SECURITY;

--
-- Name: property; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.property ENABLE ROW LEVEL SECURITY;

--
-- Name: property_favorite; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.property_favorite ENABLE ROW LEVEL SECURITY;

--
-- Name: property_valuation; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.property_valuation ENABLE ROW LEVEL SECURITY;

--
-- Name: role; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.role ENABLE ROW LEVEL SECURITY;

--
-- Name: member search; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY search ON public.member FOR SELECT TO immonow_search USING (true);


--
-- Name: property search; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY search ON public.property FOR SELECT TO immonow_search USING (true);


--
-- Name: task search; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY search ON public.task FOR SELECT TO immonow_search USING (true);


--
-- Name: session; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.session ENABLE ROW LEVEL SECURITY;

--
-- Name: subtask; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.subtask ENABLE ROW LEVEL SECURITY;

--
-- Name: task; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.task ENABLE ROW LEVEL SECURITY;

--
-- Name: task_dependency; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.task_dependency ENABLE ROW LEVEL SECURITY;

--
-- Name: task_label; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.task_label ENABLE ROW LEVEL SECURITY;

--
-- Name: task_label_link; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.task_label_link ENABLE ROW LEVEL SECURITY;

--
-- Name: task_log; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.task_log ENABLE ROW LEVEL SECURITY;

--
-- Name: task_watcher; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.task_watcher ENABLE ROW LEVEL SECURITY;

--
-- Name: team; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.team ENABLE ROW LEVEL SECURITY;

--
-- Name: team_member; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.team_member ENABLE ROW LEVEL SECURITY;

--
-- Name: api_key tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.api_key TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: audit_archive tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.audit_archive TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: audit_entry tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.audit_entry TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: board tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.board TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: board_column tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.board_column TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: comment tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.comment TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: comment_mention tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.comment_mention TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: comment_reaction tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.comment_reaction TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: contact_person tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.contact_person TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: event_outbox tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.event_outbox TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: event_stream tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.event_stream TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: feature_flag tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.feature_flag TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: idempotency_key tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.idempotency_key TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: invitation tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.invitation TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: job tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.job TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: mail tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.mail TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: member tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.member TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: member_role tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.member_role TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: note tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.note TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: number_sequence tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.number_sequence TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: plan_counter tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.plan_counter TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: preferences tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.preferences TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: project tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.project TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: property tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.property TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: property_favorite tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.property_favorite TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: property_valuation tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.property_valuation TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: role tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.role TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: session tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.session TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: subtask tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.subtask TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: task tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.task TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: task_dependency tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.task_dependency TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: task_label tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.task_label TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: task_label_link tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.task_label_link TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: task_log tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.task_log TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: task_watcher tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.task_watcher TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: team tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.team TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: team_member tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.team_member TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: tenant; Type: ROW SECURITY; Schema: public; Owner: immonow_owner
--

ALTER TABLE public.tenant ENABLE ROW LEVEL SECURITY;

--
-- Name: tenant tenant; Type: POLICY; Schema: public; Owner: immonow_owner
--

CREATE POLICY tenant ON public.tenant TO immonow_app USING ((tenant_id = ( SELECT app.current_tenant() AS current_tenant))) WITH CHECK ((tenant_id = ( SELECT app.current_tenant() AS current_tenant)));


--
-- Name: SCHEMA app; Type: ACL; Schema: -; Owner: immonow_owner
--

GRANT ALL ON SCHEMA app TO immonow_search;
GRANT USAGE ON SCHEMA app TO immonow_app;
GRANT USAGE ON SCHEMA app TO immonow_platform;


--
-- Name: SCHEMA jobs; Type: ACL; Schema: -; Owner: immonow_owner
--

GRANT USAGE ON SCHEMA jobs TO immonow_app;
GRANT USAGE ON SCHEMA jobs TO immonow_platform;


--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner
--

GRANT ALL ON SCHEMA public TO immonow_owner;
GRANT USAGE ON SCHEMA public TO immonow_app;
GRANT USAGE ON SCHEMA public TO immonow_platform;
GRANT USAGE ON SCHEMA public TO immonow_search;


--
-- Name: TABLE member_role; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.member_role TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.member_role TO immonow_platform;


--
-- Name: TABLE role; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.role TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.role TO immonow_platform;


--
-- Name: FUNCTION granted(tenant uuid, member uuid); Type: ACL; Schema: app; Owner: immonow_owner
--

GRANT ALL ON FUNCTION app.granted(tenant uuid, member uuid) TO immonow_app;
GRANT ALL ON FUNCTION app.granted(tenant uuid, member uuid) TO immonow_platform;


--
-- Name: TABLE audit_archive; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT ON TABLE public.audit_archive TO immonow_app;
GRANT SELECT ON TABLE public.audit_archive TO immonow_platform;


--
-- Name: TABLE audit_entry; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT ON TABLE public.audit_entry TO immonow_app;
GRANT SELECT ON TABLE public.audit_entry TO immonow_platform;


--
-- Name: FUNCTION remove_archived_entries(); Type: ACL; Schema: app; Owner: immonow_owner
--

REVOKE ALL ON FUNCTION app.remove_archived_entries() FROM PUBLIC;
GRANT ALL ON FUNCTION app.remove_archived_entries() TO immonow_app;


--
-- Name: TABLE member; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.member TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.member TO immonow_platform;


--
-- Name: COLUMN member.tenant_id; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(tenant_id) ON TABLE public.member TO immonow_search;


--
-- Name: COLUMN member.id; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(id) ON TABLE public.member TO immonow_search;


--
-- Name: COLUMN member.search; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(search) ON TABLE public.member TO immonow_search;


--
-- Name: FUNCTION search_member(query text); Type: ACL; Schema: app; Owner: immonow_search
--

REVOKE ALL ON FUNCTION app.search_member(query text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.search_member(query text) TO immonow_app;
GRANT ALL ON FUNCTION app.search_member(query text) TO immonow_platform;


--
-- Name: TABLE property; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.property TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.property TO immonow_platform;


--
-- Name: COLUMN property.tenant_id; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(tenant_id) ON TABLE public.property TO immonow_search;


--
-- Name: COLUMN property.id; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(id) ON TABLE public.property TO immonow_search;


--
-- Name: COLUMN property.search; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(search) ON TABLE public.property TO immonow_search;


--
-- Name: FUNCTION search_property(query text); Type: ACL; Schema: app; Owner: immonow_search
--

REVOKE ALL ON FUNCTION app.search_property(query text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.search_property(query text) TO immonow_app;
GRANT ALL ON FUNCTION app.search_property(query text) TO immonow_platform;


--
-- Name: TABLE task; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task TO immonow_platform;


--
-- Name: COLUMN task.tenant_id; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(tenant_id) ON TABLE public.task TO immonow_search;


--
-- Name: COLUMN task.id; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(id) ON TABLE public.task TO immonow_search;


--
-- Name: COLUMN task.search; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT(search) ON TABLE public.task TO immonow_search;


--
-- Name: FUNCTION search_task(query text); Type: ACL; Schema: app; Owner: immonow_search
--

REVOKE ALL ON FUNCTION app.search_task(query text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.search_task(query text) TO immonow_app;
GRANT ALL ON FUNCTION app.search_task(query text) TO immonow_platform;


--
-- Name: FUNCTION trail_text(entry public.audit_entry); Type: ACL; Schema: app; Owner: immonow_owner
--

GRANT ALL ON FUNCTION app.trail_text(entry public.audit_entry) TO immonow_app;
GRANT ALL ON FUNCTION app.trail_text(entry public.audit_entry) TO immonow_platform;


--
-- Name: TABLE agency_cron; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE jobs.agency_cron TO immonow_platform;


--
-- Name: TABLE pgqueuer; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.pgqueuer TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.pgqueuer TO immonow_platform;


--
-- Name: SEQUENCE pgqueuer_id_seq; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT USAGE ON SEQUENCE jobs.pgqueuer_id_seq TO immonow_app;
GRANT USAGE ON SEQUENCE jobs.pgqueuer_id_seq TO immonow_platform;


--
-- Name: TABLE pgqueuer_log; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.pgqueuer_log TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.pgqueuer_log TO immonow_platform;


--
-- Name: SEQUENCE pgqueuer_log_id_seq; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT USAGE ON SEQUENCE jobs.pgqueuer_log_id_seq TO immonow_app;
GRANT USAGE ON SEQUENCE jobs.pgqueuer_log_id_seq TO immonow_platform;


--
-- Name: TABLE pgqueuer_schedules; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.pgqueuer_schedules TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.pgqueuer_schedules TO immonow_platform;


--
-- Name: SEQUENCE pgqueuer_schedules_id_seq; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT USAGE ON SEQUENCE jobs.pgqueuer_schedules_id_seq TO immonow_app;
GRANT USAGE ON SEQUENCE jobs.pgqueuer_schedules_id_seq TO immonow_platform;


--
-- Name: TABLE pgqueuer_statistics; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.pgqueuer_statistics TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.pgqueuer_statistics TO immonow_platform;


--
-- Name: SEQUENCE pgqueuer_statistics_id_seq; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT USAGE ON SEQUENCE jobs.pgqueuer_statistics_id_seq TO immonow_app;
GRANT USAGE ON SEQUENCE jobs.pgqueuer_statistics_id_seq TO immonow_platform;


--
-- Name: TABLE platform_cron; Type: ACL; Schema: jobs; Owner: immonow_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE jobs.platform_cron TO immonow_platform;


--
-- Name: TABLE account; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO immonow_platform;


--
-- Name: TABLE account_tenant; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_tenant TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_tenant TO immonow_platform;


--
-- Name: TABLE account_token; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_token TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_token TO immonow_platform;


--
-- Name: TABLE alembic_version; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT ON TABLE public.alembic_version TO immonow_app;
GRANT SELECT ON TABLE public.alembic_version TO immonow_platform;


--
-- Name: TABLE api_key; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_key TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_key TO immonow_platform;


--
-- Name: TABLE board; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.board TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.board TO immonow_platform;


--
-- Name: TABLE board_column; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.board_column TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.board_column TO immonow_platform;


--
-- Name: TABLE comment; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comment TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comment TO immonow_platform;


--
-- Name: TABLE comment_mention; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comment_mention TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comment_mention TO immonow_platform;


--
-- Name: TABLE comment_reaction; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comment_reaction TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comment_reaction TO immonow_platform;


--
-- Name: TABLE contact_person; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_person TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_person TO immonow_platform;


--
-- Name: TABLE event_outbox; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT ON TABLE public.event_outbox TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.event_outbox TO immonow_platform;


--
-- Name: TABLE event_stream; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.event_stream TO immonow_app;
GRANT SELECT ON TABLE public.event_stream TO immonow_platform;


--
-- Name: COLUMN event_stream.min_seq; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT UPDATE(min_seq) ON TABLE public.event_stream TO immonow_platform;


--
-- Name: TABLE feature_flag; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.feature_flag TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.feature_flag TO immonow_platform;


--
-- Name: TABLE idempotency_key; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_key TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_key TO immonow_platform;


--
-- Name: TABLE invitation; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitation TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitation TO immonow_platform;


--
-- Name: TABLE invitation_token; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitation_token TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitation_token TO immonow_platform;


--
-- Name: TABLE job; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job TO immonow_platform;


--
-- Name: TABLE linked_account; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.linked_account TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.linked_account TO immonow_platform;


--
-- Name: TABLE mail; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail TO immonow_platform;


--
-- Name: TABLE note; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.note TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.note TO immonow_platform;


--
-- Name: TABLE number_sequence; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.number_sequence TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.number_sequence TO immonow_platform;


--
-- Name: TABLE plan_counter; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plan_counter TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plan_counter TO immonow_platform;


--
-- Name: TABLE preferences; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.preferences TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.preferences TO immonow_platform;


--
-- Name: TABLE project; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.project TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.project TO immonow_platform;


--
-- Name: TABLE property_favorite; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.property_favorite TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.property_favorite TO immonow_platform;


--
-- Name: TABLE property_valuation; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.property_valuation TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.property_valuation TO immonow_platform;


--
-- Name: TABLE security_event; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT INSERT ON TABLE public.security_event TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.security_event TO immonow_platform;


--
-- Name: TABLE session; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.session TO immonow_platform;


--
-- Name: TABLE sign_in_failure; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_failure TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_failure TO immonow_platform;


--
-- Name: TABLE subtask; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.subtask TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.subtask TO immonow_platform;


--
-- Name: TABLE task_dependency; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_dependency TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_dependency TO immonow_platform;


--
-- Name: TABLE task_label; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_label TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_label TO immonow_platform;


--
-- Name: TABLE task_label_link; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_label_link TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_label_link TO immonow_platform;


--
-- Name: TABLE task_log; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT ON TABLE public.task_log TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_log TO immonow_platform;


--
-- Name: TABLE task_watcher; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_watcher TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_watcher TO immonow_platform;


--
-- Name: TABLE team; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.team TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.team TO immonow_platform;


--
-- Name: TABLE team_member; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.team_member TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.team_member TO immonow_platform;


--
-- Name: TABLE tenant; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tenant TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tenant TO immonow_platform;


--
-- Name: TABLE tenant_slug; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tenant_slug TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tenant_slug TO immonow_platform;


--
-- Name: TABLE token_directory; Type: ACL; Schema: public; Owner: immonow_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.token_directory TO immonow_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.token_directory TO immonow_platform;


--
-- PostgreSQL database dump complete
--
