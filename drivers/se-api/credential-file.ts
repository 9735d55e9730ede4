import { closeSync, fdatasyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../errors.ts'
import type { Credential, Credentials } from './users.ts'

/**
 * PINs, PUKs and tries of a simulated unit in one file of its folder, readable by its owner only. Unencrypted, because
 * it protects nothing: the unit is not certified.
 */
export class CredentialFile implements Credentials {
  readonly #path: string
  #users: Record<string, Credential>

  /** `virgin`: the users of a new unit. */
  constructor(directory: string, virgin: Readonly<Record<string, Credential>>) {
    this.#path = join(directory, 'credentials.json')
    this.#users = readIfThere(this.#path) ?? { ...virgin }
  }

  find(userId: string): Credential | undefined {
    return Object.hasOwn(this.#users, userId) ? this.#users[userId] : undefined
  }

  keep(userId: string, credential: Credential): void {
    const users = { ...this.#users, [userId]: credential }
    const file = openSync(`${this.#path}.new`, 'w', 0o600)
    try {
      writeSync(file, JSON.stringify(users))
      fdatasyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${this.#path}.new`, this.#path)
    this.#users = users
  }
}

function readIfThere(path: string): Record<string, Credential> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, Credential>
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
