// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rfc3339, systemClock } from '../../base/clock.ts'
import { audited } from '../cli/audited.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { rewriteEvents, withoutOperation } from './insider.ts'

// An auditor asks for a part of the time. The journal is handed over whole, the memory of the TSE for that time.

async function sale({ id, till }: Register, amount: string) {
  return till.complete(await till.create(goods('sale', id, [[amount, '0.07']])), [pay('cash', amount)])
}

async function day(register: Register, amounts: readonly string[]) {
  const sales: Awaited<ReturnType<typeof sale>>[] = []
  for (const amount of amounts) sales.push(await sale(register, amount))
  await counted(register, '50.00')
  await register.till.create(closing(register, '0.00'))
  return sales
}

/** Two days; `between` is the second after the first one. */
async function twoDays(bench: Bench) {
  const register = await bench.till('50.00')
  await day(register, ['3.00'])
  // Logs have whole seconds.
  const between = Math.floor(systemClock.now() / 1000) * 1000 + 1000
  await bench.until(() => systemClock.now() >= between)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  const [cut] = await day(register, ['4.50', '2.00'])
  return { cut: String(cut?.id), from: rfc3339(between) }
}

test('an audit of a range compares the events in it, and names the events that it does not cover', async () => {
  await using bench = await Bench.open()
  const { from } = await twoDays(bench)
  await inDirectory(async (directory) => {
    const { parts, folder } = await audited(bench, directory, '--from', from)
    expect(parts.find(({ name }) => name === 'journal.ndjson')).toMatchObject({ valid: true })
    const compared = parts.find(({ name }) => name === 'TSE / Journal')
    expect(compared).toMatchObject({ valid: true, findings: [] })
    expect(parts.find(({ name }) => name === 'DSFinV-K / Journal')).toMatchObject({ valid: true, findings: [] })
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).not.toContain('Ergebnis: ohne Beanstandung.')
    expect(report).toMatch(/- [1-9]\d* Absicherungen außerhalb der vorliegenden Archive\./)
    expect(report).toContain('- Ob im Zeitraum ganze Kassenabschlüsse fehlen')
  })
})

test('a sale that was cut out of the range is named by the audit of the range', async () => {
  await using bench = await Bench.open()
  const { cut, from } = await twoDays(bench)
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, cut)))
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory, '--from', from)
    expect(code).toBe(1)
    expect(parts.find(({ name }) => name === 'TSE / Journal')?.findings).toEqual([
      expect.stringContaining('(tse_start_unknown)'),
      expect.stringContaining('abgesichert: Beleg^0.00_4.50_0.00_0.00_0.00^4.50:Bar'),
    ])
  })
})
