import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy } from '../tags.ts'
import type { Line } from './insider.ts'
import { findingsAfter } from './insider.ts'

// The insider takes cash out of the drawer, and edits what the close says that it left.

function leftLess(line: Line): Line {
  if (line.kind !== 'session.closed') return line
  const text = JSON.stringify(line.body).replaceAll('"amount_left":"53.00"', '"amount_left":"13.00"')
  return { ...line, body: JSON.parse(text) as Line['body'] }
}

test('a close that left less than its bons give is found by the cash of its closing', heavy(), async () => {
  await using bench = await Bench.open({ edits: true })
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  await counted(register, '53.00')
  await register.till.create(closing(register, '0.00'))
  await findingsAfter(bench, leftLess)
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    const part = parts.find(({ name }) => name === 'DSFinV-K / Journal')
    expect(part).toMatchObject({
      valid: false,
      findings: [
        `Kasse ${register.id}, Z-Nr. 1: Im DSFinV-K-Paket stehen 53,00 EUR in bar, die Sitzung ließ 13,00 EUR in der Kassenlade. (package_cash_differs)`,
      ],
    })
  })
})
