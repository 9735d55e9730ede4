// @module-tag heavy
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { elsewhere, event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import { rewriteEvents } from './insider.ts'
import { matched } from './matched.ts'

// A TSE secures the gross of a kind of VAT, and 19 % and 16 % are one kind. The insider lowers the rate and its tax in a
// signed sale: no amount that was signed, counted or closed is another.

type Lowered = readonly [rate: string, tax: string, toRate: string, toTax: string]

/** A closed day with one sale for cash, whose rate was lowered afterwards. */
async function loweredDay(bench: Bench, [amount, rate]: readonly [string, string], [, tax, toRate, toTax]: Lowered) {
  const register = await bench.till('0.00')
  const open = await register.till.create(goods('sale', register.id, [[amount, rate]]))
  const { id } = await register.till.complete(open, [pay('cash', amount)])
  await counted(register, amount)
  await register.till.create(closing(register, '0.00'))
  const pretax = (Number(amount) - Number(tax)).toFixed(2)
  const toPretax = (Number(amount) - Number(toTax)).toFixed(2)
  const lower = (body: Members): Members => {
    const text = JSON.stringify(body)
    const rated = text
      .replaceAll(`"rate":"${rate}"`, `"rate":"${toRate}"`)
      .replaceAll(`"tax_amount":"${tax}"`, `"tax_amount":"${toTax}"`)
    return JSON.parse(rated.replaceAll(`"pretax_amount":"${pretax}"`, `"pretax_amount":"${toPretax}"`)) as Members
  }
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.map((line) => (line.op === id ? { ...line, body: lower(line.body as Members) } : line)),
    ),
  )
  return register
}

test.for([
  ['11.90', '0.19', '1.90', '0.16', '1.64', '16 %'],
  ['10.70', '0.07', '0.70', '0.05', '0.51', '5 %'],
] as const)(
  'a signed sale over %s whose rate %s was lowered is found by journal verify, verify and audit',
  async ([amount, rate, tax, toRate, toTax, shown]) => {
    await using bench = await Bench.open({ edits: true })
    const register = await loweredDay(bench, [amount, rate], [rate, tax, toRate, toTax])
    const { codes, books } = await verifyJournal(bench.config.state)
    const facts = { bon: 2, rate: shown }
    expect([books, codes]).toMatchObject([
      'different',
      [{ code: 'tse_rate_implausible', level: 'error', register: register.id, facts }],
    ])
    // What the TSE signed is what the journal has.
    expect((await matched(bench)).codes).toEqual([])
    await inDirectory(async (directory) => {
      const { code, folder, parts } = await audited(bench, directory)
      expect(code).toBe(1)
      expect(parts.filter(({ valid }) => !valid).map(({ name }) => name)).toEqual([
        'dsfinvk.zip',
        'journal.ndjson',
        'Journal',
      ])
      const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
      const words = `Bon 2 vom \\d\\d\\.\\d\\d\\.\\d{4} \\d\\d:\\d\\d:\\d\\d: ${shown} galt damals nicht; die TSE hat nur die Summe abgesichert\\.`
      expect(report.match(new RegExp(words, 'g'))).toHaveLength(3)
      for (const file of ['journal.ndjson', 'dsfinvk.zip']) {
        const verified = await fiskalEdge('verify', join(folder, file), '--json')
        const [verdict] = JSON.parse(verified.out) as { valid: boolean; codes: object[]; findings: string[] }[]
        expect([verified.code, verdict]).toMatchObject([
          1,
          { valid: false, codes: [{ code: 'tse_rate_implausible', level: 'error', register: register.id }] },
        ])
        expect(verdict?.findings[0]).toMatch(/has the rate .* the TSE secured only the sum\. \(tse_rate_implausible\)$/)
      }
      const together = ['journal.ndjson', 'tse.tar', 'dsfinvk.zip'].map((file) => join(folder, file))
      expect((await fiskalEdge('verify', ...together)).out).toContain('(tse_rate_implausible)')
      const config = join(directory, 'agent.json')
      const verify = await fiskalEdge('journal', 'verify', '--config', config)
      expect([verify.code, verify.out + verify.err]).toEqual([1, expect.stringContaining('(tse_rate_implausible)')])
    })
  },
)

