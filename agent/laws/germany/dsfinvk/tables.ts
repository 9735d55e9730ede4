import { ARTICLE_TEXT_MAX } from '../written-text.ts'

/**
 * All files and columns of the package (DSFinV-K 2.2 to 2.4, Anhang G and index.xml), in the order of index.xml. The
 * header lines, index.xml and the writer's formats come from this table; the verifier has its own.
 */
export type Column<Name extends string = string> = {
  readonly name: Name
  readonly description: string
  /** `id` is text that refers to something: it is never just truncated. */
  readonly kind: 'text' | 'id' | 'number'
  /** Characters of a text, or decimals of a number. */
  readonly size: number
  /** The size that index.xml has, unless a longer text occurs. */
  readonly usualSize?: number
  readonly mandatory: boolean
}
export type Table<Name extends string = string> = {
  readonly url: string
  readonly name: string
  /** Without the key columns, which begin every table. */
  readonly columns: readonly Column<Name>[]
}

function text<const Name extends string>(name: Name, size: number, description: string, must?: 'must'): Column<Name> {
  return { name, description, kind: 'text', size, mandatory: must !== undefined }
}

function id<const Name extends string>(name: Name, size: number, description: string, must?: 'must'): Column<Name> {
  return { ...text(name, size, description, must), kind: 'id' }
}

function number<const Name extends string>(name: Name, size: number, description: string, must?: 'must'): Column<Name> {
  return { ...text(name, size, description, must), kind: 'number' }
}

function table<Name extends string>(url: string, name: string, columns: readonly Column<Name>[]): Table<Name> {
  return { url, name, columns }
}

export const KEY_COLUMNS: readonly Column[] = [
  id('Z_KASSE_ID', 50, 'ID der (Abschluss-) Kasse', 'must'),
  id('Z_ERSTELLUNG', 30, 'Zeitpunkt des Kassenabschlusses', 'must'),
  number('Z_NR', 0, 'Nr. des Kassenabschlusses', 'must'),
]

