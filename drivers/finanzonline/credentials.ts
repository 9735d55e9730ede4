import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { syncNow } from '../../base/durable-file.ts'
import { messageOf } from '../../base/thrown.ts'
import type { DeviceError } from '../errors.ts'
import type { RefusedLogin } from '../ports/authority.ts'
import type { Fingerprint } from '../ports/secrets.ts'
import { RefusedPins } from '../refused-pins.ts'
import type { Credentials } from './requests.ts'

/** Paths of the files of one account. */
export type CredentialFiles = { readonly participant: string; readonly user: string; readonly pin: string }

export type CredentialOptions = {
  readonly files: CredentialFiles
  /** The name of the account among those of the agent. */
  readonly name: string
  /** A folder for the prints of credentials. */
  readonly directory: string
  readonly fingerprint: Fingerprint
  readonly readSecret: (path: string) => Promise<string>
  readonly clock: Pick<Clock, 'mono'>
}

/** The files are not usable: no login is tried with them. */
export class UnusableCredentialsError extends Error {
  override readonly name = 'UnusableCredentialsError'
}

type Print = { readonly salt: string; readonly print: string }

const PROVEN_FILE = 'login-proven.json'

/** The forms of the members of a login (schema of the session service). */
const FORMS: Readonly<Record<keyof Credentials, readonly [form: RegExp, words: string]>> = {
  participant: [/^[0-9A-Za-z]{8,12}$/, '8 to 12 letters and digits'],
  user: [/^[^\p{Cc}]{5,12}$/u, '5 to 12 characters'],
  pin: [/^[^\p{Cc}]{5,128}$/u, '5 to 128 characters'],
}

/** Throws UnusableCredentialsError, whose message names the file and never its content. */
export async function readCredentials(
  files: CredentialFiles,
  readSecret: (path: string) => Promise<string>,
): Promise<Credentials> {
  const read = async (name: keyof Credentials): Promise<string> => {
    const path = files[name]
    const [form, words] = FORMS[name]
    const content = await readSecret(path).catch((error: unknown) => {
      throw new UnusableCredentialsError(`${name}File: ${messageOf(error)}`)
    })
    if (!form.test(content)) throw new UnusableCredentialsError(`${name}File: ${path} must have ${words}.`)
    return content
  }
  const [participant, user, pin] = [await read('participant'), await read('user'), await read('pin')]
  return { participant, user, pin }
}

/**
 * The login of one account. Refused credentials are not tried again, and unproven ones at most twice without an answer,
 * over any number of starts. Credentials that were accepted once are proven: a lost answer with them costs nothing.
 * Prints alone are stored.
 */
export class Login {
  readonly #options: CredentialOptions
  readonly #pins: RefusedPins
  #isAdmitted = false

  constructor(options: CredentialOptions) {
    this.#options = options
    this.#pins = new RefusedPins(options.directory, { fingerprint: options.fingerprint }, options.clock)
  }

  /** Throws UnusableCredentialsError. */
  read(): Promise<Credentials> {
    return readCredentials(this.#options.files, this.#options.readSecret)
  }

  /** A person permits one more login with refused credentials. */
  admit(): void {
    this.#isAdmitted = true
  }

  /** `attempt` throws a DeviceError for each login that did not succeed. */
  async logIn<T>(credentials: Credentials, attempt: () => Promise<T>): Promise<T> {
    const { name } = this.#options
    const secret = secretOf(credentials)
    const once = async (): Promise<T> => {
      if (await this.#isProven(secret)) return this.#pins.show(name, secret, attempt)
      const result = await this.#pins.logIn(name, secret, attempt)
      await this.#prove(secret)
      return result
    }
    const isAdmitted = this.#isAdmitted
    this.#isAdmitted = false
    return isAdmitted ? this.#pins.admit(once, () => true) : once()
  }

  /** The service refused the credentials in a call after the login. */
  async refuse(credentials: Credentials, rc: string): Promise<void> {
    await this.#pins.refused(this.#options.name, secretOf(credentials), 'pin_wrong', rc)
  }

  /** Undefined if those may be tried. Sends nothing. */
  async refusal(credentials: Credentials): Promise<DeviceError | undefined> {
    if (this.#isAdmitted) return undefined
    return this.#pins.refusal(this.#options.name, secretOf(credentials))
  }

  async #isProven(secret: string): Promise<boolean> {
    const proven = (await this.#allProven()).get(this.#options.name)
    return proven !== undefined && this.#options.fingerprint(proven.salt + secret) === proven.print
  }

  async #prove(secret: string): Promise<void> {
    const { name, directory, fingerprint } = this.#options
    const salt = randomBytes(16).toString('hex')
    const proven = new Map([...(await this.#allProven()), [name, { salt, print: fingerprint(salt + secret) }]])
    const path = join(directory, PROVEN_FILE)
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeFile(`${path}.tmp`, JSON.stringify(Object.fromEntries(proven)), { mode: 0o600, flush: true })
      await rename(`${path}.tmp`, path)
      syncNow(directory)
    } catch {
      // On a full disk they stay unproven.
    }
  }

  async #allProven(): Promise<Map<string, Print>> {
    try {
      const read = JSON.parse(await readFile(join(this.#options.directory, PROVEN_FILE), 'utf8')) as object
      return new Map(Object.entries(read))
    } catch {
      return new Map()
    }
  }
}

/** The words for a login that is not tried; `rc`: the code of the service, if it gave one. */
export function refusedLogin(error: DeviceError): RefusedLogin {
  if (error.code === 'not_authorised')
    return { rc: undefined, reason: 'login_unproven', message: `the login was not answered: ${error.message}` }
  const rc = /^-\d/.exec(error.message)?.[0]
  const reason = rc === '-7' || rc === '-8' ? 'not_entitled' : 'credentials_refused'
  const shown = rc === undefined ? '' : ` (rc ${rc.replace('-', '−')})`
  return { rc, reason, message: `credentials were refused${shown} and have not changed since` }
}

function secretOf({ participant, user, pin }: Credentials): string {
  return `${participant}\n${user}\n${pin}`
}
