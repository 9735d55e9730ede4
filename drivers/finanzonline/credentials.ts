import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { writeDurably } from '../../base/durable-file.ts'
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
  readonly prints: LoginPrints
  readonly readSecret: (path: string) => Promise<string>
}

/** The files are not usable: no login is tried with them. */
export class UnusableCredentialsError extends Error {
  override readonly name = 'UnusableCredentialsError'
}

type Print = { readonly salt: string; readonly print: string }

const PROVEN_FILE = 'login-proven.json'
/** The only secret of a user. */
const PIN = 'pin'
const PRINT_DIGITS = 32

/** The forms of the members of a login (schema of the session service). */
const FORMS: Readonly<Record<keyof Credentials, readonly [form: RegExp, words: string]>> = {
  participant: [/^[0-9A-Za-z]{8,12}$/, '8 to 12 letters and digits'],
  user: [/^[0-9A-Za-z]{5,12}$/, '5 to 12 letters and digits'],
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

/** The prints of one user of a participant. */
type UserPrints = { readonly directory: string; readonly refused: RefusedPins }

/**
 * Prints of refused and proven credentials, in a folder for each user of a participant: they hold under whatever name the
 * configuration has the account, and no account writes those of another.
 */
export class LoginPrints {
  readonly #directory: string
  readonly #fingerprint: Fingerprint
  readonly #clock: Pick<Clock, 'mono'>
  readonly #users = new Map<string, UserPrints>()

  constructor(directory: string, fingerprint: Fingerprint, clock: Pick<Clock, 'mono'>) {
    this.#directory = directory
    this.#fingerprint = fingerprint
    this.#clock = clock
  }

  refusedOf(credentials: Credentials): RefusedPins {
    return this.#of(credentials).refused
  }

  /** A print of the account as a whole, with the settings that are sent with it. */
  accountPrint(credentials: Credentials, settings: readonly string[]): string {
    return this.#fingerprint(['account', secretOf(credentials), ...settings].join('\n')).slice(0, PRINT_DIGITS)
  }

  async isProven(credentials: Credentials): Promise<boolean> {
    try {
      const read = JSON.parse(await readFile(join(this.#of(credentials).directory, PROVEN_FILE), 'utf8')) as Print
      return this.#fingerprint(read.salt + secretOf(credentials)) === read.print
    } catch {
      return false
    }
  }

  async prove(credentials: Credentials): Promise<void> {
    const { directory } = this.#of(credentials)
    const salt = randomBytes(16).toString('hex')
    const proven: Print = { salt, print: this.#fingerprint(salt + secretOf(credentials)) }
    const path = join(directory, PROVEN_FILE)
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeDurably(path, [JSON.stringify(proven)], 0o600)
    } catch {
      // On a full disk they stay unproven.
    }
  }

  #of({ participant, user }: Credentials): UserPrints {
    const name = this.#fingerprint(`finanzonline\n${participant}\n${user}`).slice(0, PRINT_DIGITS)
    const known = this.#users.get(name)
    if (known !== undefined) return known
    const directory = join(this.#directory, name)
    const refused = new RefusedPins(directory, { fingerprint: this.#fingerprint }, this.#clock)
    this.#users.set(name, { directory, refused })
    return { directory, refused }
  }
}

/**
 * The login of one account. Refused credentials are not tried again, and unproven ones at most twice without an answer,
 * over any number of starts. Credentials that were accepted once are proven: a lost answer with them costs nothing.
 * Prints alone are stored.
 */
export class Login {
  readonly #options: CredentialOptions
  #isAdmitted = false

  constructor(options: CredentialOptions) {
    this.#options = options
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
    const { prints } = this.#options
    const refused = prints.refusedOf(credentials)
    const secret = secretOf(credentials)
    const once = async (): Promise<T> => {
      if (await prints.isProven(credentials)) return refused.show(PIN, secret, attempt)
      const result = await refused.logIn(PIN, secret, attempt)
      await prints.prove(credentials)
      return result
    }
    const isAdmitted = this.#isAdmitted
    this.#isAdmitted = false
    return isAdmitted ? refused.admit(once, () => true) : once()
  }

  /** Undefined if those may be tried. Sends nothing. */
  async refusal(credentials: Credentials): Promise<DeviceError | undefined> {
    if (this.#isAdmitted) return undefined
    return this.#options.prints.refusedOf(credentials).refusal(PIN, secretOf(credentials))
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

export function isSame(one: Credentials, other: Credentials | undefined): boolean {
  return other !== undefined && secretOf(one) === secretOf(other)
}

function secretOf({ participant, user, pin }: Credentials): string {
  return `${participant}\n${user}\n${pin}`
}
