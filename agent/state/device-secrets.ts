import { createHmac } from 'node:crypto'
import type { Json } from '../../base/canonical.ts'
import { SecretInvalidError } from '../../base/secret-file.ts'
import { DeviceError, errorCode } from '../../drivers/errors.ts'
import type { DeviceSecrets } from '../../drivers/ports/secrets.ts'

type Sealed = {
  seal: (name: string, value: Json) => void
  unseal: (name: string) => Json | undefined
}

export type SecretsOptions = {
  sealed: Sealed & { fingerprintKey: Uint8Array }
  random: (length: number) => Uint8Array
  /** The secret in a file. */
  readFile: (path: string) => Promise<string>
  /** Returns that file and its time, and looks for a newer one. */
  refused: (path: string) => string
}

/** `shown`: the technician has received it, for the safe. */
type Kept = { [name: string]: { value: string; shown: boolean } }

/**
 * PINs and PUKs of devices: read from files of the shop, or made by `device init`, stored sealed and shown until a
 * person has seen them.
 */
export class SecretsOfDevices {
  readonly #options: SecretsOptions

  constructor(options: SecretsOptions) {
    this.#options = options
  }

  /** A digest of a secret under the key of this agent. */
  readonly fingerprint = (text: string): string =>
    createHmac('sha256', this.#options.sealed.fingerprintKey).update(text).digest('hex')

  /** `files`: the shop's files, by name; undefined if it names none. */
  of(device: string, files: Readonly<Record<string, string | undefined>>): DeviceSecrets {
    return {
      read: async (name) => {
        const secret = await this.#find(device, name, files[name])
        if (secret !== undefined) return secret
        throw new DeviceError('not_authorised', 'none', `no ${name} of ${device} is known: name its file, ${name}File`)
      },
      provide: async (name, digits) =>
        (await this.#find(device, name, files[name])) ?? this.#make(device, name, digits),
      refused: (name) => {
        const file = files[name]
        return file === undefined ? undefined : this.#options.refused(file)
      },
      fingerprint: this.fingerprint,
    }
  }

  /** Secrets that were made and not seen yet. A crash on the way to the technician leaves them for the next time. */
  unseen(device: string): Record<string, string> {
    const fresh = Object.entries(this.#secretsOf(device)).filter(([, { shown }]) => !shown)
    return Object.fromEntries(fresh.map(([name, { value }]) => [name, value]))
  }

  /** The technician has seen those: they are not shown again. */
  async seen(device: string, names: readonly string[]): Promise<void> {
    const secrets = Object.entries(this.#secretsOf(device))
    if (!secrets.some(([name, { shown }]) => names.includes(name) && !shown)) return
    const marked = secrets.map(([name, { value, shown }]) => [name, { value, shown: shown || names.includes(name) }])
    this.#store(device, Object.fromEntries(marked))
  }

  /** Throws DeviceError for a file that cannot be read. */
  async #find(device: string, name: string, file: string | undefined): Promise<string | undefined> {
    try {
      return file === undefined ? this.#secretsOf(device)[name]?.value : await this.#options.readFile(file)
    } catch (error) {
      throw new DeviceError('not_authorised', 'none', `${name} of ${device} cannot be read: ${whyUnread(error)}`)
    }
  }

  async #make(device: string, name: string, digits: number): Promise<string> {
    const value = randomDigits(digits, this.#options.random)
    this.#store(device, { ...this.#secretsOf(device), [name]: { value, shown: false } })
    return value
  }

  #secretsOf(device: string): Kept {
    return (this.#options.sealed.unseal(nameOf(device)) as Kept | undefined) ?? {}
  }

  #store(device: string, secrets: Kept): void {
    this.#options.sealed.seal(nameOf(device), secrets)
  }
}

function whyUnread(error: unknown): string {
  return error instanceof SecretInvalidError ? error.message : (errorCode(error) ?? 'unexpected error')
}

function nameOf(device: string): string {
  return `device-${device}`
}

/** Each digit is as likely as the others: the values of a byte above the last full ten are discarded. */
function randomDigits(count: number, random: (length: number) => Uint8Array): string {
  let digits = ''
  while (digits.length < count)
    for (const byte of random(count)) if (byte < 250 && digits.length < count) digits += String(byte % 10)
  return digits
}
