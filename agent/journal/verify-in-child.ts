import { fork } from 'node:child_process'
import { childFlags } from '../child-environment.ts'
import type { JournalReport } from './verify.ts'

/** Above what 3 M events take on a slow disk; a child that is still at it then hangs. */
const LIMIT_MS = 3_600_000

class VerificationFailedError extends Error {
  override readonly name = 'VerificationFailedError'
  readonly code = 'verification_failed'
}

/**
 * Runs `verifyJournal` in a child process of lowest priority with 64 MB of heap: selling goes on beside it, and its
 * memory goes with it. It resumes where the last one was interrupted: the child keeps the last good event and its hash in
 * `verified.json`, until a run has come to its end. It ends with `signal` and with its parent. Throws
 * VerificationFailedError when the child could not finish, AbortError after `signal`.
 */
export function verifyInChild(directory: string, signal: AbortSignal): Promise<JournalReport> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./verify-child.ts', import.meta.url), [directory], {
      execArgv: childFlags(64),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      signal,
    })
    child.on('error', reject)
    child.once('message', (message: JournalReport | { failure: string }) => {
      if ('failure' in message) reject(new VerificationFailedError(message.failure))
      else resolve(message)
    })
    child.once('exit', (code, ended) =>
      reject(new VerificationFailedError(`The verification ended early (${ended ?? `exit code ${code}`}).`)),
    )
  })
}
