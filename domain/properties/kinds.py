"""What a property can be: the enums, and which of their values go together. Every value equals its name."""

from enum import Enum


class PropertyStatus(Enum):
    """Where a property stands in its life cycle."""

    ACQUISITION = "ACQUISITION"
    PREPARATION = "PREPARATION"
    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    SOLD = "SOLD"
    RENTED = "RENTED"
    WITHDRAWN = "WITHDRAWN"


class PropertyType(Enum):
    """What kind of property it is."""

    APARTMENT = "APARTMENT"
    HOUSE = "HOUSE"
    MULTI_FAMILY = "MULTI_FAMILY"
    LAND = "LAND"
    OFFICE = "OFFICE"
    RETAIL = "RETAIL"
    HOSPITALITY = "HOSPITALITY"
    INDUSTRIAL = "INDUSTRIAL"
    AGRICULTURE = "AGRICULTURE"
    PARKING = "PARKING"
    INVESTMENT = "INVESTMENT"
    ROOM = "ROOM"
    OTHER = "OTHER"


class PropertyTypeGroup(Enum):
    """Several types at once, for filters; PARKING and OTHER belong to none."""

    RESIDENTIAL = "RESIDENTIAL"
    COMMERCIAL = "COMMERCIAL"
    LAND = "LAND"


class PropertySubtype(Enum):
    """Finer kind; must fit the type."""

    ATTIC = "ATTIC"
    MAISONETTE = "MAISONETTE"
    LOFT = "LOFT"
    PENTHOUSE = "PENTHOUSE"
    TERRACED_APARTMENT = "TERRACED_APARTMENT"
    FLOOR_APARTMENT = "FLOOR_APARTMENT"
    GROUND_FLOOR = "GROUND_FLOOR"
    SOUTERRAIN = "SOUTERRAIN"
    STUDIO = "STUDIO"
    HOLIDAY_APARTMENT = "HOLIDAY_APARTMENT"
    GALLERY = "GALLERY"
    UNFINISHED_ATTIC = "UNFINISHED_ATTIC"
    DETACHED = "DETACHED"
    SEMI_DETACHED = "SEMI_DETACHED"
    ROW_HOUSE = "ROW_HOUSE"
    ROW_END = "ROW_END"
    ROW_MIDDLE = "ROW_MIDDLE"
    ROW_CORNER = "ROW_CORNER"
    BUNGALOW = "BUNGALOW"
    VILLA = "VILLA"
    TOWN_HOUSE = "TOWN_HOUSE"
    TWO_FAMILY = "TWO_FAMILY"
    FARMHOUSE = "FARMHOUSE"
    COUNTRY_HOUSE = "COUNTRY_HOUSE"
    APARTMENT_BUILDING = "APARTMENT_BUILDING"
    MIXED_USE_BUILDING = "MIXED_USE_BUILDING"
    HOUSING_ESTATE = "HOUSING_ESTATE"
    CARE_HOME = "CARE_HOME"
    BUILDING_PLOT = "BUILDING_PLOT"
    COMMERCIAL_PLOT = "COMMERCIAL_PLOT"
    AGRICULTURAL_LAND = "AGRICULTURAL_LAND"
    FOREST = "FOREST"
    OFFICE_SPACE = "OFFICE_SPACE"
    PRACTICE = "PRACTICE"
    COWORKING = "COWORKING"
    SHOP = "SHOP"
    SUPERMARKET = "SUPERMARKET"
    RESTAURANT = "RESTAURANT"
    HOTEL = "HOTEL"
    WAREHOUSE = "WAREHOUSE"
    PRODUCTION_HALL = "PRODUCTION_HALL"
    WORKSHOP = "WORKSHOP"
    GARAGE = "GARAGE"
    CARPORT = "CARPORT"
    UNDERGROUND_SPACE = "UNDERGROUND_SPACE"
    OUTDOOR_SPACE = "OUTDOOR_SPACE"
    UNSPECIFIED = "UNSPECIFIED"


class PropertyUsage(Enum):
    """What the property is used for."""

    RESIDENTIAL = "RESIDENTIAL"
    COMMERCIAL = "COMMERCIAL"
    INVESTMENT = "INVESTMENT"
    TEMPORARY = "TEMPORARY"


