import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { codeOf, messageOf } from '../../base/thrown.ts'
import type { Identity } from './certificate.ts'
import { ShopAuthority } from './shop-authority.ts'

/** What a TLS server needs; PEM. `ca`: whose client certificates are taken. */
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
  readSecret: (path: string) => Promise<string>
  /** Looks for newer files, because those that were read do not fit together. */
  renew?: () => void
  clock: Clock
  log: Log
}

const LOOK_EVERY_MS = 60_000

/** The TLS files cannot be used. */
class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError'
  readonly code = 'tls_files_invalid'
}

/**
 * Key and certificate of the sale API: those of the configuration, or from the shop's own authority, which renews them
 * before they end. Looked at each minute: what has changed is told, and taken without a restart.
 */
export class TlsSource {
  readonly #options: TlsSourceOptions
  readonly #authority: ShopAuthority
  #cancel: (() => void) | undefined
  #current = ''
  #stopped = false

  constructor(options: TlsSourceOptions) {
    this.#options = options
    this.#authority = new ShopAuthority(options.stateDirectory, () => options.clock.now(), options.settings.names)
  }

  /** Throws TlsFilesError. `onChange` is called with later ones. */
  async open(onChange: (material: TlsMaterial) => void): Promise<TlsMaterial> {
    const material = await this.#read()
    this.#current = JSON.stringify(material)
    this.#tellRefusedNames()
    this.#schedule(onChange)
    return material
  }

  close(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #schedule(onChange: (material: TlsMaterial) => void): void {
    if (this.#stopped) return
    this.#cancel = this.#options.clock.after(LOOK_EVERY_MS, () => void this.#look(onChange))
  }

  /** The others are served: a name that cannot be has to wait for a person, no sale has. */
  #tellRefusedNames(): void {
    const { settings, log } = this.#options
    const names = settings.certFile === undefined ? this.#authority.refusedNames() : []
    if (names.length > 0)
      log.warn(
        { code: 'tls_names_not_permitted' },
        `TLS: the shop's authority does not permit ${names.join(', ')}, so that tills cannot call them: fiskal-edge tls init --new`,
      )
  }

  async #look(onChange: (material: TlsMaterial) => void): Promise<void> {
    const { log, renew } = this.#options
    try {
      const material = await this.#read()
      const now = JSON.stringify(material)
      if (now !== this.#current) {
        onChange(material)
        log.info({}, 'TLS: the renewed certificate is served')
      }
      this.#current = now
    } catch (error) {
      // The one that is served goes on. A certificate may have come without its key.
      renew?.()
      log.warn({ message: messageOf(error) }, 'TLS: the files cannot be used')
    }
    this.#schedule(onChange)
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
      return await this.#options.readSecret(path)
    } catch (error) {
      const code = codeOf(error) ?? 'unknown error'
      throw new TlsFilesError(code === 'no_file' ? messageOf(error) : `${path} cannot be read (${code}).`)
    }
  }
}

/** Throws TlsFilesError where no server can be opened with that certificate and key. */
export function demandServable({ key, cert }: Identity): void {
  // PKCS#8 and the older form (RFC 1421) say so in their head.
  if (/^(-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(key))
    throw new TlsFilesError(
      'tls.keyFile has a passphrase, which nobody types at a start: openssl pkey -in THAT -out WITHOUT takes it off.',
    )
  if (!isPair(key, cert))
    throw new TlsFilesError(
      'tls.certFile and tls.keyFile are no certificate and its key (PEM; in a chain the certificate of that key comes first).',
    )
  // OpenSSL reads all of a chain, and takes no key that is too weak: it says so when the server is opened, in its own words.
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
 * Throws TlsFilesError where one of the authorities would not be asked: OpenSSL takes them up to the first that is spoiled,
 * and says nothing of it. Those whom the others vouch for would not be heard.
 */
export function demandAuthorities(pem: string, path: string): void {
  const certificates = pem.split(/(?=^-----BEGIN )/m).filter((block) => block.startsWith('-----BEGIN '))
  if (certificates.length === 0) throw new TlsFilesError(`tls.clientCaFile: ${path} holds no certificate (PEM).`)
  for (const [index, certificate] of certificates.entries())
    try {
      new X509Certificate(certificate)
    } catch {
      throw new TlsFilesError(`tls.clientCaFile: number ${index + 1} in ${path} is no whole certificate (PEM).`)
    }
}
