// What the screens need beyond the generated schema: rows of the caller's agency alone, the orders and filters of the
// list, the position of the stream, and what is computed.
import { constant, context, lambda } from 'postgraphile/grafast';
import { TYPES } from 'postgraphile/@dataplan/pg';
import {
  addPgTableCondition, addPgTableOrderBy, extendSchema, gql, orderByAscDesc, pgSmartTags, wrapPlans,
} from 'postgraphile/utils';
import { allowedStatuses, cursor, mayPublish, oneLine } from '../rules.mjs';

const PROPERTY = { schemaName: 'public', tableName: 'property' };
const NOTE = { schemaName: 'public', tableName: 'note' };

const Names = pgSmartTags([
  constraint('property.fk_property_tenant_id_assigned_agent_id', { fieldName: 'assignedAgent' }),
  constraint('contact_person.fk_contact_person_tenant_id_property_id', { foreignSimpleFieldName: 'contactPersons' }),
  constraint('note.fk_note_tenant_id_property_id', { foreignFieldName: 'notes' }),
  constraint('note.fk_note_tenant_id_author_id', { fieldName: 'author' }),
  { kind: 'attribute', match: 'property.type', tags: { behavior: 'attribute:filterBy' } },
  { kind: 'attribute', match: 'contact_person.ordinal', tags: { behavior: 'attribute:orderBy' } },
]);

function constraint(match, tags) {
  return { kind: 'constraint', match: `public.${match}`, tags: { behavior: '+list +connection', ...tags } };
}

const Orders = addPgTableOrderBy(PROPERTY, () => ({
  ...orderByAscDesc('PRICE_OR_LAST', 'price', { nulls: 'last' }),
  ...orderByAscDesc('LIVING_AREA_OR_LAST', 'living_area', { nulls: 'last' }),
}));

const NoteOrders = addPgTableOrderBy(NOTE, () => ({
  PINNED_FIRST: {
    extensions: {
      grafast: {
        apply(query) {
          for (const attribute of ['pinned', 'created_at', 'id']) query.orderBy({ attribute, direction: 'DESC' });
          query.setOrderIsUnique();
        },
      },
    },
  },
}));

/** A bound of the price, in cents; `compare` makes the condition from the column and the value. */
const bound = (name, compare) =>
  addPgTableCondition(
    PROPERTY,
    name,
    (build) => ({ type: build.getInputTypeByName('BigInt') }),
    (value, { sql, sqlTableAlias, sqlValueWithCodec }) =>
      compare(sql, sql`${sqlTableAlias}.price`, sqlValueWithCodec(value, TYPES.bigint)),
  );
const PriceFrom = bound('priceFrom', (sql, price, value) => sql`${price} >= ${value}`);
const PriceTo = bound('priceTo', (sql, price, value) => sql`${price} <= ${value}`);

/** Of the caller's agency, and not in the trash. */
function mine($select, sql) {
  $select.where(sql`${$select.alias}.tenant_id = ${$select.placeholder(context().get('tenant'), TYPES.uuid)}`);
  current($select, sql);
}

function current($select, sql) {
  $select.where(sql`${$select.alias}.deleted_at is null`);
}

const Scope = wrapPlans(({ sql }) => ({
  Query: {
    allProperties(plan) {
      const $properties = plan();
      mine($properties.getSubplan(), sql);
      return $properties;
    },
  },
  Property: {
    notes(plan) {
      const $notes = plan();
      current($notes.getSubplan(), sql);
      return $notes;
    },
  },
}));

/** A field computed from who asks and columns of the property. */
const of = (compute, ...columns) => ($property) => {
  const $values = columns.map((name) => $property.get(name));
  return lambda([context().get('viewer'), ...$values], (values) => compute(...values), true);
};

const Additions = extendSchema(({ pgResources, sql }) => ({
  typeDefs: gql`
    extend type Query {
      streamCursor: String!
      propertyOfAgency(rowId: UUID!): Property
    }
    extend type Property {
      daysOnMarket: Int
      formattedAddress: String!
      viewerCan: PropertyRights!
    }
    type PropertyRights {
      update: Boolean!
      delete: Boolean!
      publish: Boolean!
      allowedStatuses: [String!]!
    }
  `,
  objects: {
    Query: {
      plans: {
        streamCursor() {
          const $head = pgResources.event_stream.get({ tenant_id: context().get('tenant') });
          return lambda([$head.get('epoch'), $head.get('last_seq')], (values) => cursor(...values), true);
        },
        propertyOfAgency(_, { $rowId }) {
          const $property = pgResources.property.get({ tenant_id: context().get('tenant'), id: $rowId });
          current($property.getClassStep(), sql);
          return $property;
        },
      },
    },
    Property: {
      plans: {
        daysOnMarket($property) {
          const $row = $property.getClassStep();
          // Days in UTC, the time zone of all connections.
          const end = sql`coalesce(${$row.alias}.closed_at, now())::date`;
          const first = sql`${$row.alias}.first_available_at::date`;
          const days = sql`case when ${first} is not null then greatest(0, ${end} - ${first}) end`;
          return $property.select(days, TYPES.int);
        },
        formattedAddress: of(
          (_, ...values) => oneLine(...values), 'street', 'house_number', 'postal_code', 'city', 'region', 'country',
        ),
        viewerCan: ($property) => $property,
      },
    },
    // Planned on the property itself: an object of its own per row would be made, and read again, while executing.
    PropertyRights: {
      plans: {
        update: () => constant(true),
        delete: () => constant(true),
        publish: of(mayPublish, 'created_by_id', 'assigned_agent_id'),
        allowedStatuses: of(allowedStatuses, 'status', 'marketing_type'),
      },
    },
  },
}));

// Grafserv's `outputDataAsString` alone does not reach the executor.
const OutputAsString = {
  name: 'OutputAsString',
  grafast: {
    middleware: {
      prepareArgs(next, { args }) {
        args.outputDataAsString = true;
        return next();
      },
    },
  },
};

export const ScreensPreset = {
  plugins: [Names, Orders, NoteOrders, PriceFrom, PriceTo, Scope, Additions, OutputAsString],
};
