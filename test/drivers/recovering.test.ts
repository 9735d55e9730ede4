import { expect, test } from 'vitest'
import type { Effect } from '../../drivers/errors.ts'
import { DeviceError } from '../../drivers/errors.ts'
import { recovering } from '../../drivers/recovering.ts'

/** An act that is answered so once and then done, and what became of it. */
async function scene(effect: Effect) {
  let acts = 0
  const act = async (): Promise<number> => {
    acts += 1
    if (acts === 1) throw new DeviceError('time_not_set', effect, 'the time must be set first')
    return acts
  }
  const outcome = await recovering(act, async ({ code }) => code === 'time_not_set', 3).catch((error: unknown) => error)
  return { acts, outcome }
}

test('a refused command is repeated after its cause was fixed', async () => {
  expect(await scene('none')).toEqual({ acts: 2, outcome: 2 })
})

test('a command that may have been executed is not repeated, whatever code the device returns', async () => {
  expect(await scene('unknown')).toMatchObject({ acts: 1, outcome: { code: 'time_not_set', effect: 'unknown' } })
})
