"""One hand-written statement per screen: PostgreSQL builds the whole answer, `{"data": …}` as text.

$1 is the agency, $2 the member who asks, $3 whether that member may manage properties.
"""

# How values are written


def _id(name: str, column: str) -> str:
    return f"translate(encode(convert_to('{name}:' || {column}, 'UTF8'), 'base64'), '+/=', '-_')"


def _money(column: str) -> str:
    built = f"json_build_object('amount', {_places(column)}, 'currency', p.currency)"
    return f"case when {column} is not null then {built} end"


def _places(column: str) -> str:
    """Two places, stored ×100."""
    return f"({column} * 0.01)::text"


def _halves(column: str) -> str:
    return f"({column} * 0.5)::text"


def _moment(column: str) -> str:
    return f"to_char({column} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


def _user(column: str) -> str:
    return (
        f"(select json_build_object('id', {_id('User', 'u.id')}, 'name', u.name)"
        f" from member u where u.tenant_id = $1 and u.id = {column})"
    )


def _has(feature: str) -> str:
    return f"'{feature}' = any(p.features)"


STREAM_CURSOR = (
    "(select rtrim(translate(encode(uuid_send(epoch) || int8send(last_seq), 'base64'), '+/', '-_'), '=')"
    " from event_stream where tenant_id = $1)"
)
VIEWER_CAN = """
json_build_object(
  'update', true,
  'delete', true,
  'publish', $3::boolean or p.created_by_id = $2 or p.assigned_agent_id is not distinct from $2,
  'allowedStatuses', case p.status
    when 'ACQUISITION' then '["PREPARATION","WITHDRAWN"]'
    when 'PREPARATION' then '["AVAILABLE","WITHDRAWN"]'
    when 'AVAILABLE' then '["RESERVED","WITHDRAWN"]'
    when 'RESERVED' then case when p.marketing_type in ('BUY', 'LEASEHOLD')
                              then '["AVAILABLE","SOLD","WITHDRAWN"]' else '["AVAILABLE","RENTED","WITHDRAWN"]' end
    when 'WITHDRAWN' then '["PREPARATION"]'
    else case when $3::boolean then '["WITHDRAWN"]' else '[]' end
  end::json)
"""
DAYS_ON_MARKET = (
    "greatest(0, (coalesce(p.closed_at, now()) at time zone 'UTC')::date"
    " - (p.first_available_at at time zone 'UTC')::date)"
)

# PropertyList

NODE = f"""
    select {_id("Property", "p.id")} as id,
           p.external_number as "externalNumber",
           p.title,
           p.status,
           p.type,
           p.subtype,
           p.marketing_type as "marketingType",
           {_money("p.price")} as price,
           p.price_on_request as "priceOnRequest",
           {_money("p.rent_cold")} as "rentCold",
           {_money("p.price_per_sqm")} as "pricePerSqm",
           p.location,
           json_build_object('postalCode', p.postal_code, 'city', p.city, 'state', p.state) as address,
           {_places("p.living_area")} as "livingArea",
           {_places("p.plot_area")} as "plotArea",
           {_halves("p.rooms")} as rooms,
           p.bedrooms,
           {_halves("p.bathrooms")} as bathrooms,
           p.year_built as "yearBuilt",
           case when p.first_available_at is not null then {DAYS_ON_MARKET} end as "daysOnMarket",
           json_build_object('energyClass', p.energy_class, 'balcony', {_has("BALCONY")}, 'elevator',
             {_has("ELEVATOR")}, 'garden', {_has("GARDEN")}, 'parkingSpaces', p.parking_spaces) as features,
           {_user("p.assigned_agent_id")} as "assignedAgent",
           {_moment("p.created_at")} as "createdAt",
           {_moment("p.updated_at")} as "updatedAt",
           p.version,
           {VIEWER_CAN} as "viewerCan"
"""
ORDERS = {
    "": "created_at desc, id desc",
    "TITLE ASC": "title_key, id",
    "TITLE DESC": "title_key desc, id desc",
    "PRICE DESC": "price desc nulls last, id desc",
    "PRICE ASC": "price nulls last, id",
    "LIVING_AREA DESC": "living_area desc nulls last, id desc",
    "LIVING_AREA ASC": "living_area nulls last, id",
}


def _ascending(order: str, where: str) -> str:
    """No index has these orders: only keys are sorted, and the fifty whole rows fetched by them."""
    column = order.split()[0]
    keys = f"select id as key, {column} as sorted from property where {where} order by {order} limit $6 offset $5"
    return f"""
      select p.* from ({keys}) page join property p on p.tenant_id = $1 and p.id = page.key
       order by page.sorted nulls last, page.key
    """


def property_list(order: str, conditions: list[str]) -> str:
    """$4 number of the page, $5 rows before it, $6 rows of a page; what conditions compare with follows."""
    where = " and ".join(["tenant_id = $1", "deleted_at is null", *conditions])
    if order in ("PRICE ASC", "LIVING_AREA ASC"):
        page = _ascending(ORDERS[order], where)
    else:
        page = f"select * from property where {where} order by {ORDERS[order]} limit $6 offset $5"
    return f"""
select json_build_object('data', json_build_object(
  'streamCursor', {STREAM_CURSOR},
  'properties', json_build_object(
    'nodes', coalesce((select json_agg(node) from ({NODE} from ({page}) p) node), '[]'),
    'pageMeta', (
      select json_build_object('page', $4::int, 'size', $6::bigint, 'pages', (total + $6 - 1) / $6, 'total', total)
        from (select count(*) as total from property where {where}) counted))))::text
"""


