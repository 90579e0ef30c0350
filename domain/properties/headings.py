"""What offices call the columns of their property lists, and what they write in them."""

import re
from enum import Enum

from domain.address import DESCRIPTIONS as ADDRESS_WORDS
from domain.properties.words import DESCRIPTIONS
from domain.tabular import plain

# Field → headings besides its own name.
HEADINGS: dict[str, tuple[str, ...]] = {
    "title": ("Titel", "Überschrift", "Objekttitel", "Headline", "Name"),
    "description": ("Beschreibung", "Objektbeschreibung", "Text"),
    "locationDescription": ("Lagebeschreibung", "Lage"),
    "equipmentDescription": ("Ausstattungsbeschreibung", "Ausstattung"),
    "otherDescription": ("Sonstiges", "Sonstige Angaben", "Other"),
    "externalNumber": ("Objektnummer", "Objekt-Nr.", "ObjektNr", "Externe Nummer", "Objekt-ID", "Reference", "Number"),
    "type": ("Objektart", "Art", "Immobilienart", "Property type", "Kind"),
    "subtype": ("Objekttyp", "Unterart", "Sub type"),
    "status": ("Status", "Vermarktungsstatus"),
    "usage": ("Nutzungsart", "Nutzung"),
    "marketingType": ("Vermarktungsart", "Vermarktung"),
    "price": ("Kaufpreis", "Preis", "Purchase price", "Asking price"),
    "currency": ("Währung",),
    "priceOnRequest": ("Preis auf Anfrage", "Price on request"),
    "rentCold": ("Kaltmiete", "Nettokaltmiete", "Miete kalt", "Net rent"),
    "rentWarm": ("Warmmiete", "Gesamtmiete", "Miete warm", "Gross rent"),
    "serviceCharge": ("Nebenkosten", "Betriebskosten"),
    "heatingCost": ("Heizkosten",),
    "heatingIncluded": ("Heizkosten enthalten", "Heizkosten in Nebenkosten enthalten"),
    "deposit": ("Kaution",),
    "houseMoney": ("Hausgeld",),
    "commission.buyerPercent": ("Käuferprovision", "Außenprovision", "Buyer commission"),
    "commission.sellerPercent": ("Verkäuferprovision", "Innenprovision", "Seller commission"),
    "commission.text": ("Provisionshinweis", "Commission note"),
    "commission.model": ("Provisionsmodell", "Commission model"),
    "livingArea": ("Wohnfläche", "Wfl", "Wohnfl.", "Living space"),
    "usableArea": ("Nutzfläche", "Nfl"),
    "totalArea": ("Gesamtfläche",),
    "plotArea": ("Grundstücksfläche", "Grundstück", "Grundstücksgröße", "Plot size", "Lot size"),
    "rooms": ("Zimmer", "Anzahl Zimmer", "Zimmeranzahl", "Räume"),
    "bedrooms": ("Schlafzimmer", "Anzahl Schlafzimmer"),
    "bathrooms": ("Badezimmer", "Bäder", "Anzahl Badezimmer"),
    "floor": ("Etage", "Stockwerk"),
    "floorsTotal": ("Etagenzahl", "Anzahl Etagen", "Geschosse", "Floors"),
    "yearBuilt": ("Baujahr", "Year of construction", "yr_built"),
    "lastModernisation": ("Letzte Modernisierung", "Modernisierungsjahr", "Modernisierung", "Last modernization"),
    "condition": ("Zustand",),
    "availableFrom": ("Verfügbar ab", "Bezugsfrei ab", "Frei ab"),
    "availableFromText": ("Verfügbarkeit", "Verfügbar ab Text"),
    "isRented": ("Vermietet", "Rented"),
    "rentIncomeYear": ("Jahresmiete", "Mieteinnahmen pro Jahr", "Jahresnettokaltmiete", "Yearly rent"),
    "location": ("Ortsteil", "Stadtteil"),
    "address.street": ("Straße", "Str."),
    "address.houseNumber": ("Hausnummer", "Haus-Nr.", "Nr."),
    "address.postalCode": ("PLZ", "Postleitzahl", "zip", "zipcode", "Zip code", "Postcode"),
    "address.city": ("Ort", "Stadt", "Town"),
    "address.state": ("Bundesland",),
    "address.region": ("Region", "Provinz"),
    "address.country": ("Land", "Ländercode"),
    "address.geo.latitude": ("Breitengrad", "Breite", "lat"),
    "address.geo.longitude": ("Längengrad", "Länge", "long", "lng", "lon"),
    "features.balcony": ("Balkon",),
    "features.garden": ("Garten",),
    "features.elevator": ("Aufzug", "Fahrstuhl", "Lift", "Personenaufzug"),
    "features.terrace": ("Terrasse",),
    "features.cellar": ("Keller", "Basement"),
    "features.fittedKitchen": ("Einbauküche", "EBK"),
    "features.barrierFree": ("Barrierefrei",),
    "features.guestToilet": ("Gäste-WC", "Gästetoilette"),
    "features.fireplace": ("Kamin",),
    "features.furnished": ("Möbliert",),
    "features.petsAllowed": ("Haustiere", "Haustiere erlaubt"),
    "features.airConditioning": ("Klimaanlage",),
    "features.pool": ("Schwimmbad",),
    "features.sauna": (),
    "features.monument": ("Denkmalschutz", "Denkmal"),
    "features.parkingSpaces": ("Stellplätze", "Anzahl Stellplätze", "Parkplätze"),
    "features.heatingType": ("Heizungsart", "Heizung"),
    "features.energySource": ("Energieträger", "Befeuerung"),
    "amenities": ("Merkmale", "Annehmlichkeiten"),
    "virtualTourUrl": ("Virtueller Rundgang", "Rundgang", "360-Grad-Tour"),
    "videoUrl": ("Video",),
}
_ALIASES: dict[str, dict[str, str]] = {
    "PropertyStatus": {
        "aktiv": "AVAILABLE",
        "undercontract": "RESERVED",
        "zurueckgezogen": "WITHDRAWN",
        "akquise": "ACQUISITION",
        "vorbereitung": "PREPARATION",
    },
    "PropertyType": {
        "singlefamily": "HOUSE",
        "einfamilienhaus": "HOUSE",
        "eigentumswohnung": "APARTMENT",
        "commercial": "OFFICE",
        "gewerbe": "OFFICE",
        "buero": "OFFICE",
        "praxis": "OFFICE",
        "laden": "RETAIL",
        "garage": "PARKING",
    },
    "MarketingType": {"sale": "BUY", "verkauf": "BUY", "kauf": "BUY", "vermietung": "RENT", "miete": "RENT"},
    "GermanState": {},
}


def _values() -> dict[type[Enum], dict[str, str]]:
    """What people write for the values of enums: the German term of their description, and a few more."""
    found: dict[type[Enum], dict[str, str]] = {}
    for enum, (_, words) in {**DESCRIPTIONS, **ADDRESS_WORDS}.items():
        meant: dict[str, str] = {}
        for name, text in words.items():
            german = re.search(r"\(([^()]*)\)", text)
            for word in german[1].split(",") if german else ():
                meant.setdefault(plain(word), name)
            meant.setdefault(plain(text.rstrip(".")), name)
        found[enum] = {**meant, **_ALIASES.get(enum.__name__, {})}
    return found


VALUES = _values()
