// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examineBackup } from '../../agent/backup/examine.ts'
import type { BackupLine } from '../../agent/backup/format.ts'
import { readBackup, writeBackup } from '../../agent/backup/format.ts'
import { isLine } from '../../agent/backup/line-shape.ts'
import { verify } from '../../agent/cli/verify.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { backUp, restore } from './parts.ts'
import { restingState } from './resting-state.ts'

const WATCH = {
  opened: async (): Promise<void> => undefined,
  demandPlace: async (): Promise<void> => undefined,
  check: async (): Promise<void> => undefined,
  outside: <Result>(act: () => Promise<Result>): Promise<Result> => act(),
}

test.each([
  { chain: '0190aaaa-0000-7000-8000-0000000000aa' },
  { epoch: 3 },
  { agent: '0190aaaa-0000-7000-8000-0000000000ab' },
  { events: 200 },
])(
  'a backup whose first line names another journal than it holds (%o) is not whole, and the error says so',
  async (other) => {
    const { state } = await restingState()
    const folder = await temporaryDirectory()
    const { file } = await backUp(state, folder)
    expect((await verify(file, {}))[0]).toMatchObject({ valid: true, findings: [] })
    const changed = join(folder, 'changed.backup')
    const lines = async function* (): AsyncGenerator<string> {
      for await (const line of readBackup(file))
        yield `${JSON.stringify(line.t === 'backup' ? ({ ...line, ...other } satisfies BackupLine) : line)}\n`
    }
    await writeBackup(changed, lines(), [], WATCH, () => undefined)
    const { header } = await examineBackup(changed, LAW_BOOKS)
    expect(header).toMatchObject(other)
    const [verdict] = await verify(changed, {})
    expect(verdict).toMatchObject({ valid: false, findings: [expect.stringContaining('first line')] })
  },
)

test('a line of an unknown kind is not a backup, also if every object has a member of its name', () => {
  expect(isLine({ t: 'done', lines: 1, sha256: '' })).toBe(true)
  for (const t of ['constructor', '__proto__', 'toString', ['done']])
    expect(isLine({ t, lines: 1, sha256: '' })).toBe(false)
})

test.each([
  ['is no list', 'checkpoint', {}],
  ['has a value that no table holds', 'checkpoint', [1, { b: 5 }, 'key', true]],
  ['has more values than its table', 'checkpoint', Array(50_000).fill(1)],
  ['is of a table named as what every object has', 'constructor', [1]],
])('a backup with a row that %s is not whole, and the disk is not blamed for it', async (_, table, row) => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const { file } = await backUp(state, folder)
  const changed = join(folder, 'changed.backup')
  const lines = async function* (): AsyncGenerator<string> {
    for await (const line of readBackup(file)) {
      yield `${JSON.stringify(line)}\n`
      if (line.t === 'backup') yield `${JSON.stringify({ t: 'row', table, row })}\n`
    }
  }
  await writeBackup(changed, lines(), [], WATCH, () => undefined)
  await expect(restore(join(folder, 'state'), changed)).rejects.toMatchObject({ code: 'backup_damaged' })
})
