// @module-tag heavy
import { execFile } from 'node:child_process'
import { readdir, rename, stat, truncate, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Space } from '../../agent/journal/disk/space.ts'
import { systemClock } from '../../base/clock.ts'
import { temporaryDirectory } from './temporary-journal.ts'

const SELLER = fileURLToPath(new URL('./children/small-disk.ts', import.meta.url))

const SPACE = new URL('../../agent/journal/disk/space.ts', import.meta.url).href
const AGENT = new URL('../../agent', import.meta.url).href

/** Runs the seller on a separate disk, in memory, that only its mount namespace sees. */
async function sellOnDisk(size: string): Promise<Record<string, Record<string, unknown>>> {
  const directory = await temporaryDirectory()
  const script = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec "$1" "$2" "$0"`
  const { stdout } = await promisify(execFile)('unshare', [
    '-rm',
    'sh',
    '-c',
    script,
    directory,
    process.execPath,
    SELLER,
  ])
  const stations = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  return Object.fromEntries(stations.map(({ station, ...facts }) => [station, facts]))
}

test('a full disk refuses new work, finishes running work from the reserve, and recovers automatically', async () => {
  const stations = await sellOnDisk('24m')
  const size = 24 * 1_048_576
  expect(stations['opened']).toMatchObject({
    level: 'ok',
    totalBytes: size,
    lowWaterBytes: size / 10,
    reserveBytes: Math.floor(size / 20),
    reserve: Math.floor(size / 20),
  })
  expect(stations['full']).toMatchObject({ level: 'full', answer: 'storage_unavailable', reserve: 0 })
  expect(stations['full']?.['sold']).toBeGreaterThan(50)
  expect(stations['finishing']).toEqual({ outcomes: ['ok'], intent: 'storage_unavailable' })
  expect(stations['recovered']).toEqual({
    refused: 'storage_unavailable',
    level: 'ok',
    intent: 'ok',
    reserve: Math.floor(size / 20),
  })
  expect(stations['fatal']).toBeUndefined()
})

test('the reserve of a big disk is 64 MB, made once and found again', async () => {
  const directory = await temporaryDirectory()
  const first = new Space({ directory, clock: systemClock })
  await first.open()
  expect(first.admits()).toBe(true)
  expect(first.state()).toMatchObject({
    reserveBytes: 64_000_000,
    reserveHeldBytes: 64_000_000,
    lowWaterBytes: 500_000_000,
  })
  await first.close()
  const again = new Space({ directory, clock: systemClock })
  await again.open()
  expect(again.state().reserveHeldBytes).toBe(64_000_000)
  await again.close()
})

test('a reserve that was copied from a larger disk is cut to what this one keeps', async () => {
  const directory = await temporaryDirectory()
  await writeFile(`${directory}/reserve`, '')
  await truncate(`${directory}/reserve`, 80_000_000)
  const space = new Space({ directory, clock: systemClock })
  await space.open()
  expect((await stat(`${directory}/reserve`)).size).toBe(64_000_000)
  await space.close()
})

test('if the reserve cannot be written, though the disk has space, no new work is admitted', async () => {
  const directory = await temporaryDirectory()
  const program = `const { Space } = await import(${JSON.stringify(SPACE)})
    const clock = { now: () => 0, mono: () => 0n, after: () => () => {} }
    const space = new Space({ directory: ${JSON.stringify(directory)}, clock })
    await space.open()
    console.log(space.admits(), space.state().level, space.state().reserveHeldBytes)`
  const limited = ['-c', 'ulimit -f 1000 && exec "$0" --input-type=module -e "$1"', process.execPath, program]
  expect((await promisify(execFile)('sh', limited)).stdout).toBe('false full 0\n')
  expect(await readdir(directory)).toEqual([])
})

test('a start without the space for its writes reports that before it writes any of them', async () => {
  const directory = await temporaryDirectory()
  const program = `const { refuseFullDisk } = await import(${JSON.stringify(SPACE)})
    const { rmSync, writeFileSync } = await import('node:fs')
    const directory = ${JSON.stringify(directory)}
    const look = () => {
      try { refuseFullDisk(directory); return 'room' } catch (error) { return [error.name, error.code, error.message.includes('df -h')] }
    }
    const fill = (name, bytes) => { try { writeFileSync(directory + '/' + name, Buffer.alloc(bytes)) } catch {} }
    const said = [look()]
    fill('reserve', 1_200_000)
    fill('others', 9_000_000)
    said.push(look())
    rmSync(directory + '/reserve')
    fill('more', 9_000_000)
    said.push(look())
    console.log(JSON.stringify(said))`
  const script = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$1" --input-type=module -e "$2"'
  const args = ['-rm', 'sh', '-c', script, directory, process.execPath, program]
  const { stdout } = await promisify(execFile)('unshare', args)
  // The reserve may be used up.
  expect(JSON.parse(stdout)).toEqual(['room', 'room', ['DiskFullError', 'storage_unavailable', true]])
})

test('a disk that does not report its space refuses no sale, and the log mentions it once', async () => {
  const directory = await temporaryDirectory()
  const told: string[] = []
  const log = { warn: (_fields: object, message: string): number => told.push(message) }
  const space = new Space({ directory, clock: systemClock, log })
  await space.open()
  await rename(directory, `${directory}-away`)
  expect([space.admits(), space.refusal(), space.state().level]).toEqual([true, undefined, 'ok'])
  expect(told).toEqual(['the disk does not report its free space'])
  await rename(`${directory}-away`, directory)
  expect(space.admits()).toBe(true)
  await space.close()
})

test('a disk without free inodes is reported as that: by the warning, by doctor and by a start that needs some', async () => {
  const directory = await temporaryDirectory()
  const sources = ['journal/disk/space.ts', 'journal/disk/lock.ts', 'cli/checks/state.ts'].map(
    (path) => `${AGENT}/${path}`,
  )
  const program = `const [{ Space }, { acquireLock }, { checkSpace }] = await Promise.all(${JSON.stringify(sources)}.map((path) => import(path)))
    const { writeFileSync } = await import('node:fs')
    const directory = ${JSON.stringify(directory)}
    const space = new Space({ directory, clock: { now: () => 0, mono: () => 0n, after: () => () => {} } })
    await space.open()
    const say = () => console.log(space.state().level, space.admits(), checkSpace(directory).state)
    say()
    try { for (let n = 0; n < 500; n++) writeFileSync(directory + '/' + n, '') } catch {}
    say()
    console.log(checkSpace(directory).message)
    try { acquireLock(directory) } catch (error) { console.log(error.code, error.message.includes('df -i')) }`
  const script = `mount -t tmpfs -o size=1400m,nr_inodes=300 tmpfs "$0" && exec "$1" --input-type=module -e "$2"`
  const args = ['-rm', 'sh', '-c', script, directory, process.execPath, program]
  const { stdout } = await promisify(execFile)('unshare', args)
  expect(stdout.split('\n')).toEqual([
    'ok true ok',
    'low true failure',
    expect.stringContaining('room for 0 more files only'),
    'state_unwritable true',
    '',
  ])
})
