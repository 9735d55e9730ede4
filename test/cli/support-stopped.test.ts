// @module-tag heavy
import { execFile, spawn } from 'node:child_process'
import { readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { once } from '../waits.ts'
import { BIN, ownConfig } from './command.ts'

function bundle(file: string): string[] {
  return [process.execPath, BIN, 'support', 'bundle', file, '--config', ownConfig([])]
}

/** Resolves when the folder has a file. */
function somethingIn(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      if (readdirSync(folder).length === 0) return
      watcher.close()
      resolve()
    })
  })
}

test('a support bundle that a signal stops leaves neither its file nor a temporary one', async () => {
  const folder = await temporaryDirectory()
  const begun = somethingIn(folder)
  const file = join(folder, 'bundle.tar.gz')
  // A disk on which each sync of that file takes 3 s.
  const slow = ['-f', '-qq', '-o', '/dev/null', '-P', `${file}.tmp`, '-e', 'inject=fsync:delay_enter=3000000']
  const child = spawn('strace', [...slow, ...bundle(file)], { stdio: 'ignore', detached: true })
  const ended = once(child, 'close')
  await begun
  process.kill(-(child.pid ?? 0), 'SIGTERM')
  await ended
  expect(readdirSync(folder)).toEqual([])
})

test('a support bundle on a full disk leaves neither its file nor a temporary one', async () => {
  const folder = await temporaryDirectory()
  const disk = `mount -t tmpfs -o size=16k small ${folder}; head -c 14k /dev/zero >${folder}/fill; "$@"; ls -A ${folder}`
  const { stdout, stderr } = await promisify(execFile)('unshare', [
    ...['-rm', 'sh', '-c', disk, 'sh'],
    ...bundle(join(folder, 'bundle.tar.gz')),
  ])
  expect(stderr).toContain('storage_unavailable')
  expect(stdout).toBe('fill\n')
})
