// @module-tag heavy
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import { austrianTill, ONE_CARD, sell as sellInAustria } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { italianTill, ONE_PRINTER, sell as sellInItaly } from '../e2e/italy/shop.ts'
import { endShift } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { configOf } from './insider.ts'

// A session that is never closed hides from every count of its drawer. Packages are German; sessions are not.

type Part = { name: string; valid: boolean; summary: string; findings: string[]; codes?: object[] }

async function sessionsIn(
  bench: Bench,
  devices: object,
): Promise<{ code: number | null; part: Part | undefined; report: string }> {
  const config = await configOf(bench, devices)
  return inDirectory(async (directory) => {
    const folder = join(directory, 'audit')
    const { code, out } = await fiskalEdge('audit', '--config', config, '--out', folder, '--json')
    const { parts } = JSON.parse(out) as { parts: Part[] }
    const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.txt'))
    const report = await readFile(join(folder, file), 'utf8')
    return { code, part: parts.find(({ name }) => /^(?:Kassensitzungen|Sessioni di cassa)$/.test(name)), report }
  })
}

/** The event that opened each session, in their order. */
function openings(bench: Bench): { seq: number; register: string }[] {
  return bench.journal().flatMap(({ seq, body }) => {
    const { session } = JSON.parse(body) as { session?: { register: string; set?: { opened_at?: string } } }
    return session?.set?.opened_at === undefined ? [] : [{ seq, register: session.register }]
  })
}

test.each([
  [
    'Austrian',
    ONE_CARD,
    austrianTill,
    (register: Register) => sellInAustria(register, '3.00'),
    [
      '1 Sitzung ohne Kassenabschluss',
      /^Kasse reg_\w+ ist seit .* nicht abgeschlossen: \d Belege?, 3,00 EUR; ses_.* \(session_open\)$/,
      '[BEANSTANDET] Kassensitzungen',
    ],
  ],
  [
    'Italian',
    ONE_PRINTER,
    italianTill,
    (register: Register) => sellInItaly(register, '3.00'),
    [
      '1 sessione senza chiusura di cassa',
      /^Cassa reg_\w+: non chiusa dal .*: \d operazion[ei], 3,00 EUR; ses_.* \(session_open\)$/,
      '[  RILIEVO  ] Sessioni di cassa',
    ],
  ],
] as const)(
  'audit objects to an open session of an %s register, by register and opening, until it is closed',
  async (_, devices, tillOf, sell, [summary, finding, row]) => {
    await using bench = await Bench.open({ config: devices })
    const register = await tillOf(bench)
    await sell(register)
    const [opening] = openings(bench)
    const { code, part, report } = await sessionsIn(bench, devices)
    expect(code).toBe(1)
    expect(part).toMatchObject({
      valid: false,
      summary,
      codes: [{ code: 'session_open', level: 'error', register: register.id, seq: opening?.seq }],
    })
    expect(part?.findings[0]).toMatch(finding)
    expect(report).toContain(row)
    await endShift(register)
    const closed = await sessionsIn(bench, devices)
    expect(closed.part).toBeUndefined()
    expect(closed.report).not.toContain('session_open')
  },
)

test('audit has one code for each open session', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const first = await italianTill(bench)
  const [location] = (await bench.office.get('/v1/locations'))['data'] as { id: string }[]
  const second = await italianTill(bench, '50.00', location?.id)
  const { part } = await sessionsIn(bench, ONE_PRINTER)
  const byRegister = openings(bench).sort((one, other) => (one.register < other.register ? -1 : 1))
  expect(new Set(byRegister.map(({ register }) => register))).toEqual(new Set([first.id, second.id]))
  expect(part?.codes).toEqual(
    byRegister.map(({ register, seq }) => ({ code: 'session_open', level: 'error', register, seq })),
  )
})
