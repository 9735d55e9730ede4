import type { KeyObject } from 'node:crypto'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Json } from '../../base/canonical.ts'
import { makeFile, replaceFile, syncNow } from '../../base/durable-file.ts'
import { CodedError, codeOf } from '../../base/thrown.ts'
import { derivedKey, newNonce, openedFile, sealedFile } from './sealed.ts'

type RandomBytes = (length: number) => Uint8Array

const SEAL_KEY_BYTES = 32
const SEALED_FOLDER = 'sealed'
const SEALED = '.sealed'
/** The sealed file of the customer's displays: how often each address was renewed. */
export const DISPLAYS = 'displays'
/** An Ed25519 key as PKCS#8 (RFC 8410 §7). */
const CHECKPOINT_KEY_BYTES = 48

/**
 * Prefix of a file in `exports` that a command takes from there at once. The next start removes the files of killed
 * commands: they may be large, and hold an unencrypted AES key.
 */
export const HAND_OVER = 'hand-over-'

/** A key of the state directory is missing, spoiled or replaced: a new one would not open what the old one closed. */
class KeyLostError extends Error {
  override readonly name = 'KeyLostError'
  readonly code = 'key_lost'
}

/**
 * The content of the state directory except the journal: keys of the agent, sealed secrets, folders. All 0700 / 0600.
 */
export type StateDirectory = {
  path: string
  exports: string
  /** Archives of TSEs, also of logs that the TSEs no longer hold. */
  archives: string
  deviceDirectory: (deviceId: string) => string
  /** Ed25519, signs the journal's checkpoints; never leaves the host. */
  checkpointKey: KeyObject
  /** Signs download links. */
  linkKey: Uint8Array
  /** Key for digests of short secrets, which could be guessed without it. */
  fingerprintKey: Uint8Array
  /** Key for the marks of the machine. */
  machineKey: Uint8Array
  /** Makes the addresses of customer's displays. */
  displayKey: Uint8Array
} & SealedSecrets

/** Secrets of the state directory, each in a file under a key that is derived from `seal.key`. */
export type SealedSecrets = {
  /** Stores a secret that enters and never leaves through the API, under AES-256-GCM. */
  seal: (name: string, value: Json) => void
  /**
   * The value that {@link seal} stored; undefined if there is no such name. Throws if the file or the key was changed.
   */
  unseal: (name: string) => Json | undefined
  /** The names of all stored secrets. */
  sealedNames: () => readonly string[]
  forget: (name: string) => void
}

/**
 * The key that signs the checkpoints, read from the state directory, while an agent runs or not. Throws KeyLostError if
 * a journal is stored there without it.
 */
export function readCheckpointKey(path: string): KeyObject {
  const name = 'checkpoint.key'
  if (lostKeys(path).includes(name)) throw lostError(path, name)
  const key = readFileSync(join(path, name))
  try {
    return createPrivateKey({ key, type: 'pkcs8', format: 'der' })
  } catch {
    throw lostError(path, name)
  }
}

/** The same; undefined if the key is lost. */
export function presentCheckpointKey(path: string): KeyObject | undefined {
  try {
    return readCheckpointKey(path)
  } catch (error) {
    if (error instanceof KeyLostError) return undefined
    throw error
  }
}

/** A new checkpoint key for a journal that continues elsewhere. */
export function makeCheckpointKey(path: string): KeyObject {
  replaceFile(join(path, 'checkpoint.key'), newCheckpointKey())
  return readCheckpointKey(path)
}

function newCheckpointKey(): Buffer {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' })
}

/** Makes missing files and folders and reads existing ones. To be called under the lock of the directory. */
export function openStateDirectory(path: string, random: RandomBytes): StateDirectory {
  const folders = {
    exports: join(path, 'exports'),
    archives: join(path, 'archives'),
    devices: join(path, 'devices'),
    sealed: join(path, SEALED_FOLDER),
  }
  for (const folder of [path, ...Object.values(folders)]) makeFolder(folder)
  chmodSync(path, 0o700)
  // Before a new key replaces the lost one.
  for (const name of lostKeys(path)) throw lostError(path, name)
  for (const name of readdirSync(folders.exports))
    if (name.startsWith(HAND_OVER)) rmSync(join(folders.exports, name), { force: true })
  const { sealKey, secrets } = openSealed(path, random)
  keyFile(path, 'checkpoint.key', newCheckpointKey)
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
    machineKey: machineKeyOf(sealKey),
    displayKey: derivedKey(sealKey, 'display'),
    ...secrets,
  }
}

/**
 * The sealed secrets of a state directory, also for a command while the agent runs; makes `seal.key` if nothing was
 * sealed yet. Throws KeyLostError.
 */
