// Documents for the demo data, in the order of the menu. `needsProperty` names the variable that is filled with the
// id of a property the visitor can see, so that every example runs as it stands.
import { german } from "../texts.js";
import propertyChanged from "./property-changed.graphql?raw";
import propertyCreate from "./property-create.graphql?raw";
import propertyDetail from "./property-detail.graphql?raw";
import propertyList from "./property-list.graphql?raw";
import propertyNote from "./property-note.graphql?raw";
import viewer from "./viewer.graphql?raw";

const named = (en, de) => (german ? de : en);

export const EXAMPLES = [
  { name: "Viewer", kind: "query", title: named("Who am I?", "Wer bin ich?"), query: viewer },
  {
    name: "PropertyList",
    kind: "query",
    title: named("Property list, filtered", "Objektliste mit Filter"),
    query: propertyList,
    variables: { filter: { status: { in: ["AVAILABLE", "RESERVED"] }, livingArea: { gte: "60" } }, first: 10 },
  },
  {
    name: "PropertyDetail",
    kind: "query",
    title: named("Property with notes", "Objekt mit Notizen"),
    query: propertyDetail,
    variables: {},
    needsProperty: "id",
  },
  {
    name: "PropertyCreate",
    kind: "mutation",
    title: named("Create a property", "Objekt anlegen"),
    query: propertyCreate,
    variables: {
      input: {
        title: "Altbauwohnung mit Balkon",
        type: "APARTMENT",
        marketingType: "BUY",
        price: { amount: "465000.00", currency: "EUR" },
        livingArea: "82.00",
        rooms: "3",
        address: { street: "Schönhauser Allee", houseNumber: "44", postalCode: "10435", city: "Berlin" },
      },
    },
  },
  {
    name: "PropertyNoteAdd",
    kind: "mutation",
    title: named("Add a note", "Notiz hinzufügen"),
    query: propertyNote,
    variables: { input: { body: "Besichtigung am Samstag um 11 Uhr." } },
    needsProperty: "propertyId",
  },
  {
    name: "PropertyChanged",
    kind: "subscription",
    title: named("Watch changes live", "Änderungen live verfolgen"),
    query: propertyChanged,
    variables: {},
  },
];

export const text = (variables) => (variables ? JSON.stringify(variables, null, 2) : "");
