// @module-tag heavy
import { execFile, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { acquireLock, StateLockedError } from '../../agent/journal/disk/lock.ts'
import { once } from '../waits.ts'
import { temporaryDirectory } from './temporary-journal.ts'

const LOCK = new URL('../../agent/journal/disk/lock.ts', import.meta.url).href
const HOLDER = fileURLToPath(new URL('./children/lock-holder.ts', import.meta.url))

async function startHolder(directory: string) {
  const child = spawn(process.execPath, [HOLDER, directory], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await once(child.stdout, 'data')
  return child
}

test('a second process is refused at once, learns which one holds the state, and is let in when that one is killed', async () => {
  const directory = await temporaryDirectory()
  const holder = await startHolder(directory)
  let refusal: unknown
  try {
    acquireLock(directory)
  } catch (error) {
    refusal = error
  }
  expect(refusal).toBeInstanceOf(StateLockedError)
  expect(refusal).toMatchObject({ code: 'state_locked', pid: holder.pid })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  acquireLock(directory).release()
})

test('the lock holds against this very process and ends with its release', async () => {
  const directory = await temporaryDirectory()
  const lock = acquireLock(directory)
  expect(() => acquireLock(directory)).toThrow(StateLockedError)
  expect(() => acquireLock(directory)).toThrow(String(process.pid))
  lock.release()
  acquireLock(directory).release()
})

test('a state directory that cannot be written is refused by name', async () => {
  const missing = join(await temporaryDirectory(), 'missing')
  expect(() => acquireLock(missing)).toThrow(expect.objectContaining({ code: 'state_unwritable' }))
})

test('the lock takes no space: on a disk that filled up while the agent was down it is still held', async () => {
  const directory = await temporaryDirectory()
  const program = `const { acquireLock } = await import(${JSON.stringify(LOCK)})
    const { writeFileSync } = await import('node:fs')
    const directory = ${JSON.stringify(directory)}
    acquireLock(directory).release()
    try { writeFileSync(directory + '/fill', Buffer.alloc(1_000_000)) } catch {}
    const lock = acquireLock(directory)
    try { acquireLock(directory) } catch (error) { console.log(lock.holds(), error.code) }`
  const script = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$1" --input-type=module -e "$2"'
  const args = ['-rm', 'sh', '-c', script, directory, process.execPath, program]
  expect((await promisify(execFile)('unshare', args)).stdout).toBe('true state_locked\n')
})

test('a lock whose file is deleted is taken again, and lost if another process came in first', async () => {
  const directory = await temporaryDirectory()
  const lock = acquireLock(directory)
  await rm(join(directory, 'lock.db'))
  expect(lock.holds()).toBe(true)
  expect(() => acquireLock(directory)).toThrow(StateLockedError)
  await rm(join(directory, 'lock.db'))
  const holder = await startHolder(directory)
  expect(lock.holds()).toBe(false)
  lock.release()
  expect(() => acquireLock(directory)).toThrow(String(holder.pid))
})
