import type { ClosingContext, Fault, TseFacts } from './closing-context.ts'
import type { NoteReport } from './closing-times.ts'
import type { CheckedRow } from './row.ts'
import { readTse } from './tse-check.ts'
import { kindOf, mayBeNewer, OWN_KEYS, rateOf, STANDING_KEYS, ZERO_KEYS } from './vat.ts'

/** Hundred-thousandths in a hundredth. */
const PER_HUNDREDTH = 1000n
const OWN_BUSINESS = 0
/** The columns are the same from this version on. */
const FIRST_VERSION = '2.2'

type Master = {
  head: CheckedRow
  locations: readonly CheckedRow[]
  registers: readonly CheckedRow[]
  tses: readonly CheckedRow[]
  vat: readonly CheckedRow[]
  slaves: readonly CheckedRow[]
  agencies: readonly CheckedRow[]
}

/** Checks the master data of one closing, and returns the facts for the checks of its bons. */
export function readMaster(
  { index, label }: Pick<ClosingContext, 'index' | 'label'>,
  master: Master,
  fault: Fault,
  onNote: NoteReport,
): ClosingContext {
  const { head, locations, registers } = master
  const register = registers[0]
  if (locations.length !== 1) fault(head, undefined, `location.csv has ${locations.length} rows of the closing`, '§ 2')
  if (registers.length !== 1)
    fault(head, undefined, `cashregister.csv has ${registers.length} rows of the closing`, '§ 2')
  const version = head.text('TAXONOMIE_VERSION')
  if (version < FIRST_VERSION) fault(head, 'TAXONOMIE_VERSION', `${version} had other columns`, '§ 11')
  if (head.text('STNR') === '' && head.text('USTID') === '') fault(head, 'STNR', 'and USTID are empty', '§ 2')
  const serial = register?.text('KASSE_SERIENNR') ?? ''
  if (version !== '2.2' && /[/_]/.test(serial)) fault(register, 'KASSE_SERIENNR', 'holds / or _', '§ 4.2')
  const day = head.text('Z_BUCHUNGSTAG')
  if (day !== '' && day === head.text('Z_ERSTELLUNG').slice(0, 10))
    fault(head, 'Z_BUCHUNGSTAG', 'is the day of Z_ERSTELLUNG and would be empty', '§ 4.1')
  const rates = readRates(master, fault, onNote)
  return {
    index,
    label,
    registerId: head.text('Z_KASSE_ID'),
    number: head.number('Z_NR'),
    createdAt: head.text('Z_ERSTELLUNG'),
    baseCurrency: register?.text('KASSE_BASISWAEH_CODE') ?? '',
    serial,
    rates,
    kinds: kindsOf(rates),
    register,
    terminals: readTerminals(master.slaves, fault),
    agencies: readAgencies(master.agencies, fault),
    tses: readTses(master.tses, fault),
  }
}

/** Without those that no table has. */
function kindsOf(rates: ReadonlyMap<number, number>): Map<number, number> {
  const kinds = new Map<number, number>()
  for (const [key, rate] of rates) {
    const kind = kindOf(key, rate)
    if (kind !== undefined) kinds.set(key, kind)
  }
  return kinds
}

function readRates({ head, vat }: Master, fault: Fault, onNote: NoteReport): Map<number, number> {
  const date = head.text('Z_ERSTELLUNG').slice(0, 10)
  const rates = new Map<number, number>()
  for (const row of vat) {
    const key = row.number('UST_SCHLUESSEL')
    const rate = Number(row.units('UST_SATZ') / PER_HUNDREDTH)
    if (rates.has(key)) fault(row, 'UST_SCHLUESSEL', `key ${key} occurs twice`, '§ 3')
    rates.set(key, rate)
    const official = officialRate(key, rate, date)
    if (official === undefined) fault(row, 'UST_SCHLUESSEL', `key ${key} is reserved`, '§ 3')
    else if (mayBeNewer(key, rate, date))
      onNote('vat_rate_newer', {
        ...{ register: head.text('Z_KASSE_ID'), z: head.number('Z_NR') },
        ...{ key, rate: `${rate / 100} %` },
      })
    else if (official !== rate) fault(row, 'UST_SATZ', `is not the rate of key ${key}, ${official / 100} %`, '§ 3')
  }
  for (const key of STANDING_KEYS) if (!rates.has(key)) fault(head, undefined, `vat.csv has no key ${key}`, '§ 3')
  return rates
}

/** The rate that a key must have. Keys from 1000 on are the company's, at any rate, but some have the rate 0. */
function officialRate(key: number, rate: number, date: string): number | undefined {
  if (key < OWN_KEYS) return rateOf(key, date)
  return ZERO_KEYS.includes(key) ? 0 : rate
}

function readTerminals(rows: readonly CheckedRow[], fault: Fault): Set<string> {
  const terminals = new Set<string>()
  for (const row of rows) {
    const id = row.text('TERMINAL_ID')
    if (terminals.has(id)) fault(row, 'TERMINAL_ID', `${id} occurs twice`, '§ 2')
    terminals.add(id)
  }
  return terminals
}

function readAgencies(rows: readonly CheckedRow[], fault: Fault): Set<number> {
  const agencies = new Set<number>()
  for (const row of rows) {
    const id = row.number('AGENTUR_ID')
    if (id === OWN_BUSINESS) fault(row, 'AGENTUR_ID', '0 is the own business', '§ 2')
    if (agencies.has(id)) fault(row, 'AGENTUR_ID', `${id} occurs twice`, '§ 2')
    agencies.add(id)
  }
  return agencies
}

function readTses(rows: readonly CheckedRow[], fault: Fault): Map<string, TseFacts> {
  const tses = new Map<string, TseFacts>()
  for (const row of rows) {
    const id = row.text('TSE_ID')
    if (tses.has(id)) fault(row, 'TSE_ID', `${id} occurs twice`, '§ 7.3')
    const facts = readTse(row, fault)
    if (facts !== undefined) tses.set(id, facts)
  }
  return tses
}