class MarketingType(Enum):
    """Whether the property is sold or let; decides which price is needed."""

    BUY = "BUY"
    RENT = "RENT"
    LEASEHOLD = "LEASEHOLD"
    LEASING = "LEASING"


class Condition(Enum):
    """State of repair, best first."""

    NEW = "NEW"
    RENOVATED = "RENOVATED"
    GOOD = "GOOD"
    NEEDS_RENOVATION = "NEEDS_RENOVATION"
    POOR = "POOR"


class HeatingType(Enum):
    """How the heat gets into the rooms."""

    CENTRAL = "CENTRAL"
    FLOOR_HEATING = "FLOOR_HEATING"
    FLOOR = "FLOOR"
    DISTRICT = "DISTRICT"
    STOVE = "STOVE"
    HEAT_PUMP = "HEAT_PUMP"
    ELECTRIC = "ELECTRIC"
    NIGHT_STORAGE = "NIGHT_STORAGE"
    CHP = "CHP"
    SOLAR = "SOLAR"
    NONE = "NONE"


class EnergySource(Enum):
    """What the heat is made from."""

    GAS = "GAS"
    OIL = "OIL"
    DISTRICT = "DISTRICT"
    ELECTRIC = "ELECTRIC"
    PELLET = "PELLET"
    WOOD = "WOOD"
    COAL = "COAL"
    SOLAR = "SOLAR"
    GEOTHERMAL = "GEOTHERMAL"
    AIR_HEAT_PUMP = "AIR_HEAT_PUMP"
    LPG = "LPG"
    CHP = "CHP"
    WATER_ELECTRIC = "WATER_ELECTRIC"
    ALTERNATIVE = "ALTERNATIVE"


class EnergyClass(Enum):
    """Class of the energy certificate (Energieeffizienzklasse), by final energy in kWh/m² a year."""

    A_PLUS = "A_PLUS"
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"


class FlooringType(Enum):
    """Kind of floor covering."""

    PARQUET = "PARQUET"
    TILES = "TILES"
    LAMINATE = "LAMINATE"
    CARPET = "CARPET"
    STONE = "STONE"
    VINYL = "VINYL"
    OTHER = "OTHER"


class Orientation(Enum):
    """Direction the main rooms, balcony or garden face."""

    NORTH = "NORTH"
    NORTH_EAST = "NORTH_EAST"
    EAST = "EAST"
    SOUTH_EAST = "SOUTH_EAST"
    SOUTH = "SOUTH"
    SOUTH_WEST = "SOUTH_WEST"
    WEST = "WEST"
    NORTH_WEST = "NORTH_WEST"
    MIXED = "MIXED"


class ParkingType(Enum):
    """Kind of parking that belongs to the property."""

    GARAGE = "GARAGE"
    CARPORT = "CARPORT"
    UNDERGROUND = "UNDERGROUND"
    OUTDOOR = "OUTDOOR"
    DUPLEX = "DUPLEX"
    CAR_PARK = "CAR_PARK"


class FeatureKey(Enum):
    """Something a property has or has not."""

    BALCONY = "BALCONY"
    GARDEN = "GARDEN"
    ELEVATOR = "ELEVATOR"
    TERRACE = "TERRACE"
    CELLAR = "CELLAR"
    FITTED_KITCHEN = "FITTED_KITCHEN"
    BARRIER_FREE = "BARRIER_FREE"
    GUEST_TOILET = "GUEST_TOILET"
    FIREPLACE = "FIREPLACE"
    FURNISHED = "FURNISHED"
    PETS_ALLOWED = "PETS_ALLOWED"
    AIR_CONDITIONING = "AIR_CONDITIONING"
    POOL = "POOL"
    SAUNA = "SAUNA"
    FLAT_SHARE_SUITABLE = "FLAT_SHARE_SUITABLE"
    MONUMENT = "MONUMENT"
    PARKING = "PARKING"


class CommissionModel(Enum):
    """Who pays the commission (Maklerprovision)."""

    DOUBLE = "DOUBLE"
    SELLER_ONLY_SHARED = "SELLER_ONLY_SHARED"
    SELLER_PAYS = "SELLER_PAYS"
    BUYER_PAYS = "BUYER_PAYS"
    NONE = "NONE"


