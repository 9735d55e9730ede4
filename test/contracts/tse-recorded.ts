import { expect, test } from 'vitest'
import type { Tse } from '../../drivers/ports/tse.ts'
import { signTse } from '../../drivers/recording/sign-tse.ts'
import { UnitTime } from '../../drivers/unit-time.ts'
import { patientClock } from '../patient-clock.ts'
import { heavy } from '../tags.ts'
import { expectSigned } from './tse-checks.ts'

type Bench = { tse: Tse; inject?(fault: string): void; clearFaults?(): void }
type Capabilities = { faults: boolean; deregisters?: boolean }

const SIGNATURES_MAX = 60

/** The signatures of a recording (`device prove --test-unit`) demand no more than the port promises. */
export function describeRecorded(unit: () => Bench, { faults, deregisters = true }: Capabilities): void {
  test('signatures of a recording hold, and leave neither their client nor an open transaction', heavy(), async () => {
    const { tse } = unit()
    const other = await tse.start('till-1')
    const said: string[] = []
    const { clientId, signed } = await signTse(tse, new UnitTime(patientClock), (words) => said.push(words))
    expect(said.filter((words) => words.startsWith('  refused: '))).toEqual([])
    expect(signed).toHaveLength(4)
    for (const { start, finish, processType, processData } of signed) {
      await expectSigned(tse, 'Start', clientId, start, '', new Uint8Array())
      await expectSigned(tse, 'Finish', clientId, finish, processType, processData)
    }
    expect(await tse.openTransactions()).toEqual([other.transaction])
    if (deregisters) expect(await tse.clients()).not.toContain(clientId)
    const { signatureCounter } = await tse.start('till-2')
    expect(signatureCounter - other.signatureCounter).toBeLessThanOrEqual(SIGNATURES_MAX)
  })

  if (!faults) return
  test.each(['lost-answer@start#2', 'lost-answer@finish#2', 'lost-request@start#3'])(
    'a recording finishes each transaction that it began: %s',
    heavy(),
    async (fault) => {
      const { tse } = unit()
      unit().inject?.(fault)
      const said: string[] = []
      await signTse(tse, new UnitTime(patientClock), (words) => said.push(words))
      unit().clearFaults?.()
      expect(said.filter((words) => words.startsWith('  refused: '))).toHaveLength(1)
      expect(await tse.openTransactions()).toEqual([])
    },
  )
}
