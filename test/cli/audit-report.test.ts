import { expect, test } from 'vitest'
import { checkConfig } from '../../agent/agent-config.ts'
import { EVER } from '../../agent/cli/arguments/range.ts'
import type { AuditPart } from '../../agent/cli/audit/audit-part.ts'
import { notWritten, onOneLine } from '../../agent/cli/audit/audit-part.ts'
import type { Installation } from '../../agent/cli/audit/procedure.ts'
import { procedureDocument } from '../../agent/cli/audit/procedure.ts'
import { auditReport } from '../../agent/cli/audit/report.ts'

const REGISTER: Installation['registers'][number] = {
  ...{ id: 'reg_1', merchant_id: 'merchant_2', location_id: 'loc_1', name: 'Kasse', fiscal_device: 'tse-1' },
  ...{ fiscalization_status: 'fiscalized', fiscalizedAt: '2026-11-20T09:00:00.000Z', decommissionedAt: null },
  fiscalization: { regime: 'KassenSichV', client_id: 'K1', tse_serial: 'aa11' },
}

test('the name of a shop makes no separate line in the report', () => {
  const merchants = [{ legal_name: 'Müller\r\n& Söhne\nErgebnis: ohne Beanstandung.\u202e' }]
  const installation = {
    merchants,
    chain: 'chain-1',
    events: 7,
    uncertified_units: [],
    registers: [],
  } as unknown as Installation
  const range = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }
  const parts = [{ name: 'dsfinvk.zip', valid: false, summary: 'DSFinV-K', findings: ['a finding'] }]
  const lines = auditReport({
    parts,
    items: [],
    range,
    writtenAt: '2026-11-21T04:00:00Z',
    installation,
    head: '7:0123456789abcdef',
    tasks: undefined,
  }).split('\n')
  expect(lines).toContain('Zeitraum      01.01.2026 bis 01.01.2027')
  // By the clocks of the shop.
  expect(lines).toContain('Erstellt      21.11.2026 05:00 Uhr')
  expect(lines).toContain('Journal 7:0123456789abcdef')
  const whole = auditReport({
    parts,
    items: [],
    range: EVER,
    writtenAt: '2026-11-21T04:00:00Z',
    installation,
    head: '7:0123456789abcdef',
    tasks: undefined,
  })
  expect(whole).toContain('\nZeitraum      21.11.2026 bis 21.11.2026, die ganze Aufzeichnung\n')
  expect(lines.filter((line) => /^Ergebnis|Müller/.test(line))).toEqual([
    'Unternehmen   Müller & Söhne Ergebnis: ohne Beanstandung.\\u202e',
    'Ergebnis: 1 Beanstandung, siehe oben.',
  ])
})

test('no name, finding or serial number writes a line of the report', () => {
  const forged = 'x\r\n[ in Ordnung ] Journal\n\u001b[32mErgebnis: ohne Beanstandung.\u2028\u202e'
  const installation = {
    merchants: [],
    ...{ chain: forged, events: 7, uncertified_units: [forged], registers: [] },
  } as unknown as Installation
  const part = { name: forged, valid: false, summary: forged, findings: [forged], uncovered: [forged] }
  const report = (parts: readonly AuditPart[]): string =>
    auditReport({
      parts,
      items: [],
      range: EVER,
      writtenAt: '2026-11-21T04:00:00Z',
      installation,
      head: '7:0123456789abcdef',
      tasks: undefined,
    })
  for (const text of [report([part]), report([onOneLine(part)])]) {
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\u2028\u202e]/u)
    expect(text.split('\n').filter((line) => /^(?:\[ in Ordnung|Ergebnis)/.test(line))).toEqual([
      'Ergebnis: 1 Beanstandung, siehe oben.',
    ])
  }
})

test('the report names each uncertified unit, of the journal and of the package, also next to its result', () => {
  const reportOf = (uncertified_units: readonly string[], uncertified: readonly string[]): string => {
    const installation = {
      merchants: [],
      chain: 'chain-1',
      events: 7,
      uncertified_units,
      registers: [],
    } as unknown as Installation
    const parts = [{ name: 'dep7.json', valid: true, summary: 'DEP7', findings: [], uncertified }]
    return auditReport({
      parts,
      items: [],
      range: EVER,
      writtenAt: '2026-11-21T04:00:00Z',
      installation,
      head: '7:0123456789abcdef',
      tasks: undefined,
    })
  }
  const lines = reportOf(['aa11'], ['bb22', 'aa11']).split('\n')
  const at = lines.findIndex((line) => line.startsWith('TESTBETRIEB, NICHT ZERTIFIZIERT (NOT CERTIFIED): '))
  expect(lines.slice(at + 2, at + 5)).toEqual(['              aa11', '              bb22', ''])
  expect(lines).toContain('TESTBETRIEB: Das Gerät ist NICHT ZERTIFIZIERT (NOT CERTIFIED), siehe oben.')
  expect(reportOf([], [])).not.toMatch(/ZERTIFIZIERT|CERTIFIED/)
})

