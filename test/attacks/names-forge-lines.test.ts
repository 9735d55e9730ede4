// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { goods, pay, sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { configOf, rewriteEvents } from './insider.ts'

/** Ends the line, begins one that looks like ours, in our green, and turns the rest of the line. */
const FORGED = '\r\n\u001b[32m✔\u001b[0m 999 events, seq 1 to 999\n[ in Ordnung ] Journal\u0085\u2028\u202e\u200f'
const RAW = /[^\P{Cc}\n]|[\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const FORGED_LINE = /^(?:✔ 999|\[ in Ordnung \] Journal$)/m

function expectPlain(text: string): void {
  expect(text).not.toMatch(RAW)
  expect(text).not.toMatch(FORGED_LINE)
}

/** Each text of a JSON answer. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

test('an insider gives a register and an article names that write lines into the reports', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id } = await sell(register, '3.00')
  const sold = await sell(register, '4.00')
  const sku = `roll${FORGED}`
  const back = goods('return', register.id, [['-2.00', '0.07']])
  const [line] = back['line_items'] as object[]
  const returned = { ...back, related_operation_id: sold.id, line_items: [{ ...line, sku_identifier: sku }] }
  await register.till.complete(await register.till.create(returned), [pay('cash', '-2.00')])
  await counted(register, '55.00')
  await register.till.create(closing(register, '0.00'))
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => {
      const otherLines = lines.filter(({ op }) => op !== id)
      const forged = JSON.stringify(`${register.id}${FORGED}`).slice(1, -1)
      return JSON.parse(JSON.stringify(otherLines).replaceAll(register.id, forged)) as typeof lines
    }),
  )
  const config = await configOf(bench)
  await inDirectory(async (directory) => {
    const folder = join(directory, 'audit')
    const audit = await fiskalEdge('audit', '--config', config, '--out', folder)
    expect(audit.code).toBe(1)
    expect(audit.out).toContain('receipt_number_gap')
    expect(audit.out).toContain('\\u000d\\u000a\\u001b[32m✔')
    expectPlain(audit.out)
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain('\\u000d\\u000a\\u001b[32m✔')
    expectPlain(report)
    const document = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
    expectPlain(document)

    const file = join(folder, 'journal.ndjson')
    const verified = await fiskalEdge('verify', file)
    expect(verified.out).toContain('\\u000d\\u000a')
    expectPlain(verified.out)
    const [{ findings }] = JSON.parse((await fiskalEdge('verify', '--json', file)).out) as [{ findings: string[] }]
    expect(findings.join('')).toContain('receipt_number_gap')
    expectPlain(findings.join(''))
  })
  for (const command of [['journal', 'verify'], ['doctor'], ['duty', 'list']]) {
    const { out, err } = await fiskalEdge(...command, '--config', config)
    expectPlain(out + err)
  }
  const verified = await fiskalEdge('journal', 'verify', '--config', config)
  expect(verified.out).toContain('\\u000d\\u000a\\u001b[32m✔')
  const told = JSON.parse((await fiskalEdge('journal', 'verify', '--json', '--config', config)).out) as {
    findings: object
    witnesses: object
  }
  for (const text of textsIn([told.findings, told.witnesses])) expectPlain(text)
})
