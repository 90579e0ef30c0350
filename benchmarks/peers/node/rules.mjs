// Rules of the product that every peer needs in JavaScript.

const TRANSITIONS = new Map(
  Object.entries({
    ACQUISITION: ['PREPARATION', 'WITHDRAWN'],
    PREPARATION: ['AVAILABLE', 'WITHDRAWN'],
    AVAILABLE: ['RESERVED', 'WITHDRAWN'],
    RESERVED: ['AVAILABLE', 'SOLD', 'RENTED', 'WITHDRAWN'],
    SOLD: ['WITHDRAWN'],
    RENTED: ['WITHDRAWN'],
    WITHDRAWN: ['PREPARATION'],
  }),
);
const COUNTRIES = new Intl.DisplayNames('de', { type: 'region' });

/** Who asks, from the headers: the benchmark trusts them. */
export function viewerOf(headers) {
  return {
    tenant: headers['x-tenant-id'],
    member: headers['x-member-id'],
    manages: headers['x-role'] !== 'AGENT',
  };
}

/** Whether the viewer may publish a property: managers every one, agents their own. */
export function mayPublish({ member, manages }, createdBy, assignedAgent) {
  return manages || member === createdBy || member === assignedAgent;
}

/** Where the life cycle of a property may go next, when the viewer decides. */
export function allowedStatuses({ manages }, status, marketingType) {
  if ((status === 'SOLD' || status === 'RENTED') && !manages) return [];
  const wrongEnd = marketingType === 'BUY' || marketingType === 'LEASEHOLD' ? 'RENTED' : 'SOLD';
  return TRANSITIONS.get(status).filter((target) => target !== wrongEnd);
}

/** An address in one line; abroad the region and the country follow. */
export function oneLine(street, houseNumber, postalCode, city, region, country) {
  const parts = [
    [street, street ? houseNumber : null].filter(Boolean).join(' '),
    [postalCode, city].filter(Boolean).join(' '),
  ];
  if (country !== 'DE') parts.push(region, COUNTRIES.of(country));
  return parts.filter(Boolean).join(', ');
}

/** The position of a stream as the product encodes it: 16 bytes of its epoch, 8 of its number. */
export function cursor(epoch, number) {
  const bytes = Buffer.allocUnsafe(24);
  bytes.write(epoch.replaceAll('-', ''), 'hex');
  bytes.writeBigUInt64BE(BigInt(number), 16);
  return bytes.toString('base64url');
}
