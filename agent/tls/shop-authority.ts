import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { PLAUSIBLE_MS } from '../../base/clock.ts'
import { replaceFile, syncNow } from '../../base/durable-file.ts'
import { codeOf } from '../../base/thrown.ts'
import type { Lock } from '../journal/disk/lock.ts'
import { acquireLock, StateLockedError } from '../journal/disk/lock.ts'
import type { SealedSecrets } from '../state/state-directory.ts'
import { makeFolder, openSealedSecrets } from '../state/state-directory.ts'
import type { Identity } from './certificate.ts'
import { issue, makeAuthority } from './certificate.ts'
import type { Issued } from './issued.ts'
import { certificateIn, ISSUED_FOLDER, issuedTo } from './issued.ts'
import { isPermitted } from './names.ts'

export const TLS_FOLDER = 'tls'
/** Its key and certificate, under `seal.key`. */
const SEALED_NAME = 'tls-authority'
const AUTHORITY_NAME = 'fiskal-edge shop CA'
const YEAR_MS = 365.25 * 86_400_000
/** Browsers refuse servers' certificates that are valid for longer. */
const SERVER_LIFE_MS = 397 * 86_400_000
const CLIENT_LIFE_MS = 3 * YEAR_MS
const RENEW_BEFORE_MS = 60 * 86_400_000
/** The wait for files that another process writes here: some milliseconds, more on a slow disk. */
const WAIT_MS = 20
const WAITS_MAX = 100

/**
 * The certificate authority of one shop: made at first use for the names of its agent, trusted by the terminals of this
 * shop alone. Its key is sealed among the secrets of the state directory, public files are in `tls/`. Agent and
 * technician's commands may both work here: one at a time writes, and first reads the other's files.
 */
export class ShopAuthority {
  readonly #state: string
  readonly #folder: string
  readonly #nowMs: () => number
  readonly #names: readonly string[]

  /** `names`: the agent's names for the tills. */
  constructor(stateDirectory: string, nowMs: () => number, names: readonly string[]) {
    this.#state = stateDirectory
    this.#folder = join(stateDirectory, TLS_FOLDER)
    this.#nowMs = nowMs
    // Programs on the machine itself call it too.
    this.#names = [...new Set([...names, 'localhost', '127.0.0.1', '::1'])]
  }

