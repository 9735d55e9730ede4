import { FiskalError } from '../../agent/errors.ts'
import { documentOf } from '../../agent/laws/italy/document-json.ts'
import { printerActOf } from '../../agent/laws/italy/printer-act.ts'
import { DeviceError } from '../../drivers/errors.ts'
import type { PrintedRecord } from '../../drivers/rt/simulated-memory.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { Life } from './agent-life.ts'
import type { VirtualClock } from './virtual-clock.ts'

type Options = {
  clock: VirtualClock
  random: Seeded
  device: string
  life: () => Life | undefined
  paper: () => readonly PrintedRecord[]
  note: (text: string) => void
}

const PAUSE_MS = 6_000
/** A printer that lost its line still ends its document. */
const LOOK_MS = 5_000
const LIMIT_MS = 30_000

/** A person with the emergency register of a printer: opens it in an outage, says what the paper shows, and closes it. */
export class Technician {
  readonly #options: Options
  #isHealing = false

  constructor(options: Options) {
    this.#options = options
  }

  begin(): void {
    const { clock, random } = this.#options
    // A command of a process that was killed never ends.
    const visit = (): Promise<void> => Promise.race([this.#visit(), clock.sleep(LIMIT_MS)])
    clock.after(random.next() * PAUSE_MS, () => void visit().finally(() => this.begin()))
  }

  /** From now on registers are only closed. */
  heal(): void {
    this.#isHealing = true
  }

  get isOpen(): boolean {
    return this.#options.life()?.emergency(this.#options.device).isOpen() !== false
  }

  async #visit(): Promise<void> {
    const { life, random } = this.#options
    const present = life()
    if (present?.serving !== true) return
    const register = present.emergency(this.#options.device)
    if (register.isOpen()) {
      if (this.#isHealing || random.chance(0.4))
        await this.#try(present, 'closed', () => register.close(random.chance(0.1)))
    } else if (!this.#isHealing) await this.#open(present)
  }

  async #open(present: Life): Promise<void> {
    const { clock, device } = this.#options
    const register = present.emergency(device)
    const refusal = await this.#try(present, 'opened', () => register.open())
    if (refusal?.details['operation_ids'] === undefined) return
    await clock.sleep(LOOK_MS)
    await this.#try(present, 'looked at', async () => this.#resolve(present))
    await this.#try(present, 'opened', () => register.open())
  }

  async #resolve(present: Life): Promise<void> {
    const { device } = this.#options
    const { view } = present.journal
    for (const row of view.openIntents()) {
      const { act } = view.bodyAt(row.seq)
      if (row.device === device && act?.name === 'print')
        await present.emergency(device).resolve(this.#seen(printerActOf(act)))
    }
  }

  /** The number on the paper of an act, or `none`. */
  #seen(act: ReturnType<typeof printerActOf>): string {
    if (act.name !== 'print') return 'none'
    const document = documentOf(act.document)
    const { z, number } = act.baseline
    const isLater = (each: PrintedRecord): boolean => each.z > z + 1 || (each.z === z + 1 && each.number > number)
    const isIt = (each: PrintedRecord): boolean => {
      if (document.kind === 'void') return each.kind === 'void'
      return 'reference' in document && each.lines.some((line) => line.startsWith(`#REF ${document.reference}`))
    }
    const found = this.#options.paper().find((each) => isLater(each) && each.kind === document.kind && isIt(each))
    return found === undefined ? 'none' : [found.z, found.number].map((part) => String(part).padStart(4, '0')).join('-')
  }

  async #try(present: Life, what: string, work: () => Promise<unknown>): Promise<FiskalError | undefined> {
    const { note } = this.#options
    try {
      await work()
      note(`the register is ${what}`)
      return undefined
    } catch (error) {
      const isOwn = error instanceof FiskalError || error instanceof DeviceError
      // Of a process that was killed no command gets an answer.
      if (!isOwn && present.alive) throw error
      note(`not ${what}: ${error instanceof Error ? error.message : error}`)
      return error instanceof FiskalError ? error : undefined
    }
  }
}
