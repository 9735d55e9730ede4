import type { Clock } from '../../base/clock.ts'
import { romeTime } from '../rt/civil-time.ts'
import { soundConditions } from '../rt/simulated-conditions.ts'
import { euros } from '../rt/simulated-document.ts'
import type { SimulatedMemory } from '../rt/simulated-memory.ts'
import { PERIOD_MAX_MS } from '../rt/simulated-memory.ts'
import { printAgain, printReport } from '../rt/simulated-printouts.ts'
import { SimulatedCustomDocument, vatRow } from './simulator-document.ts'
import { enquire } from './simulator-enquiries.ts'
import { nine, pitchedText, REFUSED_AMOUNT, REFUSED_SEQUENCE, REFUSED_VALUE } from './simulator-fields.ts'
import type { CustomSwitches } from './simulator-generation.ts'
import { isLater, USUAL_SWITCHES } from './simulator-generation.ts'
import { SimulatedDetail } from './simulator-memory.ts'

const SENDING = 'ERR213'
/** Commands that need a closed cover. */
const PRINTS = /^(2002|2003|3002|3007|3011|3013|3301|400[1347]|7101|7106|7114)$/

/** A printer of the Custom family without its line: commands in, echo and data or `ERR` and a number out. */
export class SimulatedCustomPrinter {
  readonly #memory: SimulatedMemory
  readonly #clock: Clock
  readonly #serial: string
  readonly #switches: CustomSwitches
  readonly #detail: SimulatedDetail
  readonly #document: SimulatedCustomDocument
  #slip: string[] | undefined
  #error = 0
  #sendsUntil: bigint | undefined
  readonly conditions = soundConditions()