  get certificateFile(): string {
    return join(this.#folder, 'ca.crt')
  }

  /** The agent's certificate and key, and the certificate of the authority that signed it. */
  get files(): string[] {
    return [this.certificateFile, join(this.#folder, 'server.crt'), join(this.#folder, 'server.key')]
  }

  /**
   * PEM; makes the authority if it is missing. The certificates that it issued count even if its key cannot be opened.
   */
  certificate(): string {
    try {
      return this.#authority().cert
    } catch (error) {
      const certificate = codeOf(error) === 'key_lost' ? certificateIn(this.certificateFile) : undefined
      if (certificate === undefined) throw error
      return certificate.toString()
    }
  }

  /**
   * SHA-256 of the certificate, as terminals show it. Throws KeyLostError if the authority can no longer issue
   * certificates.
   */
  fingerprint(): string {
    return new X509Certificate(this.#authority().cert).fingerprint256
  }

  /**
   * Names of the agent that no certificate of this authority may have: terminals would refuse a certificate with one of
   * them completely.
   */
  refusedNames(): string[] {
    const authority = new X509Certificate(this.certificate())
    return this.#names.filter((name) => !isPermitted(authority, name))
  }

  /** The names that this authority signs. */
  permittedNames(): string[] {
    const refused = this.refusedNames()
    return this.#names.filter((name) => !refused.includes(name))
  }

  /**
   * The server's key and certificate; made again if they are missing, expire soon or do not fit the permitted names.
   */
  server(): Identity {
    const authority = this.certificate()
    const names = this.permittedNames()
    const held = () => {
      const identity = this.#read('server')
      return identity !== undefined && this.#fits(identity, authority, names) ? identity : undefined
    }
    return held() ?? this.#alone(() => held() ?? this.#newServer(this.#authorityAlone(), names))
  }

  renewServer(): Identity {
    const names = this.permittedNames()
    return this.#alone(() => this.#newServer(this.#authorityAlone(), names))
  }

  /** Key and certificate of the terminal of a register; the key is not stored. */
  client(registerId: string): Identity {
    const leaf = { commonName: registerId, names: [], usage: 'client', lifeMs: CLIENT_LIFE_MS } as const
    const identity = issue(this.#authority(), leaf, this.#nowMs())
    const folder = join(this.#folder, ISSUED_FOLDER)
    this.#alone(() => {
      makeFolder(folder)
      replaceFile(join(folder, `${registerId}.crt`), Buffer.from(identity.cert))
    })
    return identity
  }

  /** Replaces the present authority with a new one. */
  replace(): void {
    this.#alone(() => this.#newAuthority())
  }

  /** The terminals' certificates of an authority before this one: they are worthless. */
  worthless(): Issued[] {
    const authority = new X509Certificate(this.certificate())
    return issuedTo(this.#folder).filter(({ certificate }) => !certificate.checkIssued(authority))
  }

  /** The start of validity: if the clock has lost its time, those of the terminals have not. */
  #fromMs(): number {
    return Math.max(this.#nowMs(), PLAUSIBLE_MS)
  }

  #authority(): Identity {
    return this.#settled() ?? this.#alone(() => this.#authorityAlone())
  }

  /** Undefined if a file must be written first. */
  #settled(): Identity | undefined {
    if (existsSync(this.#clearKeyFile) || !existsSync(this.certificateFile)) return undefined
    const sealed = this.#sealed()
    return sealed !== undefined && this.#isShown(sealed) ? sealed : undefined
  }

  #authorityAlone(): Identity {
    this.#sealClearKey()
    const sealed = this.#sealed()
    if (sealed === undefined) return this.#newAuthority()
    // A crash came between the two, or one of them was restored.
    if (!this.#isShown(sealed)) replaceFile(this.certificateFile, Buffer.from(sealed.cert))
    return sealed
  }

  #newAuthority(): Identity {
    const authority = makeAuthority(AUTHORITY_NAME, this.#names, this.#fromMs())
    this.#secrets().seal(SEALED_NAME, authority)
    this.#removeClearKey()
    replaceFile(this.certificateFile, Buffer.from(authority.cert))
    return authority
  }

  /** Earlier versions, and backups of them, had the key unencrypted. */
  #sealClearKey(): void {
    const clear = existsSync(this.#clearKeyFile) ? this.#read('ca') : undefined
    if (clear !== undefined) this.#secrets().seal(SEALED_NAME, clear)
    this.#removeClearKey()
  }

  #removeClearKey(): void {
    if (!existsSync(this.#clearKeyFile)) return
    rmSync(this.#clearKeyFile)
    syncNow(this.#folder)
  }

  get #clearKeyFile(): string {
    return join(this.#folder, 'ca.key')
  }

  #isShown({ cert }: Identity): boolean {
    return existsSync(this.certificateFile) && readFileSync(this.certificateFile, 'utf8') === cert
  }

  /** Throws KeyLostError if it does not open. */
  #sealed(): Identity | undefined {
    return this.#secrets().unseal(SEALED_NAME) as Identity | undefined
  }

  #secrets(): SealedSecrets {
    return openSealedSecrets(this.#state, (length) => randomBytes(length))
  }

  #newServer(authority: Identity, names: readonly string[]): Identity {
    const leaf = { commonName: names[0] ?? 'fiskal-edge', names, usage: 'server', lifeMs: SERVER_LIFE_MS } as const
    return this.#write('server', issue(authority, leaf, this.#fromMs()))
  }

  #fits({ cert }: Identity, authority: string, names: readonly string[]): boolean {
    const certificate = new X509Certificate(cert)
    const named = names.every((name) =>
      isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
    )
    const above = new X509Certificate(authority)
    const endMs = certificate.validToDate.getTime()
    // Close to the expiry of the authority none lasts longer: it would be made again each minute.
    const lasts = endMs - this.#nowMs() > RENEW_BEFORE_MS || endMs >= above.validToDate.getTime()
    // Made while the clock ran ahead: no client accepts it before that time.
    const hasBegun = certificate.validFromDate.getTime() <= this.#nowMs()
    // A clock that has lost its time cannot judge either: every terminal would refuse a new certificate.
    const timely = this.#nowMs() < PLAUSIBLE_MS || (lasts && hasBegun)
    return named && timely && certificate.verify(above.publicKey)
  }

  #read(name: string): Identity | undefined {
    const [key, cert] = [join(this.#folder, `${name}.key`), join(this.#folder, `${name}.crt`)]
    if (!existsSync(key) || !existsSync(cert)) return undefined
    const held = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
    return new X509Certificate(held.cert).checkPrivateKey(createPrivateKey(held.key)) ? held : undefined
  }

  /** If a crash comes between the two, they do not fit each other, and are made again. */
  #write(name: string, identity: Identity): Identity {
    replaceFile(join(this.#folder, `${name}.key`), Buffer.from(identity.key))
    replaceFile(join(this.#folder, `${name}.crt`), Buffer.from(identity.cert))
    return identity
  }

  /** Waits until no other process writes here. Throws StateLockedError if one does so for two seconds. */
  #alone<Result>(work: () => Result): Result {
    makeFolder(this.#folder)
    const lock = this.#lock()
    try {
      return work()
    } finally {
      lock.release()
    }
  }

  #lock(): Lock {
    for (let waits = 0; ; waits += 1) {
      try {
        return acquireLock(this.#folder)
      } catch (error) {
        if (!(error instanceof StateLockedError) || waits === WAITS_MAX) throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS)
      }
    }
  }
}
