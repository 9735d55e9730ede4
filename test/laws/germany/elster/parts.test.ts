// @module-tag heavy
import { expect, test } from 'vitest'
import type { View } from '../../../../agent/journal/projections/view.ts'
import { noticeFiles } from '../../../../agent/laws/germany/elster/files.ts'
import { Notices } from '../../../../agent/laws/germany/elster/notices.ts'
import { noticeTasks } from '../../../../agent/laws/germany/tasks.ts'
import type { InParts } from '../../../../agent/laws/law.ts'
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

type Read = (view: View) => InParts<object>

const READS: readonly [string, Read][] = [
  ['the duties', (view) => noticeTasks(view, new Notices(view))],
  ['the files', (view) => noticeFiles(view, new Notices(view), undefined, false)],
]

/** The most reads of a part, for a place with a confirmed notice and a change of each till since. */
async function mostReads(tills: number, read: Read): Promise<{ most: number; parts: number; items: number }> {
  const place = await Place.open()
  await place.location('loc_1')
  await place.tse(SERIALS.a)
  const ids = Array.from({ length: tills }, (_, index) => `reg_${index}`)
  for (const id of ids) await place.till(id, 'loc_1', SERIALS.a)
  await place.confirm()
  for (const model of ['Typ 200', 'Typ 300']) for (const id of ids) await place.changes(id, { model })
  const { view, reads } = counted(place.journal.view)
  let [most, parts, items, before] = [0, 0, 0, 0]
  for (const item of read(view)) {
    most = Math.max(most, reads() - before)
    before = reads()
    parts += 1
    if (item !== undefined) items += 1
  }
  return { most, parts, items }
}

test.each(READS)('a part of %s, after which tills run, reads as much with 40 tills as with 4', async (_what, read) => {
  const [few, many] = [await mostReads(4, read), await mostReads(40, read)]
  expect(many.items).toBe(few.items)
  expect(many.most).toBe(few.most)
  expect(many.parts).toBeGreaterThan(8 * few.parts)
})
