import { spawn } from 'node:child_process'
import { hash as digest } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../agent/backup/earlier-restores.ts'
import { readBackup } from '../../agent/backup/format.ts'
import { reopenJournal } from '../../agent/backup/hand-over.ts'
import { lastBackup } from '../../agent/backup/last.ts'
import { finishPlacing } from '../../agent/backup/place.ts'
import { unfinishedBackups } from '../../agent/backup/unfinished-backups.ts'
import { checkUnfinished } from '../../agent/cli/checks/backup.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { acquireLock } from '../../agent/journal/disk/lock.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import { appendNotes, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { once } from '../waits.ts'
import { backUp, PARTS, restore } from './parts.ts'
import { restingState } from './resting-state.ts'
import { keepArchive, tellArchives } from './tse-archives.ts'

const CHILD = join(import.meta.dirname, 'children', 'act.ts')
/** More points than there are. */
const POINTS_MAX = 80

/** True if the child finished. */
async function act(
  what: 'restore' | 'move' | 'reopen' | 'backup',
  state: string,
  file: string,
  deadly: number,
): Promise<boolean> {
  const child = spawn(process.execPath, [CHILD, what, state, file, String(deadly)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(said)
  return code === 0
}

/** The events of the state as the next start finds it, whose keys must fit its journal. */
async function nextStart(state: string): Promise<number> {
  const lock = acquireLock(state)
  try {
    finishPlacing(state)
    const { checkpointKey, unseal } = openStateDirectory(state, PARTS.random)
    const report = await verifyJournal(state)
    expect(report).toMatchObject({ valid: true, findings: [] })
    expect(unseal('aes-reg_1')).toBeDefined()
    const journal = await openJournal(state, { signer: checkpointSigner(checkpointKey) })
    await journal.close()
    return report.events
  } finally {
    lock.release()
  }
}

test(
  'killed at any step, a restore leaves the old state or the new one, each whole with its keys',
  heavy(),
  async () => {
    const folder = await temporaryDirectory()
    const { state: source, signer } = await restingState()
    // One exists already.
    const archives = [await keepArchive(source, '1-90', 9000)]
    const old = join(folder, 'old')
    await cp(source, old, { recursive: true })
    const journal = await openJournal(source, { signer })
    await appendNotes(journal, 40)
    await journal.close()
    archives.push(await keepArchive(source, '91-99', 9000), await keepArchive(source, '100-120', 9000))
    await tellArchives(source, signer, archives)
    const { file, events } = await backUp(source, folder)
    const states = new Set<number>()
    for (let deadly = 1, done = false; !done; deadly++) {
      expect(deadly).toBeLessThan(POINTS_MAX)
      const state = join(folder, `state-${deadly}`)
      await cp(old, state, { recursive: true })
      // The folder of a download from a receiver, which its own command removes.
      await mkdir(join(state, 'restore.download'))
      done = await act('restore', state, file, deadly)
      const present = await nextStart(state)
      expect(await readdir(state)).not.toContain('restore.tmp')
      expect([201, events + 1]).toContain(present)
      states.add(present)
      // The rest of the attempt blocks nothing.
      if (present === 201) expect(await restore(state, file)).toMatchObject({ events: events + 1 })
      expect((await readdir(state)).filter((name) => name.startsWith('restore.'))).toEqual([])
      for (const { file: name, sha256 } of archives)
        expect(digest('sha256', await readFile(join(state, 'archives', name)), 'hex')).toBe(sha256)
      await rm(state, { recursive: true })
    }
    expect(states.size).toBe(2)
  },
)

test('a restore that is repeated after its decision reports that it is done, not that the restored state is newer', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const { file } = await backUp(state, folder)
  const cut = (point: string): void => {
    if (point === 'restore.replacing') throw new Error('cut off')
  }
  await expect(restore(state, file, { fault: cut })).rejects.toThrow('cut off')
  await expect(restore(state, file)).rejects.toMatchObject({ code: 'restore_finished' })
  expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 2 })
  await expect(restore(state, file)).rejects.toMatchObject({ code: 'state_newer' })
  expect(await nextStart(state)).toBe(202)
})

test('killed at any step, a backup is complete or absent, and a move can be completed', heavy(), async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  for (let deadly = 1, done = false; !done; deadly++) {
    expect(deadly).toBeLessThan(POINTS_MAX)
    const file = join(folder, `${deadly}.backup`)
    const copy = join(folder, `state-${deadly}`)
    await cp(state, copy, { recursive: true })
    done = await act('move', copy, file, deadly)
    if ((await readdir(folder)).includes(`${deadly}.backup`)) {
      for await (const line of readBackup(file)) void line
    }
    // A begun move can be completed; each third one, since a process takes its time.
    if (deadly % 3 !== 0 && !done) continue
    await act('move', copy, file, POINTS_MAX)
    const earlierRestores = openEarlierRestores(file)
    expect(await restore(join(folder, `other-${deadly}`), file, { earlierRestores })).toMatchObject({ complete: true })
    expect(await readdir(folder)).not.toContain(`${deadly}.backup.tmp`)
  }
})

test(
  'killed at any step, a reopened journal is moved or continues, and no selling machine is reported as moved',
  heavy(),
  async () => {
    const folder = await temporaryDirectory()
    const { state } = await restingState()
    const file = join(folder, 'move.backup')
    await act('move', state, file, POINTS_MAX)
    let goesOn = 0
    for (let deadly = 1, done = false; !done; deadly++) {
      expect(deadly).toBeLessThan(POINTS_MAX)
      const copy = join(folder, `state-${deadly}`)
      await cp(state, copy, { recursive: true })
      done = await act('reopen', copy, file, deadly)
      const again = await reopenJournal({ ...PARTS, stateDirectory: copy, fault: () => undefined }).catch(
        ({ code }: { code: string }) => code,
      )
      if (again === 'nothing_to_reopen') goesOn += 1
      else expect(again).toEqual({ wasMoved: true })
      expect(lastBackup(copy)).toBeUndefined()
    }
    expect(goesOn).toBeGreaterThan(1)
  },
)

test(
  'the rest of a killed backup is named by doctor and removed by the next one, if it is still that file',
  heavy(),
  async () => {
    const folder = await temporaryDirectory()
    const { state } = await restingState()
    const hourAgo = Date.now() / 1000 - 3601
    const [left, kept] = [join(folder, 'left.backup.tmp'), join(folder, 'kept.backup.tmp')]
    for (const name of ['kept.backup', 'left.backup'])
      expect(await act('backup', state, join(folder, name), 1)).toBe(false)
    expect(checkUnfinished(unfinishedBackups(state), Date.now())).toEqual([])
    await rename(kept, join(folder, 'away'))
    await writeFile(kept, 'the accounts of the shop')
    for (const path of [left, kept]) await utimes(path, hourAgo, hourAgo)
    const words = checkUnfinished(unfinishedBackups(state), Date.now()).map(({ message, remedy }) => [message, remedy])
    expect(words).toContainEqual([`${left} is left of one that was broken off`, 'the next backup removes it'])
    expect(words).toContainEqual([expect.stringContaining(kept), expect.stringContaining('look, and delete it')])
    await backUp(state, folder, 'whole.backup')
    expect((await readdir(folder)).sort()).toEqual(['away', 'kept.backup.tmp', 'whole.backup'])
    await rm(kept)
    await backUp(state, folder, 'again.backup')
    expect(checkUnfinished(unfinishedBackups(state), Date.now())).toEqual([])
    expect((await readdir(state)).filter((name) => name.startsWith('backup-'))).toEqual([])
  },
)
