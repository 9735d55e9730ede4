import { articleOnClaim, isOfClaim, withoutClaim } from './mutated-receivables.ts'
import { isForeign, onLine, valueOnEuro } from './mutated-vouchers.ts'
import type { Mutate } from './mutating.ts'
import {
  beforeGoods,
  CRLF,
  cell,
  cellsOf,
  counts,
  countsAndIsNotZero,
  doubled,
  dropped,
  flipped,
  hasAmount,
  isAborted,
  isOfMove,
  isTakenAway,
  more,
  quoted,
  recordsOf,
  swapped,
  text,
  withoutGroupOfMove,
  withRecords,
} from './mutating.ts'

const AMOUNTS: readonly (readonly [string, string])[] = [
  ['cashpointclosing', 'Z_SE_ZAHLUNGEN'],
  ['cashpointclosing', 'Z_SE_BARZAHLUNGEN'],
  ['businesscases', 'Z_UMS_BRUTTO'],
  ['businesscases', 'Z_UMS_NETTO'],
  ['businesscases', 'Z_UST'],
  ['payment', 'Z_ZAHLART_BETRAG'],
  ['cash_per_currency', 'ZAHLART_BETRAG_WAEH'],
  ['transactions', 'UMS_BRUTTO'],
  ['datapayment', 'BASISWAEH_BETRAG'],
  ['datapayment', 'ZAHLWAEH_BETRAG'],
  ['lines', 'MENGE'],
  ['lines', 'STK_BR'],
  ['itemamounts', 'PF_BRUTTO'],
  ['transactions_vat', 'BON_BRUTTO'],
  ['transactions_vat', 'BON_NETTO'],
  ['transactions_vat', 'BON_UST'],
  ['lines_vat', 'POS_BRUTTO'],
  ['vat', 'UST_SATZ'],
  ['vat', 'UST_SCHLUESSEL'],
  ['transactions_tse', 'TSE_TANR'],
  ['transactions_tse', 'TSE_TA_SIGZ'],
  ['transactions', 'BON_NR'],
  ['tse', 'TSE_ID'],
  ['transactions', 'Z_NR'],
  ['cashpointclosing', 'Z_NR'],
]
/** The condition under which the package alone shows a change of that column. */
const WHERE: Readonly<Record<string, typeof counts>> = {
  'lines_vat.POS_BRUTTO': counts,
  // The keys 1 to 4 may have a newer rate; that of an unused key shows nowhere else.
  'vat.UST_SATZ': (_value, cells) => Number(cells[3]) > 4 && Number(cells[3]) < 1000,
  'lines.MENGE': (_value, cells) => /[1-9]/.test(cells.at(-1) ?? ''),
}
const ROWS = [
  'cashpointclosing',
  'location',
  'cashregister',
  'vat',
  'businesscases',
  'payment',
  'cash_per_currency',
  'transactions',
  'datapayment',
  'lines',
  'transactions_tse',
  'transactions_vat',
  'lines_vat',
  'tse',
]
const TRUE = '"1"'

function isSigned(value: string): boolean {
  return value !== ''
}