# PropertyDetail. $4 is the property.

FEATURES = {
    "balcony": "BALCONY",
    "garden": "GARDEN",
    "elevator": "ELEVATOR",
    "terrace": "TERRACE",
    "cellar": "CELLAR",
    "fittedKitchen": "FITTED_KITCHEN",
    "barrierFree": "BARRIER_FREE",
    "guestToilet": "GUEST_TOILET",
    "fireplace": "FIREPLACE",
    "furnished": "FURNISHED",
    "petsAllowed": "PETS_ALLOWED",
    "airConditioning": "AIR_CONDITIONING",
    "pool": "POOL",
    "sauna": "SAUNA",
    "monument": "MONUMENT",
}
BOOLEANS = ", ".join(f"'{name}', {_has(key)}" for name, key in FEATURES.items())
FORMATTED = """
concat_ws(', ',
  nullif(concat_ws(' ', p.street, case when p.street is not null then p.house_number end), ''),
  nullif(concat_ws(' ', p.postal_code, p.city), ''))
"""
PROPERTY_DETAIL = f"""
select json_build_object('data', json_build_object(
  'streamCursor', {STREAM_CURSOR},
  'property', (select row_to_json(node) from (
    select {_id("Property", "p.id")} as id,
           p.external_number as "externalNumber",
           p.title,
           p.description,
           p.location_description as "locationDescription",
           p.equipment_description as "equipmentDescription",
           p.other_description as "otherDescription",
           p.status,
           {_moment("p.status_changed_at")} as "statusChangedAt",
           p.type,
           p.subtype,
           p.usage,
           p.marketing_type as "marketingType",
           p.version,
           {_money("p.price")} as price,
           p.price_on_request as "priceOnRequest",
           {_money("p.rent_cold")} as "rentCold",
           {_money("p.rent_warm")} as "rentWarm",
           {_money("p.service_charge")} as "serviceCharge",
           {_money("p.heating_cost")} as "heatingCost",
           {_money("p.deposit")} as deposit,
           {_money("p.house_money")} as "houseMoney",
           {_money("p.price_per_sqm")} as "pricePerSqm",
           json_build_object('model', p.commission_model, 'buyerPercent', {_places("p.commission_buyer")},
             'sellerPercent', {_places("p.commission_seller")}, 'text', p.commission_text) as commission,
           {_places("p.living_area")} as "livingArea",
           {_places("p.usable_area")} as "usableArea",
           {_places("p.total_area")} as "totalArea",
           {_places("p.plot_area")} as "plotArea",
           {_halves("p.rooms")} as rooms,
           p.bedrooms,
           {_halves("p.bathrooms")} as bathrooms,
           p.floor,
           p.floors_total as "floorsTotal",
           p.year_built as "yearBuilt",
           p.last_modernisation as "lastModernisation",
           p.condition,
           p.available_from as "availableFrom",
           p.available_from_text as "availableFromText",
           p.is_rented as "isRented",
           json_build_object(
             'street', p.street, 'houseNumber', p.house_number, 'postalCode', p.postal_code, 'city', p.city,
             'state', p.state, 'country', p.country, 'showAddress', p.show_address, 'formatted', {FORMATTED},
             'geo', case when p.latitude is not null and p.longitude is not null then json_build_object(
               'latitude', round(p.latitude::numeric, 6)::text, 'longitude', round(p.longitude::numeric, 6)::text)
             end) as address,
           json_build_object('parkingSpaces', p.parking_spaces, 'parkingType', p.parking_type, {BOOLEANS},
             'heatingType', p.heating_type, 'energySource', p.energy_source, 'energyClass', p.energy_class,
             'flooring', p.flooring, 'orientation', p.orientation, 'unknown', p.unknown_features) as features,
           p.amenities,
           (select coalesce(json_agg(json_build_object('id', {_id("ContactPerson", "c.id")}, 'name', c.name, 'email',
                     c.email, 'phone', c.phone, 'role', c.role) order by c.ordinal, c.id), '[]')
              from contact_person c where c.tenant_id = $1 and c.property_id = p.id) as "contactPersons",
           {_user("p.assigned_agent_id")} as "assignedAgent",
           json_build_object('nodes', coalesce((
             select json_agg(json_build_object('id', {_id("Note", "n.id")}, 'body', n.body, 'pinned', n.pinned,
                      'createdAt', {_moment("n.created_at")}, 'author', {_user("n.author_id")}))
               from (select id, body, pinned, created_at, author_id from note
                      where tenant_id = $1 and property_id = p.id and deleted_at is null
                      order by pinned desc, created_at desc, id desc limit 10) n), '[]')) as notes,
           {VIEWER_CAN} as "viewerCan"
      from property p
     where p.tenant_id = $1 and p.id = $4 and p.deleted_at is null) node)))::text
"""
