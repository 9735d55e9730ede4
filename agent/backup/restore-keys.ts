import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { replaceFile } from '../../base/durable-file.ts'
import { codeOf } from '../../base/thrown.ts'
import { lastChain, readChains } from '../journal/chains.ts'
import type { Lock } from '../journal/disk/lock.ts'
import { acquireLock } from '../journal/disk/lock.ts'
import { readJournal } from '../journal/reader.ts'
import { RefillError } from '../journal/refill.ts'
import { newNonce, openedFile, sealedFile } from '../state/sealed.ts'
import { makeFolder } from '../state/state-directory.ts'
import type { FileLine, Header } from './format.ts'
import { readBackup } from './format.ts'
import { finishPlacing } from './place.ts'
import { BackupProof, demandMac } from './proof.ts'

const SEAL_KEY = 'seal.key'
const SEALED_FOLDER = 'sealed'
const SEALED = /^sealed\/([\w.-]+)\.sealed$/

type RandomBytes = (length: number) => Uint8Array

/**
 * Restores the key that opens the secrets, and secrets that are lost or that no key opens, into a state that continues
 * as it is: its journal, newer secrets and devices are not touched. If a secret was sealed later under another key,
 * that key stays, and the restored secrets are sealed with it. Returns the names. Throws RefillError for a backup of
 * another agent or without secrets, `passphrase_wrong`, StateLockedError. `held`: the caller's lock; the caller releases
 * it.
 */
export async function restoreKeys(
  stateDirectory: string,
  file: string,
  passphrase: string | undefined,
  random: RandomBytes,
  held?: Lock,
): Promise<readonly string[]> {
  const lock = held ?? acquireLock(stateDirectory)
  try {
    finishPlacing(stateDirectory)
    const secrets = await secretsOf(stateDirectory, file, passphrase)
    const formerKey = secrets.get(SEAL_KEY)
    if (formerKey === undefined) return []
    const there = await secretsThere(stateDirectory)
    const present = await fileAt(join(stateDirectory, SEAL_KEY))
    const isInUse = present !== undefined && [...there].some(([name, content]) => opened(present, name, content))
    const key = isInUse ? present : formerKey
    const brought: string[] = []
    const put = (name: string, content: Buffer): void => {
      makeFolder(dirname(join(stateDirectory, name)))
      replaceFile(join(stateDirectory, name), content)
      brought.push(name)
    }
    if (present?.equals(key) !== true) put(SEAL_KEY, key)
    for (const name of new Set([...there.keys(), ...secrets.keys()])) {
      const content = there.get(name)
      if (name === SEAL_KEY || opened(key, name, content)) continue
      const secret = opened(formerKey, name, content) ?? opened(formerKey, name, secrets.get(name))
      if (secret !== undefined) put(name, sealedFile(key, secretOf(name), secret.value, newNonce(random)))
    }
    return brought
  } finally {
    if (held === undefined) lock.release()
  }
}

/** Sealed files by their names in the state directory. */
async function secretsThere(stateDirectory: string): Promise<Map<string, Buffer>> {
  const there = new Map<string, Buffer>()
  for (const file of (await readdir(join(stateDirectory, SEALED_FOLDER)).catch(nothingThere)) ?? []) {
    const name = `${SEALED_FOLDER}/${file}`
    const content = SEALED.test(name) ? await fileAt(join(stateDirectory, name)) : undefined
    if (content !== undefined) there.set(name, content)
  }
  return there
}

function opened(key: Buffer, name: string, content: Buffer | undefined): ReturnType<typeof openedFile> {
  return content === undefined ? undefined : openedFile(key, secretOf(name), content)
}

/** Returns `aes-reg_1` for `sealed/aes-reg_1.sealed`. */
function secretOf(name: string): string {
  return SEALED.exec(name)?.[1] ?? name
}

function fileAt(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(nothingThere)
}

function nothingThere(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

async function secretsOf(
  stateDirectory: string,
  file: string,
  passphrase: string | undefined,
): Promise<ReadonlyMap<string, Buffer>> {
  let proof: BackupProof | undefined
  const pieces: FileLine[] = []
  for await (const line of readBackup(file, (done) => demandMac(proof?.vault, done))) {
    if (line.t === 'backup') proof = proofOf(stateDirectory, line, passphrase)
    else if (line.t === 'file' && (line.name === SEAL_KEY || SEALED.test(line.name))) pieces.push(line)
  }
  const secrets = new Map<string, Buffer>()
  for (const { name, at, data } of pieces) {
    const piece = proof?.vault?.unseal(`${name} ${at}`, data) ?? Buffer.alloc(0)
    secrets.set(name, Buffer.concat([secrets.get(name) ?? Buffer.alloc(0), piece]))
  }
  return secrets
}

function proofOf(stateDirectory: string, header: Header, passphrase: string | undefined): BackupProof {
  if (header.secrets === null || passphrase === undefined)
    throw new RefillError('backup_foreign', 'It needs a backup with secrets, and its passphrase (--passphrase-file).')
  demandSameAgent(stateDirectory, header)
  return BackupProof.open(header, passphrase, false)
}

function demandSameAgent(stateDirectory: string, { agent }: Header): void {
  if (readJournal(stateDirectory, (db) => lastChain(readChains(db)).agentId) === agent) return
  throw new RefillError('backup_foreign', 'It is a backup of another agent than the one of this state.')
}
