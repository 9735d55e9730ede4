import { fork } from 'node:child_process'
import { childEnvironment, childFlags } from '../../../child-environment.ts'
import type { TseMaster } from './bon.ts'
import { clearBuilding } from './building.ts'
import type { DsfinvkResult } from './export.ts'
import type { Finding } from './finding.ts'
import { DsfinvkRefusedError } from './finding.ts'
import type { Selection } from './journal-closings.ts'
import type { BookSettings } from './journal-source.ts'

/** Above what years of trade take on a slow disk; a child that is still at it then hangs. */
const LIMIT_MS = 3_600_000

export type ExportRequest = {
  /** State directory: the journal is read beside its writer. */
  directory: string
  /** Where the package is to lie. */
  path: string
  selection: Selection
  settings: Omit<BookSettings, 'chains' | 'tse'>
  /** TSEs that the journal may hold no document of: those at hand now. */
  tses: readonly TseMaster[]
}

/** True while a session of the range is open: it is no part of the package. */
export type ExportAnswer = DsfinvkResult & { openSessionExcluded: boolean }

/** What the child says: the result, or why there is none. */
export type ChildAnswer =
  | { result: ExportAnswer }
  | { failure: string; code: string; findings?: readonly Finding[]; findingCount?: number }

class ExportFailedError extends Error {
  override readonly name = 'ExportFailedError'
  readonly code: string

  constructor(message: string, code = 'export_failed') {
    super(message)
    this.code = code
  }
}

/**
 * Writes a DSFinV-K package in a child process of lowest priority with little memory: selling goes on beside it. It ends
 * with `signal` and with its parent. Throws DsfinvkRefusedError, ExportFailedError, AbortError after `signal`.
 */
export function exportInChild(request: ExportRequest, signal: AbortSignal): Promise<ExportAnswer> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./export-child.ts', import.meta.url), [], {
      // 7 MB less than with a young generation of twice the size, for 2 % more of its time.
      execArgv: childFlags(48),
      env: childEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
      signal,
    })
    let failure: Error | undefined
    // Not once: a refused process has a second error, that of what was sent to it, and one that nobody hears ends the agent.
    child.on('error', (error) => {
      failure ??= error
      // One that never ran has no end either.
      if (child.pid === undefined) reject(error)
    })
    let answered = false
    child.once('message', (answer: ChildAnswer) => {
      answered = true
      if ('result' in answer) resolve(answer.result)
      else if (answer.findings !== undefined)
        reject(new DsfinvkRefusedError(answer.findings, answer.findingCount ?? answer.findings.length))
      else reject(new ExportFailedError(answer.failure, answer.code))
    })
    child.once('exit', (code, ended) => {
      // One that was killed could not clear up; one that has answered may have a successor at the same place.
      if (!answered) clearBuilding(request.path)
      reject(failure ?? new ExportFailedError(`The export ended early (${ended ?? `exit code ${code}`}).`))
    })
    child.send(request)
  })
}
