// @module-tag heavy
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inNewFolder } from '../../agent/cli/files/new-folder.ts'
import { once } from '../waits.ts'
import { ROOT, removedLater } from './command.ts'

const WORKING = 'working\n'

/** A folder that a separate process fills, with one file in it, until that is stopped. */
async function filling(folder: string) {
  const script = `
    const { inNewFolder } = await import('./agent/cli/files/new-folder.ts')
    const { writeFileSync } = await import('node:fs')
    setInterval(() => undefined, 60_000)
    await inNewFolder(${JSON.stringify(folder)}, 'sums', (made) => {
      writeFileSync(made + '/books', 'half')
      process.stdout.write(${JSON.stringify(WORKING)})
      return new Promise(() => undefined)
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const [first] = await Promise.race([once(child.stdout, 'data'), ended])
  if (String(first) !== WORKING) throw new Error(`The process that fills ${folder} ended at once: ${first}`)
  return { child, ended }
}

function newFolder(): string {
  return join(removedLater(mkdtempSync(join(tmpdir(), 'folder-'))), 'audit')
}

async function fill(made: string): Promise<string> {
  for (const name of ['sums', 'books']) writeFileSync(join(made, name), name)
  return 'done'
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('a command that %s stops leaves its folder empty', async (signal, code) => {
  const folder = newFolder()
  const { child, ended } = await filling(folder)
  child.kill(signal)
  expect(await ended).toEqual([code, null])
  expect(readdirSync(folder)).toEqual([])
})

test('the folder of a killed command blocks the next no more than an empty one; one being written does', async () => {
  const folder = newFolder()
  const { child, ended } = await filling(folder)
  await expect(inNewFolder(folder, 'sums', fill)).rejects.toThrow(`process ${child.pid} is writing into ${folder}`)
  expect(readdirSync(folder)).toEqual([`.unfinished-${child.pid}`])
  child.kill('SIGKILL')
  await ended
  expect(await inNewFolder(folder, 'sums', fill)).toBe('done')
  expect(readdirSync(folder).sort()).toEqual(['books', 'sums'])
  await expect(inNewFolder(folder, 'sums', fill)).rejects.toThrow('is not empty')
})

test('a folder that cannot be made, or whose path is a file, is reported at once', async () => {
  const fill = async () => 'done'
  await expect(inNewFolder('/proc/none/audit', 'sums', fill)).rejects.toMatchObject({ code: 'ENOENT' })
  const file = join(removedLater(mkdtempSync(join(tmpdir(), 'audit-'))), 'file')
  writeFileSync(file, 'of the shop')
  await expect(inNewFolder(file, 'sums', fill)).rejects.toThrow(`${file} is not a folder`)
  expect(readFileSync(file, 'utf8')).toBe('of the shop')
})

test('an export that is broken off in its child process leaves nothing next to its place', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'export-')))
  const script = `
    const { withoutHalf } = await import('./agent/cli/files/without-litter.ts')
    const { mkdirSync, writeFileSync } = await import('node:fs')
    const path = ${JSON.stringify(join(folder, 'books'))}
    await withoutHalf(path, () => {
      for (const half of ['.tmp', '.part']) writeFileSync(path + half, 'half')
      mkdirSync(path + '.building')
      writeFileSync(path + '.building/package.zip', 'half')
      process.kill(process.pid, 'SIGINT')
      return new Promise((resolve) => setTimeout(resolve, 60_000))
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, stdio: 'ignore' })
  expect(await once(child, 'close')).toEqual([130, null])
  expect(readdirSync(folder)).toEqual([])
})
