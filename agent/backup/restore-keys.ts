import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastChain, readChains } from '../journal/chains.ts'
import { acquireLock } from '../journal/lock.ts'
import { openReadOnly } from '../journal/reader.ts'
import { RefillError } from '../journal/refill.ts'
import { makeFolder, replaceFile } from '../state/state-directory.ts'
import type { FileLine, Header } from './format.ts'
import { readBackup } from './format.ts'
import { openVault } from './vault.ts'

const SEAL_KEY = 'seal.key'
const SEALED = /^sealed\/[\w.-]+\.sealed$/

/**
 * Brings back the key that opens the secrets, and secrets that are gone, into a state that goes on as it is: its journal,
 * newer secrets and devices are not touched. Returns the names. Throws RefillError for a backup of another agent or
 * without secrets, PassphraseError, StateLockedError.
 */
export async function restoreKeys(
  stateDirectory: string,
  file: string,
  passphrase: string | undefined,
): Promise<readonly string[]> {
  const lock = acquireLock(stateDirectory)
  try {
    const brought: string[] = []
    for (const [name, content] of await secretsOf(stateDirectory, file, passphrase)) {
      const path = join(stateDirectory, name)
      const isThere = existsSync(path) && (name !== SEAL_KEY || content.equals(await readFile(path)))
      if (isThere) continue
      makeFolder(join(path, '..'))
      replaceFile(path, content)
      brought.push(name)
    }
    return brought
  } finally {
    lock.release()
  }
}

async function secretsOf(
  stateDirectory: string,
  file: string,
  passphrase: string | undefined,
): Promise<ReadonlyMap<string, Buffer>> {
  let header: Header | undefined
  const pieces: FileLine[] = []
  for await (const line of readBackup(file)) {
    if (line.t === 'backup') header = line
    else if (line.t === 'file' && (line.name === SEAL_KEY || SEALED.test(line.name))) pieces.push(line)
  }
  if (header === undefined || header.secrets === null || passphrase === undefined)
    throw new RefillError('backup_foreign', 'It needs a backup with secrets, and its passphrase (--passphrase-file).')
  demandSameAgent(stateDirectory, header)
  const vault = openVault(passphrase, header.secrets)
  const found = new Map<string, Buffer>()
  for (const { name, at, data } of pieces) {
    const piece = vault.unseal(`${name} ${at}`, data)
    found.set(name, Buffer.concat([found.get(name) ?? Buffer.alloc(0), piece]))
  }
  return found
}

function demandSameAgent(stateDirectory: string, { agent }: Header): void {
  const db = openReadOnly(stateDirectory)
  try {
    if (lastChain(readChains(db)).agentId === agent) return
    throw new RefillError('backup_foreign', 'It is a backup of another agent than the one of this state.')
  } finally {
    db.close()
  }
}
