import { expect, test } from 'vitest'
import type { View } from '../../../../agent/journal/projections/view.ts'
import { Notices } from '../../../../agent/laws/germany/elster/notices.ts'
import { noticeTasks } from '../../../../agent/laws/germany/tasks.ts'
import { Place, SERIALS } from './place.ts'

/** The view, with the number of its reads. */
function counted(view: View): { view: View; reads: () => number } {
  let reads = 0
  const proxy = new Proxy(view, {
    get: (target, name: keyof View) => {
      reads += 1
      return target[name]
    },
  })
  return { view: proxy, reads: () => reads }
}

/** The most reads of a part, for a place with a confirmed notice and a change of each till since. */
async function mostReads(tills: number): Promise<{ most: number; parts: number; tasks: number }> {
  const place = await Place.open()
  await place.location('loc_1')
  await place.tse(SERIALS.a)
  const ids = Array.from({ length: tills }, (_, index) => `reg_${index}`)
  for (const id of ids) await place.till(id, 'loc_1', SERIALS.a)
  await place.confirm()
  for (const model of ['Typ 200', 'Typ 300']) for (const id of ids) await place.changes(id, { model })
  const { view, reads } = counted(place.journal.view)
  let [most, parts, tasks, before] = [0, 0, 0, 0]
  for (const task of noticeTasks(view, new Notices(view))) {
    most = Math.max(most, reads() - before)
    before = reads()
    parts += 1
    if (task !== undefined) tasks += 1
  }
  return { most, parts, tasks }
}

test('a part of a reading, after which tills run, reads as much with 40 tills as with 4', async () => {
  const [few, many] = [await mostReads(4), await mostReads(40)]
  expect([few.tasks, many.tasks]).toEqual([2, 2])
  expect(many.most).toBe(few.most)
  expect(many.parts).toBeGreaterThan(9 * few.parts)
})
