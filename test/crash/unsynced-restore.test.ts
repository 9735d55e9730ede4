// @module-tag heavy
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { finishPlacing } from '../../agent/backup/place.ts'
import { emptyReserve } from '../empty-reserve.ts'
import { verifyJournal } from '../verified-journal.ts'
import { once } from '../waits.ts'
import { spawnNode } from './daemon.ts'
import { RecordedDisk, recording } from './recorded-disk.ts'
import { seeded } from './seeded.ts'

const SEEDS = 12

test('a journal that a restore replaced survives a power cut', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'replaced-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [disk, state, newer] = [join(folder, 'disk'), join(folder, 'disk', 'state'), join(folder, 'newer')]
  const [log, backup] = [join(folder, 'disk.log'), join(folder, 'shop.backup')]
  const environment = recording(join(folder, 'recorded-disk.so'), log, `/${basename(folder)}/disk`)
  mkdirSync(disk)
  emptyReserve(state)
  const run = async (of: string, ...args: string[]): Promise<void> => {
    const config = join(folder, `${basename(of)}.json`)
    writeFileSync(config, JSON.stringify({ version: 1, state: of, listen: { port: 0 }, devices: [] }))
    const child = spawnNode(['bin/fiskal-edge.cjs', ...args, '--config', config], of === state ? environment : {})
    expect(await once(child, 'close'), args.join(' ')).toEqual([0, null])
  }
  await run(state, 'key', 'create', 'platform')
  cpSync(state, newer, { recursive: true })
  await run(newer, 'key', 'create', 'platform')
  await run(newer, 'backup', backup, '--no-secrets')
  await run(state, 'restore', backup, '--no-secrets', '--unsealed')
  const sold = readFileSync(join(state, 'replaced-1', 'journal.db'))
  for (let seed = 1; seed <= SEEDS; seed++) {
    const left = join(folder, `left-${seed}`)
    new RecordedDisk(log, statSync(log).size).leave(seeded(seed), new Map([[state, left]]))
    finishPlacing(left)
    expect(await verifyJournal(left)).toMatchObject({ valid: true, epoch: 2 })
    expect(readFileSync(join(left, 'replaced-1', 'journal.db')).equals(sold)).toBe(true)
  }
})