/** Every way to spoil a package that an auditor could detect. */
export const MUTATIONS: Readonly<Record<string, Mutate>> = {
  ...Object.fromEntries(
    AMOUNTS.map(([file, column]) => [
      `${file} ${column} + 1`,
      cell(`${file}.csv`, column, more, WHERE[`${file}.${column}`]),
    ]),
  ),
  ...Object.fromEntries(ROWS.map((file) => [`a row of ${file} is missing`, dropped(`${file}.csv`)])),
  ...Object.fromEntries(ROWS.map((file) => [`a row of ${file} stands twice`, doubled(`${file}.csv`)])),
  'rows of transactions change places': swapped('transactions.csv'),
  'rows of lines change places': swapped('lines.csv'),
  'a sign turns': cell(
    'lines_vat.csv',
    'POS_BRUTTO',
    (value) => (value.startsWith('-') ? value.slice(1) : `-${value}`),
    countsAndIsNotZero,
  ),
  'another VAT key on a line': cell(
    'lines_vat.csv',
    'UST_SCHLUESSEL',
    (value) => (value === '1' ? '2' : '1'),
    countsAndIsNotZero,
  ),
  'another signature': cell('transactions_tse.csv', 'TSE_TA_SIG', quoted(flipped)),
  'a signature cut short': cell(
    'transactions_tse.csv',
    'TSE_TA_SIG',
    quoted((value) => value.slice(0, 40)),
  ),
  'another finish time': cell(
    'transactions_tse.csv',
    'TSE_TA_ENDE',
    quoted((value) => value.replace(/\d\d\.000Z/, (end) => (end === '59.000Z' ? '58.000Z' : '59.000Z'))),
  ),
  'another process type': cell('transactions_tse.csv', 'TSE_TA_VORGANGSART', (value) =>
    value === '"SonstigerVorgang"' ? '"Bestellung-V1"' : '"SonstigerVorgang"',
  ),
  'other process data': cell(
    'transactions_tse.csv',
    'TSE_VORGANGSDATEN',
    quoted((value) => `${value} `),
  ),
  'no process data': cell('transactions_tse.csv', 'TSE_VORGANGSDATEN', () => ''),
  'a TSE that is not listed': cell('transactions_tse.csv', 'TSE_ID', () => '99'),
  'a signature taken away': cell('transactions_tse.csv', 'TSE_TA_SIG', () => '', isSigned),
  'another key of the TSE': cell(
    'tse.csv',
    'TSE_PUBLIC_KEY',
    quoted((value) => `${value.slice(0, 40)}AAAA${value.slice(44)}`),
  ),
  'another serial of the TSE': cell(
    'tse.csv',
    'TSE_SERIAL',
    quoted((value) => `${value.startsWith('0') ? '1' : '0'}${value.slice(1)}`),
  ),
  'another certificate': cell(
    'tse.csv',
    'TSE_ZERTIFIKAT_I',
    quoted((value) => `${value.slice(0, 8)}AAAA${value.slice(12)}`),
  ),
  'a certificate with a blank in its BASE64': cell(
    'tse.csv',
    'TSE_ZERTIFIKAT_I',
    quoted((value) => `${value.slice(0, 40)} ${value.slice(40)}`),
  ),
  'another algorithm': cell('tse.csv', 'TSE_SIG_ALGO', () => '"ecdsa-plain-SHA512"'),
  'another time format': cell('tse.csv', 'TSE_ZEITFORMAT', () => '"utcTimeWithSeconds"'),
  'another client of the TSE': cell('cashregister.csv', 'KASSE_SERIENNR', () => '"EDGE-999999"'),
  'a serial with an underscore': cell('cashregister.csv', 'KASSE_SERIENNR', () => '"reg_abc"'),
  'another currency of the register': cell('cashregister.csv', 'KASSE_BASISWAEH_CODE', () => '"CHF"'),
  'another closing of a bon': cell('transactions.csv', 'Z_ERSTELLUNG', () => '"2026-01-01T00:00:00+01:00"'),
  'another bon of a line': cell('lines.csv', 'BON_ID', quoted(more)),
  'another bon of a payment': cell('datapayment.csv', 'BON_ID', quoted(more)),
  'another line of an amount': cell('lines_vat.csv', 'POS_ZEILE', quoted(more)),
  'a bon type in small letters': cell('transactions.csv', 'BON_TYP', (value) => value.toLowerCase()),
  'an abort that is a receipt': cell(
    'transactions.csv',
    'BON_TYP',
    () => '"Beleg"',
    (value) => value === '"AVBelegabbruch"',
  ),
  'a receipt that is training': cell(
    'transactions.csv',
    'BON_TYP',
    () => '"AVTraining"',
    (value) => value === '"Beleg"',
  ),
  'a reversal of nothing': cell(
    'transactions.csv',
    'BON_STORNO',
    () => TRUE,
    (value) => value === '"0"',
  ),
  'a cancelled line in a receipt': cell(
    'lines.csv',
    'P_STORNO',
    () => TRUE,
    (value, cells, files) => value === '"0"' && hasAmount(cells, files),
  ),
  'a cancelled line that counts': cell(
    'lines.csv',
    'P_STORNO',
    () => '"0"',
    (value, cells, files) => value === TRUE && hasAmount(cells, files),
  ),
  'a cancelled line of an abort that counts': cell('lines.csv', 'P_STORNO', () => '"0"', isAborted),
  'a discount that is cancelled': cell('lines.csv', 'GV_TYP', () => '"Rabatt"', isTakenAway),
  'a claim that arises under another key': cell('lines_vat.csv', 'UST_SCHLUESSEL', () => '6', isOfClaim('entstehung')),
  'a claim that is settled under another key': cell(
    'lines_vat.csv',
    'UST_SCHLUESSEL',
    () => '6',
    isOfClaim('aufloesung'),
  ),
  'a claim that is settled and names no document': withoutClaim,
  'a claim that is an article': articleOnClaim,
  'a voucher of one purpose that is sold without a number': onLine('GUTSCHEIN_NR', /EinzweckgutscheinKauf/, ''),
  'a voucher of one purpose that is redeemed without a number': onLine(
    'GUTSCHEIN_NR',
    /EinzweckgutscheinEinloesung/,
    '',
  ),
  'goods with the number of a voucher': onLine('GUTSCHEIN_NR', /Umsatz/, '"EZ-1"'),
  'a redeemed voucher that is an article': onLine('ART_NR', /gutscheinEinloesung/, '"EZ"'),
  'a voucher of one purpose that is one of many': onLine('GV_TYP', /EinzweckgutscheinKauf/, '"MehrzweckgutscheinKauf"'),
  'a cancelled line before the goods': beforeGoods,
  'a cancelled line with parts of its price': (files, random) => {
    const taken = recordsOf(files, 'lines.csv')
      .map(cellsOf)
      .filter((cells) => isTakenAway('', cells, files))
    const row = taken.length === 0 ? undefined : random.pick(taken)
    const prices = recordsOf(files, 'itemamounts.csv')
    const [register, time, closing, bon, number] = row ?? []
    if (row === undefined) return undefined
    return withRecords(files, 'itemamounts.csv', [
      ...prices,
      [register, time, closing, bon, number, '"discount"', '1', '0,00000', '', ''].join(';'),
    ])
  },
  'a business case that is none': cell('lines.csv', 'GV_TYP', () => '"Verkauf"'),
  'another business case': cell(
    'lines.csv',
    'GV_TYP',
    () => '"Pfand"',
    (value, cells, files) => value === '"Umsatz"' && /[1-9]/.test(cells.at(-1) ?? '') && counts(value, cells, files),
  ),
  'a payment in small letters': cell('datapayment.csv', 'ZAHLART_TYP', (value) => value.toLowerCase()),
  'another kind of payment': cell(
    'datapayment.csv',
    'ZAHLART_TYP',
    () => '"Unbar"',
    (value) => value === '"Bar"',
  ),
  'no amount of a foreign currency': cell('datapayment.csv', 'ZAHLWAEH_BETRAG', () => ''),
  'an amount in francs that is one of euro': cell('datapayment.csv', 'ZAHLWAEH_CODE', () => '"EUR"', isForeign),
  'another foreign currency': cell('datapayment.csv', 'ZAHLWAEH_CODE', () => '"USD"', isForeign),
  'another value of foreign cash': cell('datapayment.csv', 'BASISWAEH_BETRAG', more, isForeign),
  'a value of foreign cash that is put on euro': valueOnEuro,
  'foreign cash that is a card': cell('datapayment.csv', 'ZAHLART_TYP', () => '"Unbar"', isForeign),
  'euro with an amount of another currency': cell(
    'datapayment.csv',
    'ZAHLWAEH_CODE',
    () => '"CHF"',
    (value) => value === '"EUR"',
  ),
  'another currency of a sum': cell('cash_per_currency.csv', 'ZAHLART_WAEH', () => '"USD"', isForeign),
  'another sum of a currency': cell('cash_per_currency.csv', 'ZAHLART_BETRAG_WAEH', more, isForeign),
  'no currency': cell('datapayment.csv', 'ZAHLWAEH_CODE', () => ''),
  'an end before the start': cell('transactions.csv', 'BON_ENDE', () => '"2026-01-01T00:00:00+01:00"'),
  'a start that is no time': cell('transactions.csv', 'BON_START', () => '"2026-02-30T00:00:00+01:00"'),
  'no operator': cell('transactions.csv', 'BEDIENER_ID', () => ''),
  'no text of a line': cell('lines.csv', 'ARTIKELTEXT', () => ''),
  'a text too long': cell('lines.csv', 'ARTIKELTEXT', () => `"${'x'.repeat(256)}"`),
  'text without quotes': cell('location.csv', 'LOC_NAME', () => 'Mitte'),
  'a number in quotes': cell('transactions.csv', 'UMS_BRUTTO', (value) => `"${value}"`),
  'a decimal point': cell('transactions.csv', 'UMS_BRUTTO', (value) => value.replace(',', '.')),
  'too many decimals': cell('transactions.csv', 'UMS_BRUTTO', (value) => `${value}0`),
  'a negative zero': cell(
    'datapayment.csv',
    'BASISWAEH_BETRAG',
    () => '-0,00',
    (value) => value === '0,00',
  ),
  'a quote that does not end': cell('lines.csv', 'ARTIKELTEXT', () => '"offen'),
  'a cell too many': cell('lines.csv', 'STK_BR', (value) => `${value};`),
  'another first bon': cell('cashpointclosing.csv', 'Z_START_ID', quoted(more)),
  'another last bon': cell('cashpointclosing.csv', 'Z_ENDE_ID', quoted(more)),
  'a taxonomy that is none': cell('cashpointclosing.csv', 'TAXONOMIE_VERSION', () => '"2.1"'),
  'no name of the company': cell('cashpointclosing.csv', 'NAME', () => ''),
  'a country of two letters': cell('cashpointclosing.csv', 'LAND', () => '"DE"'),
  'a reference to no bon': cell(
    'references.csv',
    'REF_BON_ID',
    () => '"999999"',
    (value) => /^"\d+"$/.test(value),
  ),
  'a reference to a closing that comes later': cell(
    'references.csv',
    'REF_Z_NR',
    () => '99',
    (value) => value !== '',
  ),
  'a reference to a bon of the package, in a closing before it': cell(
    'references.csv',
    'REF_Z_NR',
    () => '0',
    (value, cells) => value !== '' && cells[8] === cells[0],
  ),
  'a reference with another date': cell('references.csv', 'REF_DATUM', () => '"2020-01-01T00:00:00+01:00"'),
  'a reference to a bon of the same register without a date': cell(
    'references.csv',
    'REF_DATUM',
    () => '',
    (value, cells) => value !== '' && cells[8] === cells[0],
  ),
  'a reference of no kind': cell('references.csv', 'REF_TYP', () => '"Bon"'),
  'a header in another order': text('lines.csv', (content) => content.replace('BON_ID;POS_ZEILE', 'POS_ZEILE;BON_ID')),
  'a byte order mark': text('lines.csv', (content) => `\uFEFF${content}`),
  'line feeds alone': text('transactions.csv', (content) => content.replaceAll(CRLF, '\n')),
  'a last record without an end': text('payment.csv', (content) => content.slice(0, -2)),
  'another group of a move': cell('allocation_groups.csv', 'ABRECHNUNGSKREIS', quoted(flipped), isOfMove),
  'a group of a move is missing': withoutGroupOfMove,
  'a terminal without a row': cell('slaves.csv', 'TERMINAL_ID', quoted(flipped)),
  'another agency of a line': cell(
    'lines.csv',
    'AGENTUR_ID',
    (value) => (value === '1' ? '0' : '1'),
    (value, cells, files) =>
      counts(value, cells, files) && !isTakenAway(value, cells, files) && hasAmount(cells, files),
  ),
  'a line of an agency without a row': cell('lines.csv', 'AGENTUR_ID', () => '3'),
  'another agency of a sum': cell('businesscases.csv', 'AGENTUR_ID', (value) => (value === '1' ? '0' : '1')),
  'another number of an agency': cell('pa.csv', 'AGENTUR_ID', more),
  'an agency that is the own business': cell('pa.csv', 'AGENTUR_ID', () => '0'),
  'an agency without a name': cell('pa.csv', 'AGENTUR_NAME', () => ''),
  'an agency in no country': cell('pa.csv', 'AGENTUR_LAND', () => '"D"'),
  'goods that were neither eaten here nor taken away': cell('lines.csv', 'INHAUS', () => '"2"'),
  'another answer about bons without VAT': cell('cashregister.csv', 'KEINE_UST_ZUORDNUNG', (value) =>
    value === '"1"' ? '"0"' : '"1"',
  ),
  'a row of pa is missing': dropped('pa.csv'),
  'a row of pa stands twice': doubled('pa.csv'),
  'a row of slaves is missing': dropped('slaves.csv'),
  'a row of slaves stands twice': doubled('slaves.csv'),
  'an empty file': text('slaves.csv', () => ''),
  'a column shorter in index.xml': text('index.xml', (content) =>
    content.replace('<MaxLength>255</MaxLength>', '<MaxLength>60</MaxLength>'),
  ),
  'a table fewer in index.xml': text('index.xml', (content) => content.replace(/ {4}<Table>[\s\S]*?<\/Table>\r\n/, '')),
  'index.xml is no XML': text('index.xml', (content) => content.replace('</Media>', '')),
  'another DTD': text('gdpdu-01-09-2004.dtd', (content) => content.replace('<!ELEMENT Range', '<!ELEMENT Reach')),
  'a file is missing': (files) => {
    const left = new Map(files)
    left.delete('pa.csv')
    return left
  },
  'a file too many': (files) => new Map(files).set('notes.csv', 'x\r\n'),
}