class ValuationMethod(Enum):
    """How somebody came to what a property is worth."""

    MANUAL = "MANUAL"
    AVM = "AVM"
    COMPARISON = "COMPARISON"
    INCOME = "INCOME"
    COST = "COST"
    EXPERT = "EXPERT"
    AGENT_ESTIMATE = "AGENT_ESTIMATE"


class CheckSeverity(Enum):
    """How much a finding matters."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


_T = PropertyType
_S = PropertySubtype

_YIELD = frozenset({_S.APARTMENT_BUILDING, _S.MIXED_USE_BUILDING, _S.HOUSING_ESTATE, _S.CARE_HOME})

_SUBTYPES: dict[PropertyType, frozenset[PropertySubtype]] = {
    _T.APARTMENT: frozenset(
        {
            _S.ATTIC,
            _S.MAISONETTE,
            _S.LOFT,
            _S.PENTHOUSE,
            _S.TERRACED_APARTMENT,
            _S.FLOOR_APARTMENT,
            _S.GROUND_FLOOR,
            _S.SOUTERRAIN,
            _S.STUDIO,
            _S.HOLIDAY_APARTMENT,
            _S.GALLERY,
            _S.UNFINISHED_ATTIC,
        }
    ),
    _T.HOUSE: frozenset(
        {
            _S.DETACHED,
            _S.SEMI_DETACHED,
            _S.ROW_HOUSE,
            _S.ROW_END,
            _S.ROW_MIDDLE,
            _S.ROW_CORNER,
            _S.BUNGALOW,
            _S.VILLA,
            _S.TOWN_HOUSE,
            _S.TWO_FAMILY,
            _S.FARMHOUSE,
            _S.COUNTRY_HOUSE,
        }
    ),
    _T.MULTI_FAMILY: _YIELD,
    _T.INVESTMENT: _YIELD,
    _T.LAND: frozenset({_S.BUILDING_PLOT, _S.COMMERCIAL_PLOT, _S.AGRICULTURAL_LAND, _S.FOREST}),
    _T.OFFICE: frozenset({_S.OFFICE_SPACE, _S.PRACTICE, _S.COWORKING}),
    _T.RETAIL: frozenset({_S.SHOP, _S.SUPERMARKET}),
    _T.HOSPITALITY: frozenset({_S.RESTAURANT, _S.HOTEL}),
    _T.INDUSTRIAL: frozenset({_S.WAREHOUSE, _S.PRODUCTION_HALL, _S.WORKSHOP}),
    _T.AGRICULTURE: frozenset({_S.FARMHOUSE, _S.AGRICULTURAL_LAND, _S.FOREST}),
    _T.PARKING: frozenset({_S.GARAGE, _S.CARPORT, _S.UNDERGROUND_SPACE, _S.OUTDOOR_SPACE}),
}

# Type → the subtypes that fit it; UNSPECIFIED fits every type.
SUBTYPES_OF: dict[PropertyType, frozenset[PropertySubtype]] = {
    type_: _SUBTYPES.get(type_, frozenset()) | {_S.UNSPECIFIED} for type_ in _T
}

TYPE_GROUPS: dict[PropertyTypeGroup, frozenset[PropertyType]] = {
    PropertyTypeGroup.RESIDENTIAL: frozenset({_T.APARTMENT, _T.HOUSE, _T.MULTI_FAMILY, _T.ROOM}),
    PropertyTypeGroup.COMMERCIAL: frozenset(
        {_T.OFFICE, _T.RETAIL, _T.HOSPITALITY, _T.INDUSTRIAL, _T.AGRICULTURE, _T.INVESTMENT}
    ),
    PropertyTypeGroup.LAND: frozenset({_T.LAND}),
}

# Sold or let: decides which price counts and how the life cycle ends.
SALES: frozenset[MarketingType] = frozenset({MarketingType.BUY, MarketingType.LEASEHOLD})

# PARKING is no answer of its own: it follows the number of parking spaces.
BOOLEAN_FEATURES: tuple[FeatureKey, ...] = tuple(key for key in FeatureKey if key is not FeatureKey.PARKING)
