import { createSecretKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnswerLog } from './answer-log.ts'
import { AustrianTills } from './austrian-tills.ts'
import type { Place } from './daemon.ts'
import { administer, ownPlace } from './daemon.ts'
import type { Course } from './kill-run.ts'
import { KILL_AFTER_MS } from './kill-run.ts'
import type { Seeded } from './seeded.ts'
import type { Till } from './till.ts'

const CARDS = [
  { id: 'card-1', driver: 'card-simulator' },
  { id: 'card-2', driver: 'card-simulator' },
]
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

/** Tokens outside the agent, by the number of their unit; unplugged until they are put back. */
export type Tokens = { pull(number: 1 | 2): Promise<void>; putBack(number: 1 | 2): Promise<void> }

/** Registers of Austria on two units, the second is the fallback of the first; units fail as well as the agent. */
export class AustrianCourse implements Course {
  readonly device = undefined
  readonly #tills = new AustrianTills()
  readonly #devices: readonly object[]
  readonly #tokens: Tokens | undefined
  readonly #away = new Set<1 | 2>()
  #disturbances = 0
  #office: Till | undefined

  constructor(devices: readonly object[] = CARDS, tokens?: Tokens) {
    this.#devices = devices
    this.#tokens = tokens
  }

  get proven(): AustrianTills['proven'] {
    return this.#tills.proven
  }

  /** A token is unplugged until the next kill: long enough for a receipt without it, on a slow machine too. */
  get killAfterMs(): { least: number; most: number } {
    return this.#tokens === undefined ? KILL_AFTER_MS : { least: 200, most: 600 }
  }

  /** A sale or two of each till, begun and completed. */
  get answersALife(): number {
    return this.#tokens === undefined ? 0 : 16
  }

  place(): Place {
    // A daemon lives for less than the usual window: acts would wait until it is killed.
    const deviceGraceMs = 100
    return ownPlace({}, { devices: this.#devices, rksv: { fallbacks: { 'card-1': ['card-2'] } }, deviceGraceMs })
  }

  /** Makes key and certificate for each empty unit. */
  async prepare(state: string): Promise<void> {
    for (const { id } of CARDS) await administer(state, 'deviceAct', id, 'init')
  }

  openShop(office: Till, tills: number): Promise<string[]> {
    this.#office = office
    return this.#tills.openShop(office, tills)
  }

  work(till: Till, register: string): Promise<void> {
    return this.#tills.work(till, register)
  }

  /** One or both units are pulled; the next start finds simulated ones back, tokens stay unplugged for a while. */
  async disturb(state: string, random: Seeded): Promise<void> {
    const lot = random.below(8)
    if (this.#tokens !== undefined) return this.#disturbTokens(this.#tokens, random)
    if (lot > 2) return
    for (const { id } of CARDS.slice(0, lot < 2 ? 1 : 2))
      await administer(state, 'fault', id, 'unplugged@*').catch(() => undefined)
  }

  /**
   * Each token is plugged in or not. Every third time neither is: that is an outage, which the next one that comes back
   * ends.
   */
  async #disturbTokens(tokens: Tokens, random: Seeded): Promise<void> {
    const isOutage = this.#disturbances++ % 3 === 1
    for (const number of [1, 2] as const) {
      const isAway = this.#away.has(number)
      if (isAway && !isOutage) {
        await tokens.putBack(number)
        this.#away.delete(number)
      } else if (!isAway && (isOutage || random.chance(0.5))) {
        await tokens.pull(number)
        this.#away.add(number)
      }
    }
  }

  prove({ folder, state }: Place, answers: AnswerLog): Promise<string[]> {
    return this.#tills.prove(answers, async (registerId) => {
      const read = async (type: string): Promise<string> => {
        const file = join(folder, type)
        await administer(state, 'exportTo', type, { ...RANGE, registerId }, file)
        return readFile(file, 'utf8')
      }
      const { base64AESKey } = JSON.parse(await read('rksv_crypto')) as { base64AESKey: string }
      const report = await this.#office?.act(`/v1/registers/${registerId}/closings`, { type: 'shift' })
      const files = { dep: await read('dep7'), dep131: await read('dep131'), ...(report && { report }) }
      return { ...files, aesKey: createSecretKey(base64AESKey, 'base64') }
    })
  }
}
