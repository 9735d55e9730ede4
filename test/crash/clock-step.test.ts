// @module-tag heavy
import type { ChildProcess } from 'node:child_process'
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ownPlace, runDaemon } from './daemon.ts'

const DAY_MS = 86_400_000

/** The library that gives a process another wall clock, for threads too. */
function faketime(): string | undefined {
  const libraries = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketimeMT.so.1'))
  return libraries.find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)
}

/** The size of the next step that a daemon logs. */
function steppedBy({ stderr }: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    stderr?.on('data', (data: string) => {
      text += data
      const line = text.split('\n').find((found) => found.includes('the clock of this machine stepped'))
      if (line?.endsWith('}')) resolve(Number(JSON.parse(line).ms))
    })
    stderr?.once('close', () => reject(new Error(`no step in the log: ${text}`)))
  })
}

test('the daemon sees its machine step while it runs, and between two starts of one boot', async () => {
  const { config, folder } = ownPlace()
  const offset = join(folder, 'offset')
  writeFileSync(offset, '+0\n')
  const preload = {
    ...{ LD_PRELOAD: String(faketime()), FAKETIME_TIMESTAMP_FILE: offset },
    ...{ FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
  }
  const running = runDaemon(config, preload)
  onTestFinished(() => {
    running.child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const whileRunning = steppedBy(running.child)
  expect(await running.ready).toBeDefined()
  // Read at each look at the clock: never half of it.
  writeFileSync(`${offset}.new`, '+86400\n')
  renameSync(`${offset}.new`, offset)
  expect(Math.abs((await whileRunning) - DAY_MS)).toBeLessThan(1000)
  running.child.kill('SIGTERM')
  expect((await running.ended).code).toBe(0)
  const next = runDaemon(config)
  onTestFinished(() => void next.child.kill('SIGKILL'))
  expect(Math.abs((await steppedBy(next.child)) + DAY_MS)).toBeLessThan(1000)
})
