import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { rewriteEvents } from './insider.ts'

// The insider has the machine's own key: every hash and signature of his journal is right. He forgot the numbers.

async function sale({ id, till }: Register) {
  return till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
}

async function day(register: Register, expected: string): Promise<void> {
  await counted(register, expected)
  await register.till.create(closing(register, '0.00'))
}

test('a sale that was cut out leaves a gap in the receipt numbers, and in the cash of its day', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id } = await sale(register)
  await sale(register)
  await day(register, '59.00')
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.filter(({ op }) => op !== id)))
  const report = await verifyJournal(bench.config.state)
  expect(report).toMatchObject({ valid: false, projections: 'equal', books: 'different' })
  expect(report.firstBadSeq).toBeUndefined()
  expect(report.codes).toMatchObject([
    { code: 'receipt_number_gap', level: 'error', register: register.id, facts: { from: 1, to: 3 } },
    { code: 'session_bons_differ', level: 'error', facts: { stated: 3, bons: 2, sum: '9.00', counted: '4.50' } },
    {
      code: 'session_cash_differs',
      level: 'error',
      register: register.id,
      facts: { stated: '59.00', counted: '54.50' },
    },
    { code: 'session_bons_differ', level: 'error', facts: { stated: 4, bons: 3, sum: '9.00', counted: '4.50' } },
  ])
  await inDirectory(async (directory) => {
    const file = join(directory, 'journal.ndjson')
    const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
    await bench.agent.administration.exportTo('journal', range, file)
    const { code, out } = await fiskalEdge('verify', file, '--json')
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      [
        {
          kind: 'journal',
          valid: false,
          findings: ['receipt_number_gap', 'session_bons_differ', 'session_cash_differs', 'session_bons_differ'].map(
            (code) => expect.stringContaining(`(${code})`),
          ),
        },
      ],
    ])
    const audit = await audited(bench, directory)
    expect(audit.code).toBe(1)
    expect(await readFile(join(audit.folder, 'pruefbericht.txt'), 'utf8')).toContain(
      'Auf Bonnummer 1 der Kasse folgt 3. (receipt_number_gap)',
    )
  })
})

test('a day that was cut out leaves a gap in the Z numbers', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await day(register, '50.00')
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  await day(register, '50.00')
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => {
      const [from, to] = ['session.opened', 'session.closed'].map((name) =>
        lines.findIndex(({ kind }) => kind === name),
      )
      return lines.filter((_, index) => index < Number(from) || index > Number(to))
    }),
  )
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toMatchObject([
    { code: 'receipt_number_gap', facts: { from: 0, to: 3 } },
    { code: 'z_number_gap', facts: { from: 0, to: 2 } },
  ])
})
