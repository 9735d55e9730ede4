import { createSecretKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../agent/agent-config.ts'
import type { DutyDesk } from '../../agent/till/duty-desk.ts'
import type { Clock } from '../../base/clock.ts'
import { CardSimulator } from '../../drivers/card-simulator/driver.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { SignatureCard } from '../../drivers/ports/signature-card.ts'
import { AustrianTills } from '../crash/austrian-tills.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { Till } from '../crash/till.ts'
import { cardLine } from './device-line.ts'
import type { Remains, Site } from './site.ts'
import { siteConfig } from './site.ts'
import type { DeskParts } from './tax-office.ts'
import { TaxOffice } from './tax-office.ts'
import type { VirtualClock } from './virtual-clock.ts'

const TILLS = 4
const DRIVER = 'card-simulator'
const FAULTS = [
  ...['lost-answer', 'lost-request', 'garbled', 'power-cut', 'busy', 'unplugged', 'unplugged', 'wrong-signature'],
  ...['slow=700', 'slow=4900', 'slow=6000', 'slow=12000', 'certificate-expired'],
  ...['error', 'error-done'],
] as const
const ACTS = ['sign', 'sign', 'sign', 'open', 'health', 'identity', '*'] as const
/** Share of the acts that open and end another register. */
const ENDS = 0.05
const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

/** The maker in a simulated card's certificate, and one of the same length, with which the card passes for certified. */
const MAKERS = ['fiskal-edge', 'other-maker'] as const

/**
 * Registers of Austria on two cards, the second is the fallback of the first, over the turn of a year, and the tax office:
 * in production the cards pass for certified ones.
 */
export class AustrianSite implements Site {
  readonly device = undefined
  readonly startMs = Date.parse('2026-12-29T07:00:00Z')
  /** A clock that goes back blocks a register until its last receipt is past. */
  readonly jumps = [1, 1, 32, 1 / 24] as const
  readonly points = [
    ...(['journal.before-commit', 'journal.after-commit', 'device.before-sign', 'device.after-sign'] as const),
    ...(['duty.sent', 'duty.answering'] as const),
  ] as const
  readonly config: Config
  readonly #cards: { id: string; card: CardSimulator }[]
  readonly #office: TaxOffice
  readonly #tills = new AustrianTills()

  constructor(folder: string, clock: VirtualClock, seed: number) {
    this.#office = new TaxOffice(folder, clock, seed)
    const devices = ['card-1', 'card-2'].map((id) => ({ id, driver: DRIVER }))
    const rksv = { fallbacks: { 'card-1': ['card-2'] } }
    this.config = siteConfig(folder, devices, { rksv })
    this.#cards = devices.map(({ id }) => {
      return { id, card: new CardSimulator({ directory: join(folder, 'devices', id), clock }) }
    })
  }

  /** The cards come in the order of their numbers, which are new in every run: duties are done in that order. */
  async prepare(): Promise<void> {
    const serials = await Promise.all(this.#cards.map(async ({ card }) => (await card.identity()).serial))
    const cards = this.#cards.map(({ card }, at) => ({ card, serial: serials[at] ?? '' }))
    cards.sort((one, other) => (one.serial < other.serial ? -1 : 1))
    for (const [at, { card }] of cards.entries()) this.#cards[at] = { id: `card-${at + 1}`, card }
    await this.#office.open()
  }

  openDesk(parts: DeskParts): DutyDesk {
    return this.#office.openDesk(parts)
  }

  connect(clock: Clock, random: Seeded): readonly OpenedDevice[] {
    return this.#cards.map(({ id, card }) => {
      return { id, driver: DRIVER, unit: this.#unit(cardLine(card, clock, random.fork())), load: () => card.load() }
    })
  }

  async openShop(office: Till): Promise<string[]> {
    const registers = await this.#tills.openShop(office, TILLS)
    this.#office.registers = registers
    return registers
  }

  work(till: Till, register: string): Promise<void> {
    return till.random.chance(ENDS) ? this.#tills.openAndEnd(till) : this.#tills.work(till, register)
  }

  befall(random: Seeded): string {
    if (random.chance(0.4)) return this.#office.befall(random)
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
    this.#office.clearFaults()
  }

  restart(): void {
    for (const { card } of this.#cards) card.inject('power-cut@*')
  }

  /** A card keeps nothing. */
  unfinished(): Promise<readonly unknown[]> {
    return this.#office.unfinished()
  }

  async prove({ folder, files, answers }: Remains): Promise<string[]> {
    const ofOffice = this.#office.prove()
    const ofTills = await this.#tills.prove(answers, async (register) => {
      const read = async (type: string): Promise<string> => {
        const path = join(folder, `${type}-${register}`)
        await files.write(type, { ...EVER, registerId: register }, path)
        return readFile(path, 'utf8')
      }
      const { base64AESKey } = JSON.parse(await read('rksv_crypto')) as { base64AESKey: string }
      return { dep: await read('dep7'), dep131: await read('dep131'), aesKey: createSecretKey(base64AESKey, 'base64') }
    })
    return [...ofOffice, ...ofTills]
  }

  async close(): Promise<void> {
    for (const { card } of this.#cards) await card.close()
    await this.#office.close()
  }

  #unit(card: SignatureCard): SignatureCard {
    if (this.#office.mode === 'T') return card
    const certified = (der: Uint8Array) => {
      const text = Buffer.from(der).toString('latin1')
      return Buffer.from(text.replaceAll(...MAKERS), 'latin1')
    }
    return {
      ...card,
      identity: async () => {
        const identity = await card.identity()
        return { ...identity, vda: 'AT1', certificates: identity.certificates.slice(0, 1).map(certified) }
      },
    }
  }

  get #first(): { id: string; card: CardSimulator } {
    const [first] = this.#cards
    if (first === undefined) throw new Error('no card')
    return first
  }
}
