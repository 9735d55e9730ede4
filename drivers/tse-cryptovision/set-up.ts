import { hash } from 'node:crypto'
import { DeviceError } from '../errors.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { Card } from './card.ts'
import type { Parameter } from './codec.ts'
import { bytesAt, numberAt } from './values.ts'

type UserId = 'Admin' | 'TimeAdmin'

const pinDigits = 8
const pukDigits = 10

/** Firmware that takes all PINs in one command; later ones set them user by user. */
const firstFirmware = ['240346', '425545', '793041']
const users = [
  { id: 'Admin', pin: 'adminPin', puk: 'adminPuk' },
  { id: 'TimeAdmin', pin: 'timeAdminPin', puk: 'timeAdminPuk' },
] as const
const loginResults = ['ok', 'failed', 'blocked', 'unknown', 'error']

/** Logs users in for one act and out again. A PIN that was refused is not tried again: the card counts. */
export class Logins {
  readonly #card: Card
  readonly #secrets: DeviceSecrets
  readonly #refused = new Map<UserId, { print: string; error: DeviceError }>()

  constructor(card: Card, secrets: DeviceSecrets) {
    this.#card = card
    this.#secrets = secrets
  }

  async as<T>(user: UserId, expired: AbortSignal, act: () => Promise<T>): Promise<T> {
    await this.#logIn(user, expired)
    try {
      return await act()
    } finally {
      await this.#card.ask('logout', [{ type: 'text', value: user }], expired).catch(() => undefined)
    }
  }

  async #logIn(user: UserId, expired: AbortSignal): Promise<void> {
    const pin = await this.#secrets.read(user === 'Admin' ? 'adminPin' : 'timeAdminPin')
    const print = hash('sha256', pin)
    const refused = this.#refused.get(user)
    if (refused?.print === print) throw refused.error
    const answer = await this.#card.ask('authenticateUser', [text(user), bytes(pin)], expired)
    const result = loginResults[numberAt(answer, 0)] ?? 'error'
    if (result === 'ok') return
    const left = numberAt(answer, 1)
    const error =
      result === 'blocked'
        ? new DeviceError('pin_locked', 'none', `the PIN of ${user} is blocked: unblock it with the PUK`, result)
        : new DeviceError('pin_wrong', 'none', `the card refused the PIN of ${user}: ${left} tries are left`, result)
    this.#refused.set(user, { print, error })
    throw error
  }
}

/**
 * Gives a virgin card its PINs and PUKs and initialises it; goes on where a set-up was cut off. A card that is
 * initialised is only logged in to, once.
 */
export const setUp = async (
  card: Card,
  logins: Logins,
  secrets: DeviceSecrets,
  expired: AbortSignal,
): Promise<void> => {
  const states = bytesAt(await card.ask('getPinStates', [], expired), 0)
  if (states.some((state) => state !== 0)) await givePins(card, secrets, expired)
  const lifeCycle = numberAt(await card.status(4, expired), 0)
  await logins.as('Admin', expired, async () => {
    if (lifeCycle < 2) await card.ask('initialize', [], expired)
  })
}

const givePins = async (card: Card, secrets: DeviceSecrets, expired: AbortSignal): Promise<void> => {
  const given: { id: string; pin: Parameter; puk: Parameter }[] = []
  for (const { id, pin, puk } of users)
    given.push({
      id,
      pin: bytes(await secrets.provide(pin, pinDigits)),
      puk: bytes(await secrets.provide(puk, pukDigits)),
    })
  if (firstFirmware.some((id) => card.firmware.includes(id))) {
    const all = given.flatMap(({ puk, pin }) => [puk, pin])
    await card.ask('initializePins', all, expired)
    return
  }
  for (const { id, puk } of given) await card.ask('initializePins', [text(id), puk], expired)
  for (const { id, puk, pin } of given) {
    const answer = await card.ask('unblockUser', [text(id), puk, pin], expired)
    if (numberAt(answer, 0) !== 0) throw new DeviceError('pin_wrong', 'none', `the card refused the PUK of ${id}`)
  }
}

const text = (value: string): Parameter => ({ type: 'text', value })

const bytes = (value: string): Parameter => ({ type: 'bytes', value: Buffer.from(value, 'latin1') })