  constructor(options: { memory: SimulatedMemory; clock: Clock; serial: string; switches?: Partial<CustomSwitches> }) {
    const { memory, clock, serial } = options
    const switches = { ...USUAL_SWITCHES, ...options.switches }
    this.#memory = memory
    this.#clock = clock
    this.#serial = serial
    this.#switches = switches
    this.#detail = new SimulatedDetail(memory, switches)
    const surroundings = { memory, serial, switches, now: () => this.#now(), obstacle: () => this.#checkOpening() }
    this.#document = new SimulatedCustomDocument(surroundings)
  }

  /** Milliseconds for which it still sends its file after a Z. */
  get sendsForMs(): number {
    if (this.#sendsUntil === undefined) return 0
    return Math.max(0, Math.ceil(Number(this.#sendsUntil - this.#clock.mono()) / 1e6))
  }

  losePower(): void {
    this.#document.losePower()
    this.#slip = undefined
    this.#error = 0
    this.#memory.append({ type: 'restore' })
  }

  keyInSale(cents: number): void {
    if (this.#isIdle) this.#document.keyInSale(cents)
  }

  /** The daily closing, on request or automatically at midnight. */
  closeDay(): string {
    if (!this.#isIdle) return REFUSED_SEQUENCE
    const { z, number } = this.#memory
    this.#memory.append({ type: 'closure', z: z + 1, at: this.#now(), documents: number })
    const { sendsForMs } = this.#switches
    if (sendsForMs > 0) this.#sendsUntil = this.#clock.mono() + BigInt(sendsForMs) * 1_000_000n
    return ''
  }

  execute(body: string): string {
    const command = body.slice(0, 4)
    const data = body.slice(4)
    const isSending = this.sendsForMs > 0 && !['1015', '1510'].includes(command)
    const answered = isSending ? SENDING : this.#enquire(command, data)
    const answer = answered ?? this.#act(command, data)
    const refused = /^ERR(\d{2,3})$/.exec(answer)?.[1]
    if (refused !== undefined || answered === undefined) this.#error = Number(refused ?? 0)
    if (refused === undefined) return `${command}${answer}`
    // Two digits of the earlier generations: 1015 has the number.
    return refused.length > 2 && !isLater(this.#switches) ? 'ERR99' : answer
  }

  #enquire(command: string, data: string): string | undefined {
    return enquire(command, data, {
      memory: this.#memory,
      conditions: this.conditions,
      switches: this.#switches,
      now: this.#now(),
      serial: this.#serial,
      error: this.#error,
      step: this.#slip ? '8' : this.#document.step,
      open: this.#document.open,
      isSlip: this.#slip !== undefined,
    })
  }

  #act(command: string, data: string): string {
    if (!this.conditions.coverClosed && PRINTS.test(command)) return 'ERR64'
    return this.#document.execute(command, data) ?? this.#serve(command, data)
  }

  #serve(command: string, data: string): string {
    switch (command) {
      case '2002':
        return data === '100' || data === '' ? this.closeDay() : REFUSED_VALUE
      case '2003':
        return this.#printReport()
      case '4007':
        return this.#printAgain(data)
      case '4001':
        return this.#openSlip(data)
      case '4003':
        return this.#printOnSlip(data)
      case '4004':
        return this.#endSlip()
      case '6403':
        return ''
      case '7008':
        return data === '1' ? '' : REFUSED_VALUE
      case '7106':
        return this.#moveCash(data)
      case '7112':
        return vatRow(data, this.#switches)
      case '8006':
        return this.#detail.rangeOf(data)
      case '8004':
        return this.#detail.lineAt(data)
      default:
        return REFUSED_VALUE
    }
  }

  #printReport(): string {
    if (!this.#isIdle) return REFUSED_SEQUENCE
    printReport(this.#memory, this.#now())
    return ''
  }

  /** Without data a duplicate, which earlier generations print if it is switched on; R without prices. */
  #printAgain(data: string): string {
    const isThere = data === '' ? isLater(this.#switches) || this.#switches.duplicates : isLater(this.#switches)
    if ((data !== '' && data !== 'R') || !isThere) return REFUSED_VALUE
    if (!this.#isIdle) return REFUSED_SEQUENCE
    return printAgain(this.#memory, this.#now(), data === '' ? 'duplicate' : 'gift') ? '' : REFUSED_SEQUENCE
  }

  /** Forms of the manual: DOC, COPIA and IMP_FAT, or without the last ones. */
  #openSlip(data: string): string {
    if (!this.#isIdle) return REFUSED_SEQUENCE
    if (!/^1(0(\d{9})?)?$/.test(data)) return REFUSED_VALUE
    this.#slip = []
    return ''
  }

  #printOnSlip(data: string): string {
    const sized = pitchedText(data, 42)
    if ('refused' in sized) return sized.refused
    this.#slip?.push(sized.text)
    return this.#slip ? '' : REFUSED_SEQUENCE
  }

  #endSlip(): string {
    if (!this.#slip) return REFUSED_SEQUENCE
    this.#appendSlip(this.#slip, 0)
    this.#slip = undefined
    return ''
  }

  /** D in, P out, R only reads; the answer is what is in the drawer. */
  #moveCash(data: string): string {
    if (!/^[DPR]\d{9}$/.test(data)) return REFUSED_VALUE
    if (data.startsWith('R')) return isLater(this.#switches) ? this.#drawer() : REFUSED_VALUE
    const cents = Number(data.slice(1)) * (data.startsWith('D') ? 1 : -1)
    if (!this.#isIdle) return REFUSED_SEQUENCE
    if (cents === 0 || this.#memory.drawerCents + cents < 0) return REFUSED_AMOUNT
    this.#appendSlip([`${cents > 0 ? 'VERSAMENTO' : 'PRELIEVO'} ${euros(Math.abs(cents))}`], cents)
    return this.#drawer()
  }

  #drawer(): string {
    const { drawerCents } = this.#memory
    return `${drawerCents < 0 ? '-' : '+'}${nine(Math.abs(drawerCents))}`
  }

  #appendSlip(lines: readonly string[], cashCents: number): void {
    const at = this.#now()
    this.#memory.append({ type: 'slip', number: this.#memory.nonFiscal + 1, at, lines, cashCents })
  }

  get #isIdle(): boolean {
    return this.#document.isIdle && !this.#slip
  }

  #checkOpening(): string | undefined {
    if (!this.#isIdle) return REFUSED_SEQUENCE
    if (this.#memory.isOpenSince(this.#now(-PERIOD_MAX_MS))) return 'ERR61'
    if (this.conditions.memoryFull) return 'ERR30'
    return this.conditions.inService ? undefined : 'ERR83'
  }

  #now(laterMs = 0): string {
    return romeTime(this.#clock.now() + this.conditions.clockOffsetMs + laterMs)
  }
}
