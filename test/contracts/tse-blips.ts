import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DeviceError } from '../../drivers/errors.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import { heavy } from '../tags.ts'
import { verifyArchive } from '../verified-archive.ts'
import { isOver } from '../waits.ts'
import { collect, PROCESS_TYPE, processData } from './tse-checks.ts'

const BLIPS = [
  ['blip-before', false],
  ['blip-in', false],
  ['blip-after', true],
] as const
const TRY_MS = 25

/** As the agent does it: one try after the other, until the unit is back. */
async function openedAgain(tse: Tse): Promise<void> {
  for (const sinceMs = performance.now(); ; ) {
    try {
      return await tse.open()
    } catch (error) {
      if (!(error instanceof DeviceError) || isOver(sinceMs)) throw error
      await delay(TRY_MS)
    }
  }
}

type Unit = { tse: Tse; inject?(fault: string): void }

export function describeBlips(unit: () => Unit): void {
  test('a unit that is unplugged for a moment in an act reports afterwards whether it did it', heavy(), async () => {
    const { tse, inject } = unit()
    for (const [blip, isDone] of BLIPS) {
      const { transaction } = await tse.start('till-1')
      inject?.(`${blip}=50@finish`)
      const finish = () => tse.finish(transaction, 'till-1', PROCESS_TYPE, processData)
      await expect(finish()).rejects.toMatchObject({ code: 'unavailable' })
      await openedAgain(tse)
      expect([blip, (await tse.openTransactions()).includes(transaction)]).toEqual([blip, !isDone])
      if (!isDone) await finish()
      expect((await tse.recall(transaction))?.finish).toBeDefined()
    }
    const archive = await collect(tse, {})
    expect((await verifyArchive(archive)).findings).toEqual([])
    expect(archive.toString('latin1').match(/_Log-Tra_No-\d+_Finish_/g)).toHaveLength(BLIPS.length)
  })
}
