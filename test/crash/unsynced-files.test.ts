import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import { spawnNode } from './daemon.ts'
import { RecordedDisk, recording } from './recorded-disk.ts'
import { seeded } from './seeded.ts'

const SEEDS = 24
/** Several sectors each. */
const [older, newer] = ['a'.repeat(1500), 'b'.repeat(2500)]

/** A disk whose changes are recorded, and the program that writes on it and is killed then. */
function recordedFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'written-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [disk, log] = [join(folder, 'disk'), join(folder, 'disk.log')]
  mkdirSync(disk)
  const environment = recording(join(folder, 'recorded-disk.so'), log, `/${basename(folder)}/disk`)
  const write = async (way: string, text: string): Promise<number> => {
    const child = spawnNode(['test/crash/file-writer.ts', way, join(disk, 'file'), text], environment)
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
    return statSync(log).size
  }
  /** The file as a power cut at that byte of the record may leave it. */
  const left = (at: number, seed: number): string => {
    const place = join(folder, `left-${at}-${seed}`)
    new RecordedDisk(log, at).leave(seeded(seed), new Map([[disk, place]]))
    return join(place, 'file')
  }
  return { write, left }
}

test('an emptied log is in the database also after a power cut', heavy(), async () => {
  const { write, left } = recordedFolder()
  const end = await write('checkpoint', older)
  for (let seed = 1; seed <= SEEDS; seed++) {
    const db = new Database(left(end, seed), { fileMustExist: true })
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(db.prepare('SELECT count(*) FROM row').pluck().get()).toBe(50)
    db.close()
  }
})

test.each(['writeDurably', 'replaceFile', 'replaceConcurrently'])(
  '%s: after a power cut the older or the newer file exists, complete, and the newer once confirmed',
  heavy(),
  async (way) => {
    const { write, left } = recordedFolder()
    const content = (at: number, seed: number): string => {
      const file = left(at, seed)
      return existsSync(file) ? readFileSync(file, 'utf8') : 'nothing'
    }
    const first = await write(way, older)
    const second = await write(way, newer)
    for (let seed = 1; seed <= SEEDS; seed++) {
      expect(content(first, seed)).toBe(older)
      expect(content(second, seed)).toBe(newer)
      expect([older, newer]).toContain(content(first + seeded(seed).below(second - first), seed))
    }
  },
)
