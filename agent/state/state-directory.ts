import type { KeyObject } from 'node:crypto'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Json } from '../canonical.ts'
import { replaceFile, syncNow } from '../durable-file.ts'
import { codeOf } from '../thrown.ts'
import { derivedKey, newNonce, openedFile, sealedFile } from './sealed.ts'

type RandomBytes = (length: number) => Uint8Array

const SEAL_KEY_BYTES = 32

/**
 * How a file in `exports` begins that a command takes from there at once. What a killed one left is removed at the next
 * start: it may be large, and an AES key in the clear.
 */
export const HAND_OVER = 'hand-over-'

/** A key of the state directory is gone or another one: a new one would not open what the old one closed. */
class KeyLostError extends Error {
  override readonly name = 'KeyLostError'
  readonly code = 'key_lost'
}

/** What lies in the state directory beside the journal: keys of the agent, sealed secrets, folders. All 0700 / 0600. */
export type StateDirectory = {
  path: string
  exports: string
  /** Of TSEs, also of what they hold no more. */
  archives: string
  deviceDirectory: (deviceId: string) => string
  /** Ed25519, signs the journal's checkpoints; never leaves the host. */
  checkpointKey: KeyObject
  /** Signs download links. */
  linkKey: Uint8Array
  /** Of digests of short secrets, which could be guessed without it. */
  fingerprintKey: Uint8Array
  /** Keeps a secret that goes in and never comes out through the API, under AES-256-GCM. */
  seal: (name: string, value: Json) => void
  /** What {@link seal} kept; undefined where there is none. Throws where the file or the key was changed. */
  unseal: (name: string) => Json | undefined
  /** Of all that is kept. */
  sealedNames: () => readonly string[]
  forget: (name: string) => void
}

/**
 * The key that signs the checkpoints, as it lies in the state directory; beside a running agent or not. Throws
 * KeyLostError where a journal lies there without it.
 */
export function readCheckpointKey(path: string): KeyObject {
  refuseLost(
    path,
    lostKeys(path).find((name) => name === 'checkpoint.key'),
  )
  return createPrivateKey({ key: readFileSync(join(path, 'checkpoint.key')), type: 'pkcs8', format: 'der' })
}

/** A new key for the checkpoints of a journal that goes on elsewhere. */
export function makeCheckpointKey(path: string): KeyObject {
  replaceFile(join(path, 'checkpoint.key'), newCheckpointKey())
  return readCheckpointKey(path)
}

function newCheckpointKey(): Buffer {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
}

/** Makes what is missing, reads what is there. To be called under the lock of the directory. */
export function openStateDirectory(path: string, random: RandomBytes): StateDirectory {
  const folders = {
    exports: join(path, 'exports'),
    archives: join(path, 'archives'),
    devices: join(path, 'devices'),
    sealed: join(path, 'sealed'),
  }
  for (const folder of [path, ...Object.values(folders)]) makeFolder(folder)
  chmodSync(path, 0o700)
  refuseLostKeys(path)
  for (const name of readdirSync(folders.exports))
    if (name.startsWith(HAND_OVER)) rmSync(join(folders.exports, name), { force: true })
  const sealKey = keyFile(join(path, 'seal.key'), () => random(SEAL_KEY_BYTES))
  keyFile(join(path, 'checkpoint.key'), newCheckpointKey)
  return {
    path,
    exports: folders.exports,
    archives: folders.archives,
    deviceDirectory: (deviceId) => {
      const folder = join(folders.devices, deviceId)
      makeFolder(folder)
      return folder
    },
    checkpointKey: readCheckpointKey(path),
    linkKey: derivedKey(sealKey, 'download links'),
    fingerprintKey: derivedKey(sealKey, 'fingerprints'),
    seal: (name, value) =>
      replaceFile(sealedPath(folders.sealed, name), sealedFile(sealKey, name, value, newNonce(random))),
    unseal: (name) => {
      const file = sealedPath(folders.sealed, name)
      if (!existsSync(file)) return undefined
      const opened = openedFile(sealKey, name, readFileSync(file))
      if (opened !== undefined) return opened.value
      throw new KeyLostError(
        `${file} does not open with ${join(path, 'seal.key')}: one of them is another one. Bring the key back from a backup (fiskal-edge restore FILE --keys-only).`,
      )
    },
    sealedNames: () =>
      readdirSync(folders.sealed).flatMap((name) => (name.endsWith(SEALED) ? [name.slice(0, -SEALED.length)] : [])),
    forget: (name) => rmSync(sealedPath(folders.sealed, name), { force: true }),
  }
}

/**
 * Makes a folder, 0700, and those above it, each on disk with its name, also where another process makes it in the same
 * moment. Node's own recursion never ends where a file system (/proc) knows no folders.
 */
export function makeFolder(path: string): void {
  const missing: string[] = []
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at)
  for (const folder of missing) {
    makeOrFind(folder)
    syncNow(dirname(folder))
  }
}

function makeOrFind(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !existsSync(folder)) throw error
  }
}

const SEALED = '.sealed'
const SEALED_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/

/** A name is never a path: what is sealed lies in its folder and nowhere else. */
function sealedPath(folder: string, name: string): string {
  if (!SEALED_NAME.test(name)) throw new Error('the name of what is sealed must be letters, digits and ._-')
  return join(folder, `${name}${SEALED}`)
}

/** Keys that are gone though something needs them: `seal.key`, `checkpoint.key`. */
export function lostKeys(path: string): string[] {
  const sealed = join(path, 'sealed')
  const isSealed = existsSync(sealed) && readdirSync(sealed).some((name) => name.endsWith('.sealed'))
  const needed = [
    ...(isSealed ? ['seal.key'] : []),
    ...(existsSync(join(path, 'journal.db')) ? ['checkpoint.key'] : []),
  ]
  return needed.filter((name) => !existsSync(join(path, name)))
}

/** Before a new one is made in its place. */
function refuseLostKeys(path: string): void {
  refuseLost(path, lostKeys(path)[0])
}

function refuseLost(path: string, lost: string | undefined): void {
  if (lost === undefined) return
  throw new KeyLostError(
    lost === 'checkpoint.key'
      ? `${join(path, lost)} is lost: "fiskal-edge journal reopen" makes a new one and begins a new epoch. Nothing was changed.`
      : `${join(path, lost)} is lost: bring it back from a backup (fiskal-edge restore FILE --keys-only). Nothing was changed.`,
  )
}

/** The bytes of a key file, made once. */
function keyFile(path: string, make: () => Uint8Array): Buffer {
  if (!existsSync(path)) replaceFile(path, make())
  return readFileSync(path)
}