export const TABLES = {
  cashpointclosing: table('cashpointclosing.csv', 'Stamm_Abschluss', [
    text('Z_BUCHUNGSTAG', 25, 'Vom Erstellungsdatum abweichender Verbuchungstag'),
    text('TAXONOMIE_VERSION', 10, 'Version der DFKA-Taxonomie-Kasse', 'must'),
    id('Z_START_ID', 40, 'Erste BON_ID im Abschluss', 'must'),
    id('Z_ENDE_ID', 40, 'Letzte BON_ID im Abschluss', 'must'),
    text('NAME', 60, 'Name des Unternehmens', 'must'),
    text('STRASSE', 60, 'Straße', 'must'),
    text('PLZ', 10, 'Postleitzahl', 'must'),
    text('ORT', 62, 'Ort', 'must'),
    text('LAND', 3, 'Land', 'must'),
    text('STNR', 20, 'Steuernummer des Unternehmens'),
    text('USTID', 15, 'USTID'),
    number('Z_SE_ZAHLUNGEN', 2, 'Summe aller Zahlungen', 'must'),
    number('Z_SE_BARZAHLUNGEN', 2, 'Summe aller Barzahlungen', 'must'),
  ]),
  location: table('location.csv', 'Stamm_Orte', [
    text('LOC_NAME', 60, 'Name des Standortes', 'must'),
    text('LOC_STRASSE', 60, 'Straße', 'must'),
    text('LOC_PLZ', 10, 'Postleitzahl', 'must'),
    text('LOC_ORT', 62, 'Ort', 'must'),
    text('LOC_LAND', 3, 'Land', 'must'),
    text('LOC_USTID', 15, 'USTID'),
  ]),
  cashregister: table('cashregister.csv', 'Stamm_Kassen', [
    text('KASSE_BRAND', 50, 'Marke der Kasse'),
    text('KASSE_MODELL', 50, 'Modellbezeichnung'),
    id('KASSE_SERIENNR', 70, 'Seriennummer der Kasse', 'must'),
    text('KASSE_SW_BRAND', 50, 'Markenbezeichnung der Software'),
    text('KASSE_SW_VERSION', 50, 'Version der Software'),
    text('KASSE_BASISWAEH_CODE', 3, 'Basiswährung der Kasse', 'must'),
    text('KEINE_UST_ZUORDNUNG', 1, 'UmsatzsteuerNichtErmittelbar (bei späterem Zahlungseingang)'),
  ]),
  slaves: table('slaves.csv', 'Stamm_Terminals', [
    id('TERMINAL_ID', 50, 'ID des Terminals', 'must'),
    text('TERMINAL_BRAND', 50, 'Marke der Terminals'),
    text('TERMINAL_MODELL', 50, 'Modellbezeichnung des Terminals'),
    // 70 characters by Anhang B, 50 in the index.xml of the versions before 2.4.
    { ...id('TERMINAL_SERIENNR', 70, 'Seriennummer des Terminals', 'must'), usualSize: 50 },
    text('TERMINAL_SW_BRAND', 50, 'Markenbezeichnung der Software'),
    text('TERMINAL_SW_VERSION', 50, 'Version der Software'),
  ]),
  pa: table('pa.csv', 'Stamm_Agenturen', [
    number('AGENTUR_ID', 0, 'ID der Agentur', 'must'),
    text('AGENTUR_NAME', 60, 'Name des Auftraggebers', 'must'),
    text('AGENTUR_STRASSE', 60, 'Straße', 'must'),
    text('AGENTUR_PLZ', 10, 'Postleitzahl', 'must'),
    text('AGENTUR_ORT', 62, 'Ort', 'must'),
    text('AGENTUR_LAND', 3, 'Land', 'must'),
    text('AGENTUR_STNR', 20, 'Steuernummer des Auftraggebers'),
    text('AGENTUR_USTID', 15, 'USTID des Auftraggebers'),
  ]),
  tse: table('tse.csv', 'Stamm_TSE', [
    number('TSE_ID', 0, 'ID der TSE - wird nur zur Referenzierung innerhalb eines Kassenabschlusses verwendet', 'must'),
    text(
      'TSE_SERIAL',
      68,
      'Seriennummer der TSE (Entspricht laut TR-03153 Abschnitt 7.5. dem Hashwert des im Zertifikat enthaltenen Schlüssels in Octet-String-Darstellung)',
      'must',
    ),
    text('TSE_SIG_ALGO', 21, 'Der von der TSE verwendete Signaturalgo-rithmus', 'must'),
    text(
      'TSE_ZEITFORMAT',
      31,
      "Das von der TSE verwendete Format für die Log-Time - 'unixTime', 'utcTime' = YYMMDDhhmmZ, 'utcTimeWithSeconds' = YYMMDDhhmmssZ, 'generalizedTime' = YYYYMMDDhhmmssZ, 'generalizedTimeWithMilliseconds' = YYYYMMDDhhmmss.fffZ",
      'must',
    ),
    text('TSE_PD_ENCODING', 5, 'Das Text-Encoding der ProcessData (UTF-8 oder ASCII)', 'must'),
    text(
      'TSE_PUBLIC_KEY',
      512,
      'Öffentlicher Schlüssel - extrahiert aus dem Zertifikat der TSE - in base64-Codierung',
      'must',
    ),
    text(
      'TSE_ZERTIFIKAT_I',
      1000,
      'Erste 1000 Zeichen des base64-codierten Zertifikats der TSE (in base64-Codierung)',
      'must',
    ),
    text('TSE_ZERTIFIKAT_II', 1000, 'Ggf. Rest des base64-codierten Zertifikats der TSE (in base64-Codierung)'),
  ]),
  vat: table('vat.csv', 'Stamm_USt', [
    number('UST_SCHLUESSEL', 0, 'ID des Umsatzsteuersatzes', 'must'),
    number('UST_SATZ', 2, 'Prozentsatz', 'must'),
    text('UST_BESCHR', 55, 'Beschreibung', 'must'),
  ]),
  businesscases: table('businesscases.csv', 'Z_GV_Typ', [
    text('GV_TYP', 30, 'Geschäftsvorfall-Art', 'must'),
    text('GV_NAME', 40, 'Name des Geschäftsvorfalls'),
    number('AGENTUR_ID', 0, 'ID der Agentur'),
    number('UST_SCHLUESSEL', 0, 'ID des USt-Satzes', 'must'),
    number('Z_UMS_BRUTTO', 5, 'Bruttoumsatz', 'must'),
    number('Z_UMS_NETTO', 5, 'Nettoumsatz', 'must'),
    number('Z_UST', 5, 'Umsatzsteuer', 'must'),
  ]),
  payment: table('payment.csv', 'Z_Zahlart', [
    text('ZAHLART_TYP', 25, 'Typ der Zahlart', 'must'),
    text('ZAHLART_NAME', 60, 'Name der Zahlart'),
    number('Z_ZAHLART_BETRAG', 2, 'Betrag', 'must'),
  ]),
  cash_per_currency: table('cash_per_currency.csv', 'Z_Waehrungen', [
    text('ZAHLART_WAEH', 3, 'Währung', 'must'),
    number('ZAHLART_BETRAG_WAEH', 2, 'Betrag', 'must'),
  ]),
  transactions: table('transactions.csv', 'Bonkopf', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    number('BON_NR', 0, 'Bonnummer', 'must'),
    text('BON_TYP', 30, 'Bontyp', 'must'),
    text('BON_NAME', 60, 'Zusatz-Beschreibung zum Bontyp'),
    id('TERMINAL_ID', 50, 'ID des Erfassungsterminals'),
    text('BON_STORNO', 1, 'Storno-Kennzeichen', 'must'),
    text('BON_START', 30, 'Zeitpunkt des Vorgangsstarts', 'must'),
    text('BON_ENDE', 30, 'Zeitpunkt der Vorgangsbeendigung', 'must'),
    id('BEDIENER_ID', 50, 'Bediener-ID', 'must'),
    text('BEDIENER_NAME', 50, 'Bediener-Name'),
    number('UMS_BRUTTO', 2, 'Brutto-Gesamtumsatz', 'must'),
    text('KUNDE_NAME', 50, 'Name des Leistungsempfängers'),
    id('KUNDE_ID', 50, 'Kundennummer des Leistungsempfängers'),
    text('KUNDE_TYP', 50, 'Art des Leistungsempfängers (z. B. Mitarbeiter)'),
    text('KUNDE_STRASSE', 60, 'Straße und Hausnummer des Leistungsempfängers'),
    text('KUNDE_PLZ', 10, 'PLZ des Leistungsempfängers'),
    text('KUNDE_ORT', 62, 'Ort des Leistungsempfängers'),
    text('KUNDE_LAND', 3, 'Land des Leistungsempfängers'),
    text('KUNDE_USTID', 15, 'UStID des Leistungsempfängers'),
    text('BON_NOTIZ', 255, 'Zusätzliche Informationen zum Bonkopf'),
  ]),
  datapayment: table('datapayment.csv', 'Bonkopf_Zahlarten', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    text('ZAHLART_TYP', 25, 'Typ der Zahlart', 'must'),
    text('ZAHLART_NAME', 60, 'Name der Zahlart'),
    text('ZAHLWAEH_CODE', 3, 'Währungscode'),
    number('ZAHLWAEH_BETRAG', 2, 'Betrag in Fremdwährung'),
    number('BASISWAEH_BETRAG', 2, 'Betrag in Basiswährung (i.d.R. EUR)', 'must'),
  ]),
  lines: table('lines.csv', 'Bonpos', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    id('POS_ZEILE', 50, 'Zeilennummer', 'must'),
    id('GUTSCHEIN_NR', 50, 'Gutschein-Nr.'),
    text('ARTIKELTEXT', ARTICLE_TEXT_MAX, 'Artikeltext', 'must'),
    id('POS_TERMINAL_ID', 50, 'ID des POS-Terminals'),
    text('GV_TYP', 30, 'Geschäftsvorfall-Art', 'must'),
    text('GV_NAME', 40, 'Name des Geschäftsvorfalls'),
    text('INHAUS', 1, 'Verzehr an Ort und Stelle'),
    text('P_STORNO', 1, 'Positionsstorno-Kennzeichnung'),
    number('AGENTUR_ID', 0, 'ID der Agentur'),
    id('ART_NR', 50, 'Artikelnummer'),
    id('GTIN', 50, 'GTIN'),
    id('WARENGR_ID', 40, 'Warengruppen-ID'),
    text('WARENGR', 50, 'Bezeichnung Warengruppe'),
    number('MENGE', 3, 'Menge'),
    number('FAKTOR', 3, 'Faktor, z. B. Gebindegrößen'),
    text('EINHEIT', 50, 'Maßeinheit, z. B. kg, Liter oder Stück'),
    number('STK_BR', 5, 'Preis pro Einheit inkl. USt'),
  ]),
  itemamounts: table('itemamounts.csv', 'Bonpos_Preisfindung', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    id('POS_ZEILE', 50, 'Zeilennummer', 'must'),
    text('TYP', 20, 'Basispreis, Rabatt oder Zuschlag', 'must'),
    number('UST_SCHLUESSEL', 0, 'ID des USt-Satzes', 'must'),
    number('PF_BRUTTO', 5, 'Bruttoumsatz'),
    number('PF_NETTO', 5, 'Nettoumsatz'),
    number('PF_UST', 5, 'Umsatzsteuer'),
  ]),
  subitems: table('subitems.csv', 'Bonpos_Zusatzinfo', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    id('POS_ZEILE', 50, 'Zeilennummer', 'must'),
    id('ZI_ART_NR', 50, 'Artikelnummer', 'must'),
    id('ZI_GTIN', 50, 'GTIN'),
    // 60 characters by index.xml; at most 50 are written.
    { ...text('ZI_NAME', 50, 'Artikelbezeichnung'), usualSize: 60 },
    id('ZI_WARENGR_ID', 40, 'Warengruppen-ID'),
    text('ZI_WARENGR', 50, 'Bezeichnung Warengruppe'),
    number('ZI_MENGE', 3, 'Menge', 'must'),
    number('ZI_FAKTOR', 3, 'Faktor, z. B. Gebindegrößen'),
    text('ZI_EINHEIT', 50, 'Maßeinheit, z. B. kg, Liter oder Stück'),
    number('ZI_UST_SCHLUESSEL', 0, 'ID USt-Satz des Basispreises', 'must'),
    number('ZI_BASISPREIS_BRUTTO', 5, 'Basispreis brutto'),
    number('ZI_BASISPREIS_NETTO', 5, 'Basispreis netto'),
    number('ZI_BASISPREIS_UST', 5, 'Basispreis USt'),
  ]),
  transactions_tse: table('transactions_tse.csv', 'TSE_Transaktionen', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    number('TSE_ID', 0, 'Die Id der für eine Transaktion verwendeten TSE'),
    number('TSE_TANR', 0, 'Die Transaktionsnummer der TSE-Transaktion'),
    text('TSE_TA_START', 30, 'Die Log-Time der StartTransaction-Operation'),
    text('TSE_TA_ENDE', 30, 'Die Log-Time der FinishTransaction-Operation'),
    text('TSE_TA_VORGANGSART', 30, 'Der processType der FinishTransaction-Operation'),
    number('TSE_TA_SIGZ', 0, 'Der Signaturzähler der FinishTransaction-Operation'),
    text('TSE_TA_SIG', 512, 'Die Signatur der FinishTransaction-Operation'),
    text('TSE_TA_FEHLER', 200, 'Beschreibung des TSE-Ausfalls oder Fehlers'),
    text(
      'TSE_VORGANGSDATEN',
      1000,
      'An die zertifizierte technische Sicherheitseinrichtung übergebene Daten des Vorgangs (optional)',
    ),
  ]),
  transactions_vat: table('transactions_vat.csv', 'Bonkopf_USt', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    number('UST_SCHLUESSEL', 0, 'ID des USt-Satzes', 'must'),
    number('BON_BRUTTO', 5, 'Bruttoumsatz', 'must'),
    number('BON_NETTO', 5, 'Nettoumsatz', 'must'),
    number('BON_UST', 5, 'Umsatzsteuer', 'must'),
  ]),
  lines_vat: table('lines_vat.csv', 'Bonpos_USt', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    id('POS_ZEILE', 50, 'Zeilennummer', 'must'),
    number('UST_SCHLUESSEL', 0, 'ID des USt-Satzes', 'must'),
    number('POS_BRUTTO', 5, 'Bruttoumsatz'),
    number('POS_NETTO', 5, 'Nettoumsatz'),
    number('POS_UST', 5, 'Umsatzsteuer'),
  ]),
  allocation_groups: table('allocation_groups.csv', 'Bonkopf_AbrKreis', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    text('ABRECHNUNGSKREIS', 50, 'z. B. Tischnummer', 'must'),
  ]),
  references: table('references.csv', 'Bon_Referenzen', [
    id('BON_ID', 40, 'Vorgangs-ID', 'must'),
    id('POS_ZEILE', 50, 'Zeilennummer des referenzierenden Vorgangs (nicht bei Verweis aus einem Bonkopf heraus)'),
    text('REF_TYP', 20, 'Art der Referenz', 'must'),
    text('REF_NAME', 40, 'Beschreibung bei Art “ExterneSonstige”'),
    text('REF_DATUM', 30, 'Datum des Kassenabschlusses'),
    id('REF_Z_KASSE_ID', 50, 'ID der (Abschluss-) Kasse'),
    number('REF_Z_NR', 0, 'Nr. des Kassenabschlusses'),
    id('REF_BON_ID', 40, 'Vorgangs-ID', 'must'),
  ]),
} satisfies Readonly<Record<string, Table>>

export type TableName = keyof typeof TABLES
export const TABLE_NAMES = Object.keys(TABLES) as TableName[]

type ColumnName<Name extends TableName> = (typeof TABLES)[Name]['columns'][number]['name']
/** A cell: text, or a number in units of its column's last decimal. Undefined is empty. */
export type Cell = string | bigint | number | undefined
export type Row<Name extends TableName> = { readonly [Column in ColumnName<Name>]?: Cell }

const CERTIFICATE_NUMBERS = ['III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X']
/** Certificate columns beyond the two of every package. */
export const CERTIFICATE_COLUMNS_MAX = CERTIFICATE_NUMBERS.length

/** Columns for certificates of more than 2,000 characters: same definition as II, at the end of tse.csv. */
export function certificateColumns(count: number): readonly Column[] {
  const [model] = TABLES.tse.columns.slice(-1)
  if (model === undefined) return []
  return CERTIFICATE_NUMBERS.slice(0, count).map((number) => ({ ...model, name: `TSE_ZERTIFIKAT_${number}` }))
}
