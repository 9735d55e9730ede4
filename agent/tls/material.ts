import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { watchReplaced } from '../../base/replaced-files.ts'
import { codeOf, messageOf } from '../../base/thrown.ts'
import type { Identity } from './certificate.ts'
import { ShopAuthority } from './shop-authority.ts'

/** Key and certificate of a TLS server, PEM. `ca`: the authorities whose client certificates it accepts. */
export type TlsMaterial = { key: string; cert: string; ca?: string }

export type TlsSettings = {
  certFile?: string | undefined
  keyFile?: string | undefined
  clientCaFile?: string | undefined
  names: readonly string[]
  clientCertificates: 'off' | 'optional' | 'required'
}

export type TlsSourceOptions = {
  settings: TlsSettings
  stateDirectory: string
  /** Content of a file of the configuration. */
  readSecret: (path: string, form: 'lines') => Promise<string>
  /** The path at which such a file is read, if not its own. */
  placeOf?: (path: string) => string
  /** Looks for newer files, because those that were read do not fit together. */
  renew?: () => void
  clock: Clock
  log: Log
}

const LOOK_EVERY_MS = 60_000
/** A certificate and its key arrive one after the other. */
const SETTLE_MS = 300

/** The TLS files cannot be used. */
class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError'
  readonly code = 'tls_files_invalid'
}

/**
 * Key and certificate of the sale API: those of the configuration, or from the shop's own authority, which renews them
 * before they expire. It looks each minute, and soon after a file was replaced, and passes a change on without a
 * restart.
 */
export class TlsSource {
  readonly #options: TlsSourceOptions
  readonly #authority: ShopAuthority
  #cancel: (() => void) | undefined
  #endWatch: () => void = () => undefined
  #onChange: (material: TlsMaterial) => void = () => undefined
  #current = ''
  #isLooking = false
  #isReplaced = false
  #stopped = false

  constructor(options: TlsSourceOptions) {
    this.#options = options
    this.#authority = new ShopAuthority(options.stateDirectory, () => options.clock.now(), options.settings.names)
  }

  /** Throws TlsFilesError. Calls `onChange` with later material. */
  async open(onChange: (material: TlsMaterial) => void): Promise<TlsMaterial> {
    const material = await this.#read()
    this.#current = JSON.stringify(material)
    this.#onChange = onChange
    this.#reportRefusedNames()
    if (!this.#stopped) this.#endWatch = watchReplaced(this.#files(), () => this.#noteReplaced())
    this.#schedule(LOOK_EVERY_MS)
    return material
  }

  close(): void {
    this.#stopped = true
    this.#endWatch()
    this.#cancel?.()
  }

  #files(): string[] {
    const { settings, placeOf = (path: string) => path } = this.#options
    const { certFile, keyFile, clientCaFile } = settings
    const named = [certFile, keyFile, clientCaFile].flatMap((path) => (path === undefined ? [] : [placeOf(path)]))
    return certFile === undefined ? [...named, ...this.#authority.files] : named
  }

  #noteReplaced(): void {
    this.#isReplaced = true
    if (!this.#isLooking) this.#schedule(SETTLE_MS)
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return
    this.#cancel?.()
    this.#cancel = this.#options.clock.after(delayMs, () => void this.#reloadIfChanged())
  }

  /** The other names are served: a refused name waits for a person, a sale does not. */
  #reportRefusedNames(): void {
    const { settings, log } = this.#options
    const names = settings.certFile === undefined ? this.#authority.refusedNames() : []
    if (names.length > 0)
      log.warn(
        { code: 'tls_names_not_permitted' },
        `TLS: the shop's authority does not permit ${names.join(', ')}, so that tills cannot call them: fiskal-edge tls init --new`,
      )
  }

  async #reloadIfChanged(): Promise<void> {
    const { log, renew } = this.#options
    this.#isLooking = true
    this.#isReplaced = false
    try {
      const material = await this.#read()
      const now = JSON.stringify(material)
      if (now !== this.#current) {
        this.#onChange(material)
        log.info({}, 'TLS: the renewed certificate is served')
      }
      this.#current = now
    } catch (error) {
      // The server keeps the current one. A certificate may have come without its key.
      renew?.()
      log.warn({ message: messageOf(error) }, 'TLS: the files cannot be used')
    }
    this.#isLooking = false
    this.#schedule(this.#isReplaced ? SETTLE_MS : LOOK_EVERY_MS)
  }

  async #read(): Promise<TlsMaterial> {
    const { settings } = this.#options
    const { certFile, keyFile, clientCaFile, clientCertificates } = settings
    const own =
      certFile === undefined || keyFile === undefined
        ? this.#authority.server()
        : { cert: await this.#text(certFile), key: await this.#text(keyFile) }
    demandServable(own)
    if (clientCertificates === 'off') return own
    return {
      ...own,
      ca: clientCaFile === undefined ? this.#authority.certificate() : await this.#authorities(clientCaFile),
    }
  }

  async #authorities(path: string): Promise<string> {
    const pem = await this.#text(path)
    demandAuthorities(pem, path)
    return pem
  }

  async #text(path: string): Promise<string> {
    try {
      return await this.#options.readSecret(path, 'lines')
    } catch (error) {
      const code = codeOf(error) ?? 'unknown error'
      throw new TlsFilesError(code === 'no_file' ? messageOf(error) : `${path} cannot be read (${code}).`)
    }
  }
}

/** Throws TlsFilesError if a server cannot be opened with that certificate and key. */
export function demandServable({ key, cert }: Identity): void {
  // The head of PKCS#8 and of the older form (RFC 1421) names the encryption.
  if (/^(-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(key))
    throw new TlsFilesError(
      'tls.keyFile has a passphrase, which cannot be typed at a start: remove it with openssl pkey -in THAT -out WITHOUT.',
    )
  if (!isPair(key, cert))
    throw new TlsFilesError(
      'tls.certFile and tls.keyFile are not a certificate and its key (PEM; in a chain the certificate of that key comes first).',
    )
  // OpenSSL reads the whole chain and refuses weak keys, in its own words and only when the server is opened.
  try {
    createSecureContext({ key, cert })
  } catch (error) {
    throw new TlsFilesError(
      `tls.certFile and tls.keyFile cannot be served (${messageOf(error)}): whole certificates (PEM) are needed, and a key of P-256 or of RSA from 2048 bits on.`,
    )
  }
}

function isPair(key: string, cert: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

/**
 * Throws TlsFilesError if OpenSSL would ignore one of the authorities: it reads them up to the first spoiled one and
 * reports nothing. Clients of the others would be refused.
 */
export function demandAuthorities(pem: string, path: string): void {
  const certificates = pem.split(/(?=^-----BEGIN )/m).filter((block) => block.startsWith('-----BEGIN '))
  if (certificates.length === 0) throw new TlsFilesError(`tls.clientCaFile: ${path} holds no certificate (PEM).`)
  for (const [index, certificate] of certificates.entries())
    try {
      new X509Certificate(certificate)
    } catch {
      throw new TlsFilesError(`tls.clientCaFile: number ${index + 1} in ${path} is not a whole certificate (PEM).`)
    }
}
