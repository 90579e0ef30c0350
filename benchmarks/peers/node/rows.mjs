// Stored rows as the schema shows them, and which columns a selection needs.
// The getters are the fields of schema.graphql, so that the default resolvers suffice for everything but relations.
import { allowedStatuses, mayPublish, oneLine } from './rules.mjs';

const DAY = 86_400_000;

// --- values ----------------------------------------------------------------------------------------------------------

// Whole numbers of 64 bits stay text: they are only ever shown with a point before the last two digits.
const hundredths = (text) => {
  if (text === null) return null;
  const digits = text.length < 3 ? text.padStart(3, '0') : text;
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
const percent = (number) => (number === null ? null : (number / 100).toFixed(2));
const halves = (number) => (number === null ? null : (number / 2).toFixed(1));

/** An amount as whole hundredths; the schema takes it as text or number. */
export const scaled = (text) => {
  const [whole, places = ''] = String(text).split('.');
  return whole + places.padEnd(2, '0');
};

const encodeId = (type, id) => Buffer.from(`${type}:${id}`, 'latin1').toString('base64url');

export function decodeId(type, id) {
  const [found, key] = Buffer.from(id, 'base64url').toString('latin1').split(':');
  return found === type ? key : null;
}

const money = (amount, currency) => (amount === null ? null : { amount: hundredths(amount), currency });

// --- rows as the schema shows them -----------------------------------------------------------------------------------

class Row {
  constructor(row) {
    this.row = row;
  }
}

class Address extends Row {
  get street() { return this.row.street; }
  get houseNumber() { return this.row.house_number; }
  get postalCode() { return this.row.postal_code; }
  get city() { return this.row.city; }
  get state() { return this.row.state; }
  get country() { return this.row.country; }
  get showAddress() { return this.row.show_address; }
  get geo() {
    const { latitude, longitude } = this.row;
    if (latitude === null || longitude === null) return null;
    return { latitude: latitude.toFixed(6), longitude: longitude.toFixed(6) };
  }
  get formatted() {
    const { street, house_number, postal_code, city, region, country } = this.row;
    return oneLine(street, house_number, postal_code, city, region, country);
  }
}

class Features extends Row {
  get parkingSpaces() { return this.row.parking_spaces; }
  get parkingType() { return this.row.parking_type; }
  get balcony() { return this.row.features.includes('BALCONY'); }
  get garden() { return this.row.features.includes('GARDEN'); }
  get elevator() { return this.row.features.includes('ELEVATOR'); }
  get terrace() { return this.row.features.includes('TERRACE'); }
  get cellar() { return this.row.features.includes('CELLAR'); }
  get fittedKitchen() { return this.row.features.includes('FITTED_KITCHEN'); }
  get barrierFree() { return this.row.features.includes('BARRIER_FREE'); }
  get guestToilet() { return this.row.features.includes('GUEST_TOILET'); }
  get fireplace() { return this.row.features.includes('FIREPLACE'); }
  get furnished() { return this.row.features.includes('FURNISHED'); }
  get petsAllowed() { return this.row.features.includes('PETS_ALLOWED'); }
  get airConditioning() { return this.row.features.includes('AIR_CONDITIONING'); }
  get pool() { return this.row.features.includes('POOL'); }
  get sauna() { return this.row.features.includes('SAUNA'); }
  get monument() { return this.row.features.includes('MONUMENT'); }
  get heatingType() { return this.row.heating_type; }
  get energySource() { return this.row.energy_source; }
  get energyClass() { return this.row.energy_class; }
  get flooring() { return this.row.flooring; }
  get orientation() { return this.row.orientation; }
  get unknown() { return this.row.unknown_features; }
}

class Commission extends Row {
  get model() { return this.row.commission_model; }
  get buyerPercent() { return percent(this.row.commission_buyer); }
  get sellerPercent() { return percent(this.row.commission_seller); }
  get text() { return this.row.commission_text; }
}

export class Property extends Row {
  constructor(row, viewer) {
    super(row);
    this.viewer = viewer;
  }
  get id() { return encodeId('Property', this.row.id); }
  get externalNumber() { return this.row.external_number; }
  get title() { return this.row.title; }
  get description() { return this.row.description; }
  get locationDescription() { return this.row.location_description; }
  get equipmentDescription() { return this.row.equipment_description; }
  get otherDescription() { return this.row.other_description; }
  get status() { return this.row.status; }
  get statusChangedAt() { return this.row.status_changed_at; }
  get type() { return this.row.type; }
  get subtype() { return this.row.subtype; }
  get usage() { return this.row.usage; }
  get marketingType() { return this.row.marketing_type; }
  get price() { return money(this.row.price, this.row.currency); }
  get priceOnRequest() { return this.row.price_on_request; }
  get rentCold() { return money(this.row.rent_cold, this.row.currency); }
  get rentWarm() { return money(this.row.rent_warm, this.row.currency); }
  get serviceCharge() { return money(this.row.service_charge, this.row.currency); }
  get heatingCost() { return money(this.row.heating_cost, this.row.currency); }
  get deposit() { return money(this.row.deposit, this.row.currency); }
  get houseMoney() { return money(this.row.house_money, this.row.currency); }
  get pricePerSqm() { return money(this.row.price_per_sqm, this.row.currency); }
  get commission() { return new Commission(this.row); }
  get livingArea() { return hundredths(this.row.living_area); }
  get usableArea() { return hundredths(this.row.usable_area); }
  get totalArea() { return hundredths(this.row.total_area); }
  get plotArea() { return hundredths(this.row.plot_area); }
  get rooms() { return halves(this.row.rooms); }
  get bedrooms() { return this.row.bedrooms; }
  get bathrooms() { return halves(this.row.bathrooms); }
  get floor() { return this.row.floor; }
  get floorsTotal() { return this.row.floors_total; }
  get yearBuilt() { return this.row.year_built; }
  get lastModernisation() { return this.row.last_modernisation; }
  get condition() { return this.row.condition; }
  get availableFrom() { return this.row.available_from; }
  get availableFromText() { return this.row.available_from_text; }
  get isRented() { return this.row.is_rented; }
  get location() { return this.row.location; }
  get address() { return new Address(this.row); }
  get features() { return new Features(this.row); }
  get amenities() { return this.row.amenities; }
  get createdAt() { return this.row.created_at; }
  get updatedAt() { return this.row.updated_at; }
  get version() { return this.row.version; }
  get daysOnMarket() {
    const { first_available_at: first, closed_at: closed } = this.row;
    if (first === null) return null;
    const end = closed === null ? Math.floor(Date.now() / DAY) : Date.parse(closed.slice(0, 10)) / DAY;
    return Math.max(0, end - Date.parse(first.slice(0, 10)) / DAY);
  }
  get viewerCan() {
    const { status, marketing_type, created_by_id, assigned_agent_id } = this.row;
    return {
      update: true,
      delete: true,
      publish: mayPublish(this.viewer, created_by_id, assigned_agent_id),
      allowedStatuses: allowedStatuses(this.viewer, status, marketing_type),
    };
  }
}

export class Note extends Row {
  get id() { return encodeId('Note', this.row.id); }
  get body() { return this.row.body; }
  get pinned() { return this.row.pinned; }
  get createdAt() { return this.row.created_at; }
}

export class ContactPerson extends Row {
  get id() { return encodeId('ContactPerson', this.row.id); }
  get name() { return this.row.name; }
  get email() { return this.row.email; }
  get phone() { return this.row.phone; }
  get role() { return this.row.role; }
}

export class User extends Row {
  get id() { return encodeId('User', this.row.id); }
  get name() { return this.row.name; }
}

// --- which columns a selection needs ---------------------------------------------------------------------------------

// Fields that are made of something else than the column of the same name; null needs the id alone.
const MADE_OF = {
  price: 'price currency',
  rentCold: 'rent_cold currency',
  rentWarm: 'rent_warm currency',
  serviceCharge: 'service_charge currency',
  heatingCost: 'heating_cost currency',
  deposit: 'deposit currency',
  houseMoney: 'house_money currency',
  pricePerSqm: 'price_per_sqm currency',
  assignedAgent: 'assigned_agent_id',
  contactPersons: 'id',
  notes: 'id',
  daysOnMarket: 'first_available_at closed_at',
  viewerCan: 'status marketing_type created_by_id assigned_agent_id',
  'commission.model': 'commission_model',
  'commission.buyerPercent': 'commission_buyer',
  'commission.sellerPercent': 'commission_seller',
  'commission.text': 'commission_text',
  'address.geo': 'latitude longitude',
  'address.formatted': 'street house_number postal_code city region country',
  'features.unknown': 'unknown_features',
};
for (const key of ['balcony', 'garden', 'elevator', 'terrace', 'cellar', 'fittedKitchen', 'barrierFree', 'guestToilet',
  'fireplace', 'furnished', 'petsAllowed', 'airConditioning', 'pool', 'sauna', 'monument']) {
  MADE_OF[`features.${key}`] = 'features';
}
const VALUES = new Set(['commission', 'address', 'features']);
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function collect(selections, fragments, path, found) {
  for (const node of selections) {
    if (node.kind !== 'Field') {
      const inner = node.kind === 'FragmentSpread' ? fragments[node.name.value] : node;
      collect(inner.selectionSet.selections, fragments, path, found);
    } else if (VALUES.has(node.name.value)) {
      collect(node.selectionSet.selections, fragments, `${node.name.value}.`, found);
    } else if (node.name.value !== '__typename') {
      const name = node.name.value;
      for (const column of (MADE_OF[path + name] ?? snake(name)).split(' ')) found.add(column);
    }
  }
}

// Documents are cached by the servers, so their nodes are the same objects in every request.
const known = new WeakMap();

/** The columns that the selection below a field needs. */
export function columns({ fieldNodes, fragments }) {
  let text = known.get(fieldNodes[0]);
  if (text === undefined) {
    const found = new Set(['id']);
    for (const node of fieldNodes) collect(node.selectionSet.selections, fragments, '', found);
    text = [...found].join(', ');
    known.set(fieldNodes[0], text);
  }
  return text;
}
