import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runningFolder } from '../scripts/tests/watchdog.ts'
import { fastFolder } from './fast-folder.ts'
import { startTemplates } from './forks/shared-templates.ts'

/** A process that is killed may still write for a moment. */
const REMOVAL = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }

/**
 * One folder for all files of a test run, removed after it. The files of a killed process exist for the next one on any
 * disk: only a power cut distinguishes a memory disk, and our own disks simulate those (`test/crash/unsynced.test.ts`,
 * `test/simulation/`).
 */
export async function setup(): Promise<() => void> {
  const folder = mkdtempSync(join(fastFolder(), 'test-'))
  // As of /tmp: some tests are other users.
  chmodSync(folder, 0o1777)
  process.env['TMPDIR'] = folder
  mkdirSync(runningFolder())
  await startTemplates()
  return () => {
    endProcessesOf(folder)
    rmSync(folder, REMOVAL)
  }
}

/** A test that was cut off leaves what it started; the workers of the run end by themselves. */
function endProcessesOf(folder: string): void {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    try {
      const isOfRun = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`TMPDIR=${folder}`)
      const isWorker = readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ')[3] === String(process.pid)
      if (isOfRun && !isWorker) process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended, or is another user's.
    }
  }
}
