import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import { spawnNode } from './daemon.ts'
import { RecordedDisk, recording } from './recorded-disk.ts'
import { seeded } from './seeded.ts'

const SEEDS = 24
/** Several sectors each. */
const [older, newer] = ['a'.repeat(1500), 'b'.repeat(2500)]

test.each(['writeDurably', 'replaceFile', 'replaceConcurrently'])(
  '%s: after a power cut the older or the newer file exists, complete, and the newer once confirmed',
  heavy(),
  async (way) => {
    const folder = mkdtempSync(join(tmpdir(), 'written-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const [disk, log] = [join(folder, 'disk'), join(folder, 'disk.log')]
    mkdirSync(disk)
    const environment = recording(join(folder, 'recorded-disk.so'), log, `/${basename(folder)}/disk`)
    const write = async (text: string): Promise<number> => {
      const child = spawnNode(['test/crash/file-writer.ts', way, join(disk, 'file'), text], environment)
      expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
      return statSync(log).size
    }
    const left = (at: number, seed: number): string => {
      const place = join(folder, `left-${at}-${seed}`)
      new RecordedDisk(log, at).leave(seeded(seed), new Map([[disk, place]]))
      return existsSync(join(place, 'file')) ? readFileSync(join(place, 'file'), 'utf8') : 'nothing'
    }
    const first = await write(older)
    const second = await write(newer)
    for (let seed = 1; seed <= SEEDS; seed++) {
      expect(left(first, seed)).toBe(older)
      expect(left(second, seed)).toBe(newer)
      expect([older, newer]).toContain(left(first + seeded(seed).below(second - first), seed))
    }
  },
)
