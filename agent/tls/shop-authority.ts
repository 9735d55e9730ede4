import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { PLAUSIBLE_MS } from '../clock.ts'
import { replaceFile } from '../durable-file.ts'
import { makeFolder } from '../state/state-directory.ts'
import type { Identity } from './certificate.ts'
import { issue, makeAuthority } from './certificate.ts'
import type { Issued } from './issued.ts'
import { ISSUED_FOLDER, issuedTo } from './issued.ts'

export const TLS_FOLDER = 'tls'
const AUTHORITY_NAME = 'fiskal-edge shop CA'
const YEAR_MS = 365.25 * 86_400_000
/** Browsers refuse servers' certificates that are longer. */
const SERVER_LIFE_MS = 397 * 86_400_000
const CLIENT_LIFE_MS = 3 * YEAR_MS
const RENEW_BEFORE_MS = 60 * 86_400_000

/**
 * The certificate authority of one shop, in `tls/` of the state directory: made at first use, trusted by the terminals
 * of this shop alone. Files are replaced whole, so that the agent and a technician's command may both work here.
 */
export class ShopAuthority {
  readonly #folder: string
  readonly #nowMs: () => number

  constructor(stateDirectory: string, nowMs: () => number) {
    this.#folder = join(stateDirectory, TLS_FOLDER)
    this.#nowMs = nowMs
  }

  get certificateFile(): string {
    return join(this.#folder, 'ca.crt')
  }

  /** PEM; the authority is made where there is none. */
  certificate(): string {
    return this.#authority().cert
  }

  /** SHA-256 of the certificate, as terminals show it. */
  fingerprint(): string {
    return new X509Certificate(this.certificate()).fingerprint256
  }

  /** The server's key and certificate; made anew where they are missing, end soon or do not fit the names. */
  server(names: readonly string[]): Identity {
    const held = this.#read('server')
    if (held !== undefined && this.#fits(held, withOwn(names))) return held
    return this.renewServer(names)
  }

  renewServer(names: readonly string[]): Identity {
    const all = withOwn(names)
    const leaf = { commonName: all[0] ?? 'fiskal-edge', names: all, usage: 'server', lifeMs: SERVER_LIFE_MS } as const
    const made = issue(this.#authority(), leaf, this.#fromMs())
    this.#write('server', made)
    return made
  }

  /** Key and certificate of the terminal of a register; the key is kept nowhere. */
  client(registerId: string): Identity {
    const leaf = { commonName: registerId, names: [], usage: 'client', lifeMs: CLIENT_LIFE_MS } as const
    const made = issue(this.#authority(), leaf, this.#nowMs())
    const folder = join(this.#folder, ISSUED_FOLDER)
    makeFolder(folder)
    replaceFile(join(folder, `${registerId}.crt`), Buffer.from(made.cert))
    return made
  }

  /** Another authority in the place of the present one. */
  replace(): void {
    this.#write('ca', makeAuthority(AUTHORITY_NAME, this.#fromMs()))
  }

  /** What an authority before this one gave to terminals: it is worth nothing any more. */
  worthless(): Issued[] {
    const authority = new X509Certificate(this.certificate())
    return issuedTo(this.#folder).filter(({ certificate }) => !certificate.checkIssued(authority))
  }

  /** From when on what is served counts: where the clock has lost its time, those of the terminals have not. */
  #fromMs(): number {
    return Math.max(this.#nowMs(), PLAUSIBLE_MS)
  }

  #authority(): Identity {
    const held = this.#read('ca')
    if (held !== undefined) return held
    const made = makeAuthority(AUTHORITY_NAME, this.#fromMs())
    this.#write('ca', made)
    return made
  }

  #fits({ cert }: Identity, names: readonly string[]): boolean {
    const certificate = new X509Certificate(cert)
    const named = names.every((name) =>
      isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
    )
    const above = new X509Certificate(this.certificate())
    const endMs = certificate.validToDate.getTime()
    // Towards the end of the authority none lasts longer: it would be made anew each minute.
    const lasts = endMs - this.#nowMs() > RENEW_BEFORE_MS || endMs >= above.validToDate.getTime()
    // Made while the clock ran ahead: nobody takes it before that time.
    const begun = certificate.validFromDate.getTime() <= this.#nowMs()
    // A clock that has lost its time knows neither: another one would be refused by every terminal.
    const timely = this.#nowMs() < PLAUSIBLE_MS || (lasts && begun)
    return named && timely && certificate.verify(above.publicKey)
  }

  #read(name: string): Identity | undefined {
    const [key, cert] = [join(this.#folder, `${name}.key`), join(this.#folder, `${name}.crt`)]
    if (!existsSync(key) || !existsSync(cert)) return undefined
    const held = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
    return new X509Certificate(held.cert).checkPrivateKey(createPrivateKey(held.key)) ? held : undefined
  }

  /** Where a crash comes between the two they do not fit each other, and are made anew. */
  #write(name: string, { key, cert }: Identity): void {
    makeFolder(this.#folder)
    replaceFile(join(this.#folder, `${name}.key`), Buffer.from(key))
    replaceFile(join(this.#folder, `${name}.crt`), Buffer.from(cert))
  }
}

/** What runs on the machine itself calls it too. */
function withOwn(names: readonly string[]): string[] {
  return [...new Set([...names, 'localhost', '127.0.0.1', '::1'])]
}
