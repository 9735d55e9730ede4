import type { Clock } from '../../base/clock.ts'
import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { RefusedPin } from '../ports/tse.ts'
import { unlessEnded } from '../refusals.ts'
import { RefusedPins } from '../refused-pins.ts'
import type { Card } from './card.ts'
import type { Parameter } from './codec.ts'
import { bytesAt, numberAt } from './values.ts'

type UserId = 'Admin' | 'TimeAdmin'

const PIN_DIGITS = 8
const PUK_DIGITS = 10

/** Firmware that accepts all PINs in one command; later versions set them user by user. */
const firstFirmware = ['240346', '425545', '793041']
const users = [
  { id: 'Admin', pin: 'adminPin', puk: 'adminPuk' },
  { id: 'TimeAdmin', pin: 'timeAdminPin', puk: 'timeAdminPuk' },
] as const
const loginResults = ['ok', 'failed', 'blocked', 'unknown', 'error'] as const
/** −1 as 16 bits: the card does not report the number. */
const TRIES_UNKNOWN = 0xffff
/** The results other than success. */
type LoginResult = Exclude<(typeof loginResults)[number], 'ok'>

/** Logs users in for one act and out again. A refused PIN is not tried again, because the card counts tries. */
export class Logins {
  readonly #card: Card
  readonly #secrets: DeviceSecrets
  readonly #refused: RefusedPins

  constructor(card: Card, secrets: DeviceSecrets, directory: string | undefined, clock: Pick<Clock, 'mono'>) {
    this.#refused = new RefusedPins(directory, secrets, clock, (user) =>
      user === 'Admin' ? 'adminPin' : 'timeAdminPin',
    )
    this.#card = card
    this.#secrets = secrets
  }

  async as<T>(user: UserId, expired: AbortSignal, act: () => Promise<T>): Promise<T> {
    await this.logIn(user, expired)
    try {
      return await act()
    } finally {
      await this.logOut(user, expired)
    }
  }

  async logIn(user: UserId, expired: AbortSignal): Promise<void> {
    const pin = await this.#secrets.read(user === 'Admin' ? 'adminPin' : 'timeAdminPin')
    await this.#refused.logIn(user, pin, () => this.#logIn(user, pin, expired))
  }

  /** After the deadline a late answer could pass for that of the next command. */
  async logOut(user: UserId, expired: AbortSignal): Promise<void> {
    if (!expired.aborted) await this.#card.ask('logout', [text(user)], expired).catch(() => undefined)
  }

  refusedPin(): Promise<RefusedPin | undefined> {
    const { read } = this.#secrets
    return this.#refused.standing({ Admin: () => read('adminPin'), TimeAdmin: () => read('timeAdminPin') })
  }

  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    return this.#refused.admit(command, () => isInit)
  }

  /** The card has just received the PINs of these users. */
  given(...users: readonly UserId[]): Promise<void> {
    return this.#refused.accepted(...users)
  }

  async #logIn(user: UserId, pin: string, expired: AbortSignal): Promise<void> {
    const answer = await unlessEnded(() => this.#card.ask('authenticateUser', [text(user), bytes(pin)], expired))
    if (answer === undefined) return
    const result = loginResults[numberAt(answer, 0)] ?? 'error'
    if (result === 'ok') return
    throw loginError(user, result, numberAt(answer, 1))
  }
}

/** A card that itself failed may have counted the try: the same PIN is sent again only while that cannot lock it. */
function loginError(user: UserId, result: LoginResult, triesLeft: number): DeviceError {
  const named = (code: DeviceErrorCode, message: string): DeviceError => new DeviceError(code, 'none', message, result)
  switch (result) {
    case 'blocked':
      return named('pin_locked', `the PIN of ${user} is blocked: unblock it with the PUK`)
    case 'unknown':
      return named('not_authorised', `the card does not know the user ${user}`)
    case 'error':
      return new DeviceError(
        triesLeft > 1 && triesLeft < TRIES_UNKNOWN ? 'refused' : 'pin_wrong',
        'none',
        `the card could not check the PIN of ${user}: ${triesLeft < TRIES_UNKNOWN ? triesLeft : 'unknown how many'} tries are left`,
        result,
        [],
        triesLeft > 1 && triesLeft < TRIES_UNKNOWN ? 'unknown' : 'pin',
      )
    case 'failed':
      return named('pin_wrong', `the card refused the PIN of ${user}: ${triesLeft} tries are left`)
  }
}

/**
 * Gives a new card its PINs and PUKs, initialises it and sets its time in one login; continues an interrupted set-up.
 * On an initialised card it logs in each user once.
 */
export async function setUp(
  card: Card,
  logins: Logins,
  secrets: DeviceSecrets,
  time: Parameter,
  expired: AbortSignal,
): Promise<void> {
  const states = bytesAt(await card.ask('getPinStates', [], expired), 0)
  if (states.some((state) => state !== 0)) {
    await givePins(card, secrets, states, expired)
    await logins.given(...users.filter((_, index) => states[2 * index] !== 0).map(({ id }) => id))
  }
  const isNew = numberAt(await card.status(4, expired), 0) < 2
  await logins.as('Admin', expired, async () => {
    if (!isNew) return
    await card.ask('initialize', [], expired)
    await card.ask('updateTime', [time], expired)
  })
  if (!isNew) await logins.as('TimeAdmin', expired, () => card.ask('updateTime', [time], expired))
}

/** `states`: PIN and PUK of Admin, PIN and PUK of TimeAdmin; non-zero means not set yet. */
async function givePins(card: Card, secrets: DeviceSecrets, states: Uint8Array, expired: AbortSignal): Promise<void> {
  const given: { id: string; pin: Parameter; puk: Parameter; pukName: string; lacksPin: boolean; lacksPuk: boolean }[] =
    []
  for (const [index, { id, pin, puk }] of users.entries())
    given.push({
      id,
      pin: bytes(await secrets.provide(pin, PIN_DIGITS)),
      puk: bytes(await secrets.provide(puk, PUK_DIGITS)),
      pukName: puk,
      lacksPin: states[2 * index] !== 0,
      lacksPuk: states[2 * index + 1] !== 0,
    })
  if (firstFirmware.some((id) => card.firmware.includes(id))) {
    const all = given.flatMap(({ puk, pin }) => [puk, pin])
    await card.ask('initializePins', all, expired)
    return
  }
  for (const { id, puk, lacksPuk } of given) if (lacksPuk) await card.ask('initializePins', [text(id), puk], expired)
  for (const { id, puk, pukName, pin, lacksPin } of given) {
    if (!lacksPin) continue
    const answer = await card.ask('unblockUser', [text(id), puk, pin], expired)
    if (numberAt(answer, 0) === 0) continue
    const file = secrets.refused?.(pukName)
    const read = file === undefined ? '' : `. It was read from ${file}`
    throw new DeviceError('pin_wrong', 'none', `the card refused the PUK of ${id}${read}`)
  }
}

function text(value: string): Parameter {
  return { type: 'text', value }
}

function bytes(value: string): Parameter {
  return { type: 'bytes', value: Buffer.from(value, 'latin1') }
}
