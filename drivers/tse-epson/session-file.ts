import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from './host-line.ts'

/**
 * Keeps the session with the host across restarts; it holds no secret. Losing it costs a minute without TSE: not worth
 * an fsync per message, but worth a rename so that a kill leaves no partial file.
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

  /** Never throws: it runs during a signature, which a full disk must not lose. */
  keep(session: Session | undefined): void {
    try {
      if (session === undefined) rmSync(this.#path, { force: true })
      else {
        writeFileSync(`${this.#path}.tmp`, JSON.stringify(session), { mode: 0o600 })
        renameSync(`${this.#path}.tmp`, this.#path)
      }
    } catch {
      // The file then has an older session, or none: the host resumes it, or a new one begins.
    }
  }
}
