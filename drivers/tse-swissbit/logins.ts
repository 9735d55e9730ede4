import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { RefusedPin } from '../ports/tse.ts'
import { loginErrorOf } from '../refusal-class.ts'
import { RefusedPins } from '../refused-pins.ts'
import { errorOf } from './device-errors.ts'
import { isSecondFirmware } from './values.ts'
import type { WormFacts, WormLogin } from './worm-calls.ts'

const users = { adminPin: 1, timeAdminPin: 2 } as const
const others = { adminPin: 'timeAdminPin', timeAdminPin: 'adminPin' } as const
export type PinName = keyof typeof users
/** The user is logged in nevertheless. */
const CERTIFICATE_ENDED = '100a'
/** They say nothing of the PIN: 1100 alone takes a try. */
const UNCLEAR: ReadonlySet<string> = new Set(['3', '8', '1001'])
/** Name of a refused first set-up in the file of refused PINs. */
const FIRST_SET_UP = 'factory'

type Library = {
  /** Throws `foreign` none if a different unit answers: it gets no PIN, because units count tries. */
  facts: () => Promise<WormFacts>
  logIn: (user: number, pin: string) => Promise<WormLogin>
  logOut: (user: number) => Promise<unknown>
}

/** Logs users in for one act and out again. A refused PIN is not tried again. */
export class Logins {
  readonly #library: Library
  readonly #secrets: DeviceSecrets
  readonly #refusedPins: RefusedPins
  #count = 0

  constructor(library: Library, options: { directory: string; secrets: DeviceSecrets; clock: Pick<Clock, 'mono'> }) {
    this.#library = library
    this.#secrets = options.secrets
    this.#refusedPins = new RefusedPins(options.directory, options.secrets, options.clock)
  }

  /** How many there were: each is a log, and from firmware 2 on ends the login of another user. */
  get count(): number {
    return this.#count
  }

  async as<T>(name: PinName, act: () => Promise<T>): Promise<T> {
    await this.logIn(name)
    try {
      return await act()
    } finally {
      await this.logOut(name)
    }
  }

  async logIn(name: PinName): Promise<void> {
    const facts = await this.#library.facts()
    const pin = await this.#secrets.read(name)
    await this.#refusedPins.prepareAndLogIn(
      name,
      pin,
      async () => {
        if (isSecondFirmware(facts)) await this.logOut(others[name])
      },
      async () => {
        this.#count += 1
        const { refusal, triesLeft } = await this.#library.logIn(users[name], pin)
        if (refusal === undefined || refusal === CERTIFICATE_ENDED) return
        const error = errorOf(refusal, 'the library refused', 'unknown')
        if (UNCLEAR.has(refusal)) throw new DeviceError(error.code, 'none', error.message, refusal, [], 'away')
        throw triesLeft === undefined ? error : loginErrorOf(error, triesLeft)
      },
    )
  }

  /** Also without a login, which the unit refuses. */
  async logOut(name: PinName): Promise<void> {
    await this.#library.logOut(users[name]).catch(() => undefined)
  }

  /**
   * The first set-up of a unit with this data. It may be repeated after a lost answer, not after a refusal: each one
   * costs a try of the PUK.
   */
  async setUp(shown: string, setUp: () => Promise<unknown>): Promise<void> {
    await this.#refusedPins.show(FIRST_SET_UP, shown, setUp)
    await this.#refusedPins.accepted('adminPin', 'timeAdminPin')
    for (const name of ['timeAdminPin', 'adminPin'] as const) await this.logOut(name)
  }

  /** A login that got no answer is tried again, one time. */
  replugged(): Promise<void> {
    return this.#refusedPins.replugged()
  }

  refusedPin(): Promise<RefusedPin | undefined> {
    const { read } = this.#secrets
    return this.#refusedPins.standing({ adminPin: () => read('adminPin'), timeAdminPin: () => read('timeAdminPin') })
  }

  /** Not for the first set-up: three refusals lock the unit permanently. */
  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    return this.#refusedPins.admit(command, (name) => isInit && name !== FIRST_SET_UP)
  }
}
