import { expect, test } from 'vitest'
import type { View } from '../../../../agent/journal/projections/view.ts'
import { joinsArchives } from '../../../../agent/laws/germany/after-deletion.ts'
import { Bench } from '../../../e2e/bench.ts'
import { sell } from '../../../e2e/goods.ts'

// A unit that does not report its last transaction, whose logs were deleted: its oldest log shows what may be missing.

const BLOCK = 512
const DELETED = 3

/** The TAR without its first logs: each file is a header with its size, and its content in whole blocks. */
function afterDeletion(tar: Uint8Array): Uint8Array {
  const bytes = Buffer.from(tar)
  const kept: Buffer[] = []
  let logs = 0
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8) || 0
    const end = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK
    if (!name.endsWith('.log') || ++logs > DELETED) kept.push(bytes.subarray(at, end))
    at = end
  }
  return Buffer.concat(kept)
}

function viewOf(archives: readonly object[]): View {
  return { tse: () => ({ shown: { archives } }) } as unknown as View
}

function unitWith(tar: Uint8Array) {
  return {
    exportLogs: async function* () {
      yield tar
    },
  }
}

test('deleted logs that the journal or its archives have are not missing; a gap after them is', async () => {
  await using bench = await Bench.open()
  await sell(await bench.till('0.00'), '1.00')
  const unit = unitWith(afterDeletion(await bench.exported('tse_tar')))
  const joins = (counter: number, ...archives: object[]) => joinsArchives(unit, viewOf(archives), 'unit', counter)
  expect(await joins(DELETED)).toBe(true)
  expect(await joins(1, { last_counter: DELETED })).toBe(true)
  expect(await joins(DELETED - 1)).toBe(false)
  expect(await joins(1, { last_counter: DELETED - 1 })).toBe(false)
  const empty = unitWith(Buffer.alloc(2 * BLOCK))
  expect(await joinsArchives(empty, viewOf([{ last_counter: DELETED }]), 'unit', DELETED)).toBe(false)
})
