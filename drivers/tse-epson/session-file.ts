import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from './host-line.ts'

/**
 * The session with the host, across restarts of the agent. It holds no secret. Losing it costs a minute without TSE: too
 * little for a sync with each message, too much for a file that a kill leaves half written.
 */
export class SessionFile {
  readonly #path: string

  constructor(directory: string) {
    this.#path = join(directory, 'session.json')
  }

  read(): Session | undefined {
    try {
      const { clientId, dataId, claimed } = JSON.parse(readFileSync(this.#path, 'utf8')) as Partial<Session>
      if (typeof clientId !== 'string' || typeof dataId !== 'number') return undefined
      return { clientId, dataId, ...(Array.isArray(claimed) && { claimed: claimed.map(String) }) }
    } catch {
      return undefined
    }
  }

  /** Throws nothing: it is called in the middle of a signature, whose answer a full disk must not take away. */
  keep(session: Session | undefined): void {
    try {
      if (session === undefined) rmSync(this.#path, { force: true })
      else {
        writeFileSync(`${this.#path}.tmp`, JSON.stringify(session), { mode: 0o600 })
        renameSync(`${this.#path}.tmp`, this.#path)
      }
    } catch {
      // What lies there is an older session, or none: the host resumes it, or a new one begins.
    }
  }
}