test('an older start in the outcome of its finish does not hide a rate, a rate of the configuration is named', async () => {
  await using bench = await Bench.open({ edits: true })
  const register = await loweredDay(bench, ['11.90', '0.19'], ['0.19', '1.90', '0.16', '1.64'])
  const signed = '"receipt_number":"2"'
  const rewritten = (change: (law: Members) => Members) =>
    bench.restart(() =>
      rewriteEvents(bench.config.state, (lines) => {
        const of = lines.find(({ body }) => JSON.stringify(body).includes(signed))?.op
        const told = lines.map(({ op, body }) =>
          op === of ? (body['law'] as Members | undefined)?.['transaction'] : {},
        )
        const transaction = told.find((each) => Object.hasOwn(each ?? {}, 'started_at')) as Members
        return lines.map((line) => {
          if (line.op !== of || !JSON.stringify(line.body).includes(signed)) return line
          return { ...line, body: { ...line.body, law: change({ ...(line.body['law'] as Members), transaction }) } }
        })
      }),
    )
  await rewritten(({ transaction, ...law }) => {
    return { ...law, transaction: { ...(transaction as Members), started_at: '2020-08-01T10:00:00.000Z' } }
  })
  const facts = { bon: 2, rate: '16 %' }
  const found = await verifyJournal(bench.config.state)
  expect(found.codes).toMatchObject([{ code: 'tse_rate_implausible', level: 'error', register: register.id, facts }])
  await rewritten((law) => ({ ...law, vat: [{ rate: '0.16', key: 1, bucket: 1 }] }))
  await inDirectory(async (directory) => {
    const { folder } = await audited(bench, directory)
    const named = '- Kasse: Bons mit Sätzen, die nur die Konfiguration dieser Anlage nennt: 1, 11,90 EUR. '
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain(named)
    const { code, out, err } = await fiskalEdge('journal', 'verify', '--config', join(directory, 'agent.json'))
    expect([code, out + err]).toEqual([0, expect.stringContaining('(tse_rate_configured)')])
  })
})

test('an honest day with every rate, returns, an exchange and a void passes; old returns are named', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = async (
    type: 'sale' | 'return' | 'exchange',
    lines: readonly (readonly [string, string])[],
    more: Members,
    paid: string,
  ) => till.complete(await till.create(goods(type, id, lines, more)), [pay('cash', paid)])
  const rates = ['0.19', '0.07', '0.078', '0.055', '0'].map((rate) => ['10.00', rate] as const)
  const sale = await sold('sale', rates, {}, '50.00')
  await sold('return', [['-10.00', '0.19']], { related_operation_id: sale.id }, '-10.00')
  await sold('return', [['-11.60', '0.16']], elsewhere, '-11.60')
  await sold(
    'exchange',
    [
      ['-5.25', '0.05'],
      ['7.00', '0.07'],
    ],
    elsewhere,
    '1.75',
  )
  const last = await sold('sale', [['3.00', '0.19']], {}, '3.00')
  await till.create(event('void', id, { related_operation_id: last.id }))
  await counted(register, '80.15')
  await till.create(closing(register, '0.00'))
  const { valid, codes } = await verifyJournal(bench.config.state)
  const facts = { count: 2, sum: '-16.85' }
  expect([valid, codes]).toMatchObject([true, [{ code: 'tse_rate_undated', level: 'note', register: id, facts }]])
  await inDirectory(async (directory) => {
    const [books, journal, logs] = ['books.zip', 'journal.ndjson', 'tse.tar'].map((name) => join(directory, name))
    await writeFile(String(books), await bench.exported('dsfinvk'))
    await writeFile(String(logs), await bench.exported('tse_tar'))
    await writeFile(String(journal), await bench.exported('journal'))
    const { code, out } = await fiskalEdge('verify', String(books), String(logs), String(journal))
    expect([code, out]).toEqual([0, expect.stringContaining('(tse_rate_undated)')])
    expect(out).not.toContain('tse_rate_implausible')
  })
})
