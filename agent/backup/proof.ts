import { createHmac, hkdfSync } from 'node:crypto'
import { CodedError } from '../../base/thrown.ts'
import { RefillError } from '../journal/refill.ts'
import type { DoneLine, Header } from './format.ts'
import type { Vault } from './vault.ts'
import { openVault } from './vault.ts'

const SEAL_PLACE = 'seal'
const MAC_INFO = 'backup-mac'
export const BACKUP_VERSION = 3
const CHANGED =
  'The backup was changed after it was made: its lines are not those that were sealed under this passphrase. Take the one before it.'
const SEAL_REMOVED =
  'The seal was removed from this backup after it was made: nothing confirms this journal. Take the one before it. ' +
  'To restore this one anyway, give --unsealed and --no-secrets, and no passphrase.'

/**
 * The contents of a backup's seal. `seq` and `head` (base64url): its last event, in the numbers of `chain`; `key`: the
 * public key of that chain; `genesis`: the hash of the journal's first event.
 */
export type Seal = {
  v: 1
  agent: string
  chain: string
  epoch: number
  events: number
  seq: number
  head: string
  key: string
  genesis: string
  created_at: string
}

/** Facts read from a backup's journal. `signed`: its last event carries a signature by the key of that chain. */
export type ReadJournal = Pick<Seal, 'chain' | 'epoch' | 'events' | 'seq' | 'head' | 'key' | 'genesis'> & {
  readonly signed: boolean
}

export function sealed(vault: Vault, seal: Seal): string {
  return vault.seal(SEAL_PLACE, Buffer.from(JSON.stringify(seal)))
}

/** Covers every line before the last: HMAC-SHA256 under a key of the vault, base64. */
export function macOf({ key }: Vault, sha256: string): string {
  const macKey = Buffer.from(hkdfSync('sha256', key, '', MAC_INFO, 32))
  return createHmac('sha256', macKey).update(sha256).digest('base64')
}

/** Compares a backup with its seal while it is read; without a vault only with its own header and last line. */
export class BackupProof {
  readonly header: Header
  readonly #seal: Seal | undefined
  readonly vault: Vault | undefined

  private constructor(header: Header, vault: Vault | undefined, seal: Seal | undefined) {
    this.header = header
    this.vault = vault
    this.#seal = seal
  }

  /**
   * Reads the first line. Throws RefillError `backup_version`, `backup_cost_refused`, `backup_seal_wrong`,
   * `passphrase_wrong`, and `backup_unsealed` for a backup without a seal, unless `unsealed`.
   */
  static open(header: Header, passphrase: string | undefined, unsealed: boolean): BackupProof {
    demandVersion(header)
    const vault =
      header.secrets === null || passphrase === undefined ? undefined : openVault(passphrase, header.secrets)
    const hasSeal = vault !== undefined && !isSealRemoved(header)
    if (hasSeal) return new BackupProof(header, vault, sealOf(header, vault))
    if (unsealed) return new BackupProof(header, vault, undefined)
    if (header.secrets === null)
      throw new CodedError(
        'backup_unsealed',
        'The backup has no seal: nothing confirms this journal. Add --unsealed to restore it anyway.',
      )
    throw new CodedError(
      'backup_unsealed',
      isSealRemoved(header)
        ? SEAL_REMOVED
        : 'The seal is not checked without the passphrase: give --passphrase-file, or add --unsealed.',
    )
  }

  get isSealed(): boolean {
    return this.#seal !== undefined
  }

  /**
   * Called after all lines but the last were read. Throws RefillError `backup_signature_foreign`, `backup_seal_wrong`,
   * `backup_changed`.
   */
  demandEnd(journal: ReadJournal, done: DoneLine): void {
    if (!journal.signed) {
      throw new RefillError(
        'backup_signature_foreign',
        'The last event of the backup is not signed by the key of that journal. Take another backup.',
      )
    }
    if (journal.events !== this.header.events)
      throw new RefillError('backup_damaged', 'The backup does not have the events that it names.')
    for (const member of ['chain', 'epoch', 'events', 'seq', 'head', 'key', 'genesis'] as const) {
      if (this.#seal !== undefined && journal[member] !== this.#seal[member]) throw wrongSeal(member)
    }
    // Also without a seal: the passphrase shows that the seal was removed.
    demandMac(this.vault, done, this.isSealed ? CHANGED : SEAL_REMOVED)
  }
}

/** A backup with secrets is made with a seal. The member may be missing in a file. */
export function isSealRemoved({ secrets, seal }: Header): boolean {
  return secrets !== null && (seal ?? null) === null
}

/**
 * Compares the lines of the backup with the MAC of its maker, if there is a vault. Throws RefillError `backup_changed`.
 */
export function demandMac(vault: Vault | undefined, { sha256, mac }: DoneLine, why = CHANGED): void {
  if (vault !== undefined && mac !== macOf(vault, sha256)) throw new RefillError('backup_changed', why)
}

function demandVersion({ v }: Header): void {
  if (v === BACKUP_VERSION) return
  throw new RefillError(
    'backup_version',
    `The backup has version ${v}; this program reads version ${BACKUP_VERSION}. Restore it with the program that made it.`,
  )
}

function sealOf(header: Header, vault: Vault): Seal {
  if (typeof header.seal !== 'string') throw wrongSeal('seal')
  const seal = JSON.parse(opened(vault, header.seal)) as Seal
  for (const member of ['agent', 'chain', 'epoch', 'events', 'created_at'] as const) {
    if (seal[member] !== header[member]) throw wrongSeal(member)
  }
  return seal
}

function opened(vault: Vault, text: string): string {
  try {
    return vault.unseal(SEAL_PLACE, text).toString()
  } catch {
    throw wrongSeal('seal')
  }
}

function wrongSeal(member: string): RefillError {
  return new RefillError(
    'backup_seal_wrong',
    `The seal of the backup was made for another journal (${member}). Take another backup.`,
  )
}
