import { expect, onTestFinished, test } from 'vitest'
import type { Duty } from '../../agent/laws/duty.ts'
import type { InParts } from '../../agent/laws/law.ts'
import { dutyListsOf } from '../../agent/till/reading/duty-list.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'

const PARTS = 50
const PART_NS = 4_000_000n
/** A slice of 5 ms ends after its second part. */
const PARTS_IN_SLICE = 2

test('a list whose law reads long without a duty lets other work run after each 5 ms', async () => {
  const journal = await openJournal(await temporaryDirectory())
  onTestFinished(() => journal.close())
  let elapsedNs = 0n
  const clock = Object.assign(new ManualClock(), { mono: () => elapsedNs })
  const partsByTurn: number[] = [0]
  const turn = (): void => {
    partsByTurn.push(0)
    if (elapsedNs < BigInt(PARTS) * PART_NS) setImmediate(turn)
  }
  function* duties(): InParts<Duty> {
    for (let part = 0; part < PARTS; part += 1) {
      elapsedNs += PART_NS
      partsByTurn.push((partsByTurn.pop() ?? 0) + 1)
      yield undefined
    }
  }
  setImmediate(turn)
  const onError = (error: unknown) => expect.fail(String(error))
  const { dutyList } = dutyListsOf({ journal, clock, duties, onError, authority: undefined, unitsOf: () => [] })
  expect(await dutyList.read()).toEqual([])
  expect(partsByTurn.reduce((sum, parts) => sum + parts, 0)).toBe(PARTS)
  expect(Math.max(...partsByTurn)).toBe(PARTS_IN_SLICE)
})