export function openSealedSecrets(path: string, random: RandomBytes): SealedSecrets {
  if (lostKeys(path).includes('seal.key')) throw lostError(path, 'seal.key')
  makeFolder(join(path, SEALED_FOLDER))
  return openSealed(path, random).secrets
}

/** The key for the marks of the machine, while no agent runs; undefined without a whole `seal.key`. */
export function presentMachineKey(path: string): Uint8Array | undefined {
  return isThere(path, 'seal.key') ? machineKeyOf(readFileSync(join(path, 'seal.key'))) : undefined
}

function machineKeyOf(sealKey: Uint8Array): Uint8Array {
  return derivedKey(sealKey, 'machine')
}

function openSealed(path: string, random: RandomBytes): { sealKey: Buffer; secrets: SealedSecrets } {
  const sealKey = keyFile(path, 'seal.key', () => random(SEAL_KEY_BYTES))
  const folder = join(path, SEALED_FOLDER)
  const secrets: SealedSecrets = {
    seal: (name, value) => replaceFile(sealedPath(folder, name), sealedFile(sealKey, name, value, newNonce(random))),
    unseal: (name) => {
      const file = sealedPath(folder, name)
      if (!existsSync(file)) return undefined
      const opened = openedFile(sealKey, name, readFileSync(file))
      if (opened !== undefined) return opened.value
      throw new KeyLostError(
        `${file} does not open with ${join(path, 'seal.key')}: one of them was replaced. Bring the key back from a backup (fiskal-edge restore FILE --keys-only).`,
      )
    },
    sealedNames: () =>
      readdirSync(folder).flatMap((name) => (name.endsWith(SEALED) ? [name.slice(0, -SEALED.length)] : [])),
    forget: (name) => rmSync(sealedPath(folder, name), { force: true }),
  }
  return { sealKey, secrets }
}

/**
 * Makes a folder, 0700, and those above it, each durable with its name, even if another process makes it at the same
 * moment. Node's own recursion never ends on a file system (/proc) that does not support folders.
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
    if (codeOf(error) === 'EEXIST' && existsSync(folder)) return
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() !== true) throw error
    throw new CodedError(
      'path_unusable',
      `${folder} is a link that leads nowhere: mount the disk to which it leads, or remove it (rm ${folder}).`,
    )
  }
}

const SEALED_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/

/** A name is never a path: a sealed secret is stored in its folder and nowhere else. */
function sealedPath(folder: string, name: string): string {
  if (!SEALED_NAME.test(name)) throw new Error('the name of what is sealed must be letters, digits and ._-')
  return join(folder, `${name}${SEALED}`)
}

const KEY_BYTES = { 'seal.key': SEAL_KEY_BYTES, 'checkpoint.key': CHECKPOINT_KEY_BYTES } as const

export type KeyName = keyof typeof KEY_BYTES

/** Keys that are missing, or that a broken disk has left empty, although something needs them. Does not read them. */
export function lostKeys(path: string): KeyName[] {
  const sealed = join(path, SEALED_FOLDER)
  // Selling does not stop for the addresses of displays: under another key they are other ones.
  const isNeeded = (name: string): boolean => name.endsWith(SEALED) && name !== `${DISPLAYS}${SEALED}`
  const isSealed = existsSync(sealed) && readdirSync(sealed).some(isNeeded)
  const needed: KeyName[] = [
    ...(isSealed ? (['seal.key'] as const) : []),
    ...(existsSync(join(path, 'journal.db')) ? (['checkpoint.key'] as const) : []),
  ]
  return needed.filter((name) => !isThere(path, name))
}

function isThere(path: string, name: KeyName): boolean {
  return statSync(join(path, name), { throwIfNoEntry: false })?.size === KEY_BYTES[name]
}

/** The kind of loss. */
export function lossOf(path: string, name: KeyName): string {
  const file = join(path, name)
  return existsSync(file) ? `${file} holds no key` : `${file} is lost`
}

function lostError(path: string, name: KeyName): KeyLostError {
  return new KeyLostError(
    name === 'checkpoint.key'
      ? `${lossOf(path, name)}: "fiskal-edge journal reopen" makes a new one and begins a new epoch. Nothing was changed.`
      : `${lossOf(path, name)}: bring it back from a backup (fiskal-edge restore FILE --keys-only). Nothing was changed.`,
  )
}

/** The bytes of a key file, made once, even if agent and command come first at the same moment. */
function keyFile(path: string, name: KeyName, make: () => Uint8Array): Buffer {
  const file = join(path, name)
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size !== KEY_BYTES[name]) {
    // Only complete files get that name: a broken disk has left the present one.
    if (size !== undefined) rmSync(file)
    makeFile(file, make())
  }
  return readFileSync(file)
}
