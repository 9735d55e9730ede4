import { isCalendarDate, parseRfc3339 } from '../../base/clock.ts'

type Rule = { fits: (value: string) => boolean; says: string }

function list(values: string): Rule {
  const allowed = new Set(values.split(' '))
  return { fits: (value) => allowed.has(value), says: `is not one of ${values.replaceAll(' ', ', ')}` }
}

function shape(pattern: RegExp, says: string): Rule {
  return { fits: (value) => pattern.test(value), says }
}

const FLAG = list('0 1')
const COUNTRY = shape(/^[A-Z]{3}$/, 'is not an ISO 3166 code of three letters')
const CURRENCY = shape(/^[A-Z]{3}$/, 'is not an ISO 4217 code')
const COUNTER = shape(/^[1-9]\d{0,14}$/, 'is not a number from 1 on')
const LOCAL_TIME: Rule = {
  fits: (value) => parseRfc3339(value) !== undefined,
  says: 'is not an RFC 3339 time with an offset',
}
const TSE_TIME = shape(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'is not YYYY-MM-DDThh:mm:ss.fffZ')
const BUSINESS_CASES = list(
  'Umsatz Pfand PfandRueckzahlung Rabatt Aufschlag ZuschussEcht ZuschussUnecht TrinkgeldAG TrinkgeldAN ' +
    'EinzweckgutscheinKauf EinzweckgutscheinEinloesung MehrzweckgutscheinKauf MehrzweckgutscheinEinloesung ' +
    'Forderungsentstehung Forderungsaufloesung Anzahlungseinstellung Anzahlungsaufloesung Anfangsbestand ' +
    'Privatentnahme Privateinlage Geldtransit Lohnzahlung Einzahlung Auszahlung DifferenzSollIst',
)
const PAYMENTS = list('Bar Unbar Keine ECKarte Kreditkarte ElZahlungsdienstleister Guthabenkarte')

/** The rule for a filled cell, by column (DSFinV-K Anhang A to G). */
export const COLUMN_RULES: Readonly<Record<string, Rule>> = {
  Z_ERSTELLUNG: LOCAL_TIME,
  Z_NR: COUNTER,
  Z_BUCHUNGSTAG: { fits: isCalendarDate, says: 'is not a calendar date' },
  TAXONOMIE_VERSION: shape(/^\d\.\d$/, 'is not a version such as 2.4'),
  LAND: COUNTRY,
  LOC_LAND: COUNTRY,
  AGENTUR_LAND: COUNTRY,
  KUNDE_LAND: COUNTRY,
  KASSE_BASISWAEH_CODE: CURRENCY,
  ZAHLWAEH_CODE: CURRENCY,
  ZAHLART_WAEH: CURRENCY,
  KEINE_UST_ZUORDNUNG: FLAG,
  BON_STORNO: FLAG,
  P_STORNO: FLAG,
  INHAUS: FLAG,
  BON_TYP: list('Beleg AVRechnung AVTransfer AVBestellung AVTraining AVBelegabbruch AVSachbezug AVSonstige'),
  BON_ID: COUNTER,
  BON_START: LOCAL_TIME,
  BON_ENDE: LOCAL_TIME,
  POS_ZEILE: COUNTER,
  GV_TYP: BUSINESS_CASES,
  ZAHLART_TYP: PAYMENTS,
  TYP: list('base_amount discount extra_amount Grundpreis Rabatt Zuschlag'),
  REF_TYP: list('ExterneRechnung ExternerLieferschein Transaktion ExterneSonstige'),
  REF_DATUM: LOCAL_TIME,
  ZI_NAME: shape(/^.{1,50}$/su, 'has more than 50 characters'),
  TSE_SERIAL: shape(/^[0-9a-f]{64}$/, 'is not a SHA-256 of 64 hexadecimal digits'),
  TSE_SIG_ALGO: shape(/^(ecdsa|ecsdsa)-plain-SHA(3-)?(224|256|384|512)$/, 'is not an algorithm of the list'),
  TSE_ZEITFORMAT: list('unixTime utcTime utcTimeWithSeconds generalizedTime generalizedTimeWithMilliseconds'),
  TSE_PD_ENCODING: list('UTF-8 ASCII'),
  TSE_TA_START: TSE_TIME,
  TSE_TA_ENDE: TSE_TIME,
  TSE_TA_VORGANGSART: list('Kassenbeleg-V1 Bestellung-V1 SonstigerVorgang'),
}
