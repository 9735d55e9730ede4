import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../../clients/typescript/src/file-store.ts'
import type { Entry } from '../../../clients/typescript/src/store.ts'
import { StoreError } from '../../../clients/typescript/src/store.ts'
import { heavy } from '../../tags.ts'
import { once } from '../../waits.ts'

const LONG_AGO = new Date('2020-01-01T00:00:00Z')

function newFolder(): string {
  return join(mkdtempSync(join(tmpdir(), 'till-')), 'pending')
}

function entryOf(ref: string, more: Partial<Entry> = {}): Entry {
  const request = { key: `${ref}:create`, method: 'POST', path: '/v1/operations', body: { type: 'sale' } } as const
  return { ref, order: 1, step: 'create', request, ...more }
}

test('an entry outlives the till, in a file for its user alone', async () => {
  const folder = newFolder()
  const store = fileStore(folder)
  await store.put(entryOf('a'))
  await store.put(entryOf('b', { order: 2, note: 'Tisch 7' }))
  await store.put(entryOf('a', { step: 'open' }))
  await store.remove('none')
  await store.close()
  expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  const later = fileStore(folder)
  expect(await later.list()).toEqual([entryOf('a', { step: 'open' }), entryOf('b', { order: 2, note: 'Tisch 7' })])
  await later.remove('a')
  expect(await later.list()).toHaveLength(1)
  await later.close()
  expect(readdirSync(folder)).toEqual(['b.json'])
})

test('a file that a crash left under its temporary name is removed, and no entry', async () => {
  const folder = newFolder()
  mkdirSync(folder)
  writeFileSync(join(folder, 'a.json.tmp'), '{"ref":')
  const store = fileStore(folder)
  expect(await store.list()).toEqual([])
  expect(readdirSync(folder)).toEqual(['lock'])
  await store.close()
})

test.each([['{"ref":"a","ord'], [''], ['[]'], ['null']])(
  'a file that was cut is named, and no till opens: %j',
  async (text) => {
    const folder = newFolder()
    mkdirSync(folder)
    writeFileSync(join(folder, 'a.json'), text)
    const store = fileStore(folder)
    await expect(store.list()).rejects.toThrow(/a\.json is damaged: move it away/)
    await store.close()
  },
)

test('a second store of one folder is refused in the same program, until the first is closed', async () => {
  const folder = newFolder()
  const [first, second] = [fileStore(folder), fileStore(`${folder}/`)]
  await first.list()
  await expect(second.list()).rejects.toThrow(StoreError)
  await first.close()
  expect(await second.list()).toEqual([])
  await second.close()
})

test('a folder that another living process has open is refused, and its lock stays', async () => {
  const folder = newFolder()
  mkdirSync(folder)
  writeFileSync(join(folder, 'lock'), String(process.ppid))
  const store = fileStore(folder)
  await expect(store.list()).rejects.toThrow(`process ${process.ppid} has the store open`)
  expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(String(process.ppid))
  await store.close()
  expect(readdirSync(folder)).toEqual(['lock'])
})

test.each([
  ['of a process that ended', '4194304', undefined],
  ['with our own number, of an earlier container', String(process.pid), undefined],
  ['without a number', '', undefined],
  ['from before the start of the machine', String(process.ppid), LONG_AGO],
])('a lock %s is taken over', async (_, content, at) => {
  const folder = newFolder()
  mkdirSync(folder)
  const lock = join(folder, 'lock')
  writeFileSync(lock, content)
  if (at !== undefined) utimesSync(lock, at, at)
  const store = fileStore(folder)
  expect(await store.list()).toEqual([])
  expect(readFileSync(lock, 'utf8')).toBe(String(process.pid))
  await store.close()
  expect(readdirSync(folder)).toEqual([])
})

/** A small disk of its own, as this process reaches it; `shell` runs in its namespace. */
async function smallDisk(): Promise<{ folder: string; shell(script: string): Promise<void> }> {
  const place = mkdtempSync(join(tmpdir(), 'disk-'))
  const script = 'mount -t tmpfs -o size=64k tmpfs "$0" && cd "$0" && echo mounted && exec sh'
  const holder = spawn('unshare', ['-rm', 'sh', '-c', script, place], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void holder.stdin.end())
  await once(holder.stdout, 'data')
  const shell = async (command: string): Promise<void> => {
    holder.stdin.write(`${command}; echo done\n`)
    await once(holder.stdout, 'data')
  }
  return { folder: `/proc/${holder.pid}/root${place}`, shell }
}

test('a full disk refuses a new entry, and keeps the old one whole', heavy(), async () => {
  const { folder, shell } = await smallDisk()
  const store = fileStore(folder)
  await store.put(entryOf('a'))
  await shell(`cat /dev/zero > filler 2>/dev/null`)
  await expect(store.put(entryOf('a', { note: 'x'.repeat(8192) }))).rejects.toThrow('ENOSPC')
  expect(await store.list()).toEqual([entryOf('a')])
  await shell(`rm filler`)
  await store.put(entryOf('a', { step: 'open' }))
  expect(await store.list()).toEqual([entryOf('a', { step: 'open' })])
  await store.close()
})

test('a disk that became read-only refuses a new entry, and is still read', heavy(), async () => {
  const { folder, shell } = await smallDisk()
  const store = fileStore(folder)
  await store.put(entryOf('a'))
  await shell('mount -o remount,ro .')
  await expect(store.put(entryOf('b'))).rejects.toThrow('EROFS')
  await expect(store.remove('a')).rejects.toThrow('EROFS')
  expect(await store.list()).toEqual([entryOf('a')])
  await shell('mount -o remount,rw .')
  await store.close()
})
