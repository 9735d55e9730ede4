import { createSecretKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../agent/agent-config.ts'
import type { Clock } from '../../base/clock.ts'
import { CardSimulator } from '../../drivers/card-simulator/driver.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import { AustrianTills } from '../crash/austrian-tills.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { Till } from '../crash/till.ts'
import { cardLine } from './device-line.ts'
import type { Remains, Site } from './site.ts'
import { siteConfig } from './site.ts'

const TILLS = 4
const DRIVER = 'card-simulator'
const FAULTS = [
  ...['lost-answer', 'lost-request', 'garbled', 'power-cut', 'busy', 'unplugged', 'unplugged', 'wrong-signature'],
  ...['slow=700', 'slow=4900', 'slow=6000', 'slow=12000', 'certificate-expired'],
  ...['error', 'error-done'],
] as const
const ACTS = ['sign', 'sign', 'sign', 'open', 'health', 'identity', '*'] as const
const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

/** Registers of Austria on two cards, the second is the fallback of the first, over the turn of a year. */
export class AustrianSite implements Site {
  readonly device = undefined
  readonly startMs = Date.parse('2026-12-29T07:00:00Z')
  /** A clock that goes back blocks a register until its last receipt is past. */
  readonly jumps = [1, 1, 32, 1 / 24] as const
  readonly points = [
    ...(['journal.before-commit', 'journal.after-commit', 'device.before-sign', 'device.after-sign'] as const),
  ] as const
  readonly config: Config
  readonly #cards: readonly { id: string; card: CardSimulator }[]
  readonly #tills = new AustrianTills()

  constructor(folder: string, clock: Clock) {
    const devices = ['card-1', 'card-2'].map((id) => ({ id, driver: DRIVER }))
    const rksv = { fallbacks: { 'card-1': ['card-2'] } }
    this.config = siteConfig(folder, devices, { rksv })
    this.#cards = devices.map(({ id }) => {
      return { id, card: new CardSimulator({ directory: join(folder, 'devices', id), clock }) }
    })
  }

  connect(clock: Clock, random: Seeded): readonly OpenedDevice[] {
    return this.#cards.map(({ id, card }) => {
      return { id, driver: DRIVER, unit: cardLine(card, clock, random.fork()), load: () => card.load() }
    })
  }

  openShop(office: Till): Promise<string[]> {
    return this.#tills.openShop(office, TILLS)
  }

  work(till: Till, register: string): Promise<void> {
    return this.#tills.work(till, register)
  }

  befall(random: Seeded): string {
    const fault = `${random.pick(FAULTS)}@${random.pick(ACTS)}${random.pick(['', '#2', '#1-3', '#3-5', '#1+'])}`
    const { id, card } = random.chance(0.7) ? this.#first : (this.#cards.at(-1) ?? this.#first)
    try {
      card.inject(fault)
    } catch {
      card.clearFaults()
    }
    return `${id}: fault ${fault}`
  }

  clearFaults(): void {
    for (const { card } of this.#cards) card.clearFaults()
  }

  restart(): void {
    for (const { card } of this.#cards) card.inject('power-cut@*')
  }

  /** A card keeps nothing. */
  async unfinished(): Promise<readonly unknown[]> {
    return []
  }

  prove({ folder, files, answers }: Remains): Promise<string[]> {
    return this.#tills.prove(answers, async (register) => {
      const read = async (type: string): Promise<string> => {
        const path = join(folder, `${type}-${register}`)
        await files.write(type, { ...EVER, registerId: register }, path)
        return readFile(path, 'utf8')
      }
      const { base64AESKey } = JSON.parse(await read('rksv_crypto')) as { base64AESKey: string }
      return { dep: await read('dep7'), aesKey: createSecretKey(base64AESKey, 'base64') }
    })
  }

  async close(): Promise<void> {
    for (const { card } of this.#cards) await card.close()
  }

  get #first(): { id: string; card: CardSimulator } {
    const [first] = this.#cards
    if (first === undefined) throw new Error('no card')
    return first
  }
}
