import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { makeFolder } from '../../agent/state/state-directory.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'

const MAKER = join(import.meta.dirname, 'folder-maker.ts')

test('two who make the same folder in the same moment both have it', heavy(), async () => {
  const above = await temporaryDirectory()
  const turns = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  const makers = [0, 1].map(() => new Worker(MAKER, { workerData: { above, turns } }))
  const failures = await Promise.all(makers.map((maker) => once(maker, 'message')))
  expect(failures.flat(2)).toEqual([])
})

test('a folder that links to an unmounted disk is reported as that', async () => {
  const link = join(await temporaryDirectory(), 'exports')
  symlinkSync('/none/exports', link)
  expect(() => makeFolder(link)).toThrow(
    expect.objectContaining({
      code: 'path_unusable',
      message: expect.stringContaining('a link that leads nowhere: mount'),
    }),
  )
})
