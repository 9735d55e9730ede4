import { expect, test } from 'vitest'
import { DeviceError } from '../../drivers/errors.ts'
import type { Tse, TseExportFilter } from '../../drivers/ports/tse.ts'
import { readTar } from '../../drivers/tr03151/tar.ts'
import { heavy } from '../tags.ts'
import { sell } from './tse-checks.ts'

type Bench = { tse: Tse; inject?(fault: string): void; clearFaults?(): void }

/** By numbers, as new signatures are read back; a unit that continues after a counter takes that. */
function wanted(tse: Tse): TseExportFilter {
  return tse.resumesExports === true ? { afterCounter: 0 } : { transactionFrom: 1 }
}

async function logsIn(tse: Tse, heldMs?: number): Promise<number> {
  let logs = 0
  const archive = tse.exportLogs(wanted(tse), undefined, heldMs)
  for await (const { name } of readTar(archive)) if (name.endsWith('.log')) logs += 1
  return logs
}

function failure(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** A unit that signs, and whose logs cannot be read: it continues to sign, and exports them once it can. */
export function describeUnreadable(unit: () => Bench): void {
  test.each(['no-data@*#*', 'read-error@*#*'])(
    'with %s it hands out no log, signs, and does once it can',
    async (fault) => {
      const { tse, inject, clearFaults } = unit()
      await sell(tse, 1)
      inject?.(fault)
      const error = await failure(logsIn(tse))
      expect(error).toBeInstanceOf(DeviceError)
      await sell(tse, 1)
      clearFaults?.()
      await tse.open()
      expect(await logsIn(tse)).toBeGreaterThanOrEqual(4)
    },
  )

  test('with old-only it exports its earlier logs, and nothing newer', async () => {
    const { tse, inject, clearFaults } = unit()
    await sell(tse, 1)
    const before = await logsIn(tse)
    await sell(tse, 1)
    inject?.('old-only@*#*')
    expect(await logsIn(tse)).toBeLessThanOrEqual(before + 1)
    clearFaults?.()
    expect(await logsIn(tse)).toBeGreaterThanOrEqual(before + 2)
  })

  test('an export without any answer ends after its timeout, and the next sale is signed', heavy(), async () => {
    const { tse, inject, clearFaults } = unit()
    await sell(tse, 1)
    inject?.('lost-request@export#*')
    const error = await failure(logsIn(tse, 300))
    expect(error).toBeInstanceOf(DeviceError)
    clearFaults?.()
    await tse.open()
    await sell(tse, 1)
    expect(await logsIn(tse)).toBeGreaterThanOrEqual(4)
  })
}