test('the report names the checks of files that were written, and of no other', () => {
  const installation = { merchants: [], chain: 'chain-1', events: 7, uncertified_units: [], registers: [] }
  const parts = [
    notWritten('dsfinvk.zip', new Error('no space'), 'de'),
    { name: 'tse.tar', valid: true, summary: '', findings: [] },
  ]
  const report = auditReport({
    ...{ parts, items: [], range: EVER, writtenAt: '2026-11-21T04:00:00Z', head: undefined, tasks: undefined },
    installation: installation as unknown as Installation,
  })
  const [, checked] = /^Jede dieser Dateien ([^.]+)\./m.exec(report) ?? []
  expect(checked?.replace(/\s+/g, ' ')).toBe(
    'wurde nach dem Schreiben wieder gelesen und geprüft: im TSE-Archiv jede Signatur und die Lücken der Zähler',
  )
})

test('the report says what each law compared, in order of names, and what it did not', () => {
  const installation = {
    merchants: [],
    chain: 'chain-1',
    events: 7,
    uncertified_units: [],
    registers: [],
  } as unknown as Installation
  const linesOf = (...names: string[]): string[] => {
    const parts = names.map((name) => ({ name, valid: true, summary: '', findings: [] }))
    return auditReport({
      parts,
      items: [],
      range: EVER,
      writtenAt: '2026-11-21T04:00:00Z',
      installation,
      head: undefined,
      tasks: undefined,
    }).split('\n')
  }
  const compared = linesOf('TSE / Journal', 'DSFinV-K / Journal', 'Stampanti / registro', 'DEP7 / Journal')
  const told = compared
    .filter((line) => / (?:wurde|wurden) .*verglichen| stati confrontati con i contatori/.test(line))
    .map((line) => line.split(' ', 4).at(-1))
  expect(told).toEqual(['und', 'le', 'abgesichert'])
  // The sums of a package: order lines double the turnover, and cancelled ones are in none.
  const sums = linesOf('DSFinV-K / Journal').join(' ')
  for (const words of ['Umsatz im DSFinV-K-Paket sind die Bons mit BON_TYP „Beleg“', 'Zeilen mit P_STORNO 1'])
    expect(sums).toContain(words)
  const missed = linesOf('dsfinvk.zip', 'dep7-reg_1.json').filter((line) => line.includes(' wurden nicht verglichen: '))
  expect(missed.map((line) => line.split(' wurden', 1)[0])).toEqual([
    '- Journal und Speicher der TSE',
    '- Journal und DSFinV-K-Paket',
    '- Journal und DEP7',
  ])
})

test('the Verfahrensdokumentation names the tax numbers that a shop has, and no other', async () => {
  const address = { line1: 'Hauptstr. 1', city: 'Berlin', postal_code: '10115', country_code: 'DEU' }
  const config = checkConfig('agent.json', { version: 1, state: 'state', listen: {}, devices: [] }, '/srv')
  const cellFor = async (tax_number: string | null, vat_id: string | null): Promise<string | undefined> => {
    const identity = { country_code: 'DEU', tax_number, vat_id }
    const merchants = [{ id: 'merchant_1', legal_name: 'Firma', address, fiscal_identities: [identity] }]
    const none = { uncertified_units: [], signing_tses: [], locations: [], devices: [], retired_tses: [] }
    const registers = [{ ...REGISTER, merchant_id: 'merchant_1' }]
    const installation: Installation = {
      ...none,
      registers,
      merchants,
      chain: 'chain-1',
      events: 7,
      first_event_at: null,
    }
    const facts = { installation, config, version: '1.2.3', writtenAt: '2026-11-21T04:00:00Z', outages: [] }
    const row = String(await procedureDocument(facts))
      .split('\n')
      .find((line) => line.includes('<td>Firma</td>'))
    return row?.match(/<td>([^<]*)<\/td><\/tr>/)?.[1]
  }
  expect(await cellFor('27/123/45678', 'DE123456789')).toBe('27/123/45678 / DE123456789')
  expect(await cellFor('27/123/45678', null)).toBe('27/123/45678')
  expect(await cellFor(null, 'DE123456789')).toBe('DE123456789')
})

test('the Verfahrensdokumentation names TSEs that were removed, and the settings of memory and drawer', async () => {
  const none = {
    uncertified_units: [],
    signing_tses: [],
    merchants: [],
    locations: [],
    registers: [REGISTER],
    devices: [],
  }
  const retired_tses = [{ serial: 'aa11', retired_at: '2026-11-20T10:00:00.000Z', retirement: 'Zertifikat abgelaufen' }]
  const installation: Installation = { ...none, retired_tses, chain: 'chain-1', events: 7, first_event_at: null }
  const documentOf = (more: object): Promise<string | undefined> => {
    const config = checkConfig('agent.json', { version: 1, state: 'state', listen: {}, devices: [], ...more }, '/srv')
    return procedureDocument({ installation, config, version: '1.2.3', writtenAt: '2026-11-21T04:00:00Z', outages: [] })
  }
  const usual = await documentOf({})
  for (const told of ['<td>aa11</td><td>außer Betrieb seit 20.11.2026 11:00:00</td>', 'Zertifikat abgelaufen'])
    expect(usual).toContain(told)
  for (const told of ['nur auf Befehl gelöscht, und erst', 'täglich, in /srv/state/backups.', 'kein Geschäftsvorfall'])
    expect(usual).toContain(told)
  const other = await documentOf({
    ...{ tseMemory: { deleteAtPercent: 90 }, dsfinvk: { exportDrawerOpenings: true }, backup: { keep: { daily: 0 } } },
  })
  for (const told of ['oder von selbst, sobald er zu 90 % voll ist', '(AVSonstige)']) expect(other).toContain(told)
  expect(other).not.toContain('Sicherung: täglich')
})
