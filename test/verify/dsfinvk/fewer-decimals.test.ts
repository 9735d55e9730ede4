import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Bon } from '../../../agent/laws/germany/dsfinvk/bon.ts'
import { noPayment } from '../../../agent/laws/germany/dsfinvk/payments.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { articleLine, bakeryDay } from '../../laws/germany/dsfinvk/bakery.ts'
import { filesOf, inDirectory, packageOf, zipOf } from '../../laws/germany/dsfinvk/package.ts'
import { closingOf, Signer, sourceOf } from '../../laws/germany/dsfinvk/signer.ts'

const AT = { number: 1, createdAt: '2026-03-02T17:05:02+01:00' }
const TIMES = { start: '2026-03-02T17:05:01+01:00', end: '2026-03-02T17:05:02+01:00' }

/** Ten pieces ordered at a table: a quantity that ends in a zero without decimals. */
function order(signer: Signer, id: number): Bon {
  const [startMs, endMs] = [Date.parse(TIMES.start), Date.parse(TIMES.end)]
  return {
    id,
    type: 'AVBestellung',
    ...TIMES,
    operator: { id: 'u7' },
    lines: [articleLine('Pils', 'PILS', 10n, 450n, 1)],
    payments: noPayment('EUR'),
    tse: signer.finish('10;"Pils";4.50', 'Bestellung-V1', startMs, endMs),
  }
}

/** `10,000` → `10`, `4,50000` → `4,5`, in cells that are not quoted. */
function withoutZeros(csv: string): string {
  return csv.replace(/(?<=;)(-?\d+),(\d*?)0+(?=[;\r])/g, (_cell, whole: string, decimals: string) =>
    decimals === '' ? whole : `${whole},${decimals}`,
  )
}

test('a package whose numbers have fewer decimals than declared is right, orders in it too', async () => {
  await inDirectory(async (directory) => {
    const signer = new Signer('EDGE-000123')
    const day = bakeryDay(signer)
    const whole = await packageOf(sourceOf(closingOf(AT, [...day, order(signer, day.length + 1)], [signer])), directory)
    const files = [...(await filesOf(whole))].map(([name, text]): [string, string] => [
      name,
      name.endsWith('.csv') ? withoutZeros(text) : text,
    ])
    const shorter = join(directory, 'shorter.zip')
    await zipOf(new Map(files), shorter)
    expect(files.find(([name]) => name === 'lines.csv')?.[1]).toContain(';10;;;4,5\r\n')
    expect(await verifyDsfinvk(shorter)).toMatchObject({ valid: true, findings: [], signatures: 7 })
  })
})
