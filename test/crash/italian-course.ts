import type { FamilyName, PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { printerOf } from '../e2e/italy/printer-beside.ts'
import type { SimulatedPrinter } from '../e2e/italy/printer-families.ts'
import type { AnswerLog } from './answer-log.ts'
import type { Place } from './daemon.ts'
import { ownPlace } from './daemon.ts'
import { ItalianTills } from './italian-tills.ts'
import type { Course } from './kill-run.ts'
import type { Seeded } from './seeded.ts'
import type { Till } from './till.ts'

type Faults = readonly [string, ...string[]]

const FAULTS: Readonly<Record<FamilyName, Faults>> = {
  rch: [
    'lost-answer@*',
    ...['silent@=T', 'power-cut=80@*', 'power-cut-before=80@=T', 'unplugged=80@*', 'manual-sale=500@=R'],
  ],
  custom: [
    'lost-answer@*',
    ...['silent@3011', 'power-cut=80@*', 'power-cut-before=80@3007', 'unplugged=80@*', 'manual-sale=500@3301'],
    'paper-end-resume=80@7101A',
  ],
  // A sale at its keys hides an unanswered document: there a person must look.
  epson: ['lost-answer@*', 'lost-request@*', 'unplugged=80@*', 'paper-out=80@*', 'busy@*'],
}

/** Registers of Italy that share one printer, which outlives the agent and fails as well as it. */
export class ItalianCourse implements Course, AsyncDisposable {
  readonly device = undefined
  readonly #tills: ItalianTills
  /** A document takes its time on a line: most kills meet one that is being printed. */
  readonly killAfterMs = { least: 30, most: 700 }
  readonly #printer: PrinterBeside<SimulatedPrinter>
  readonly #faults: Faults

  private constructor(printer: PrinterBeside<SimulatedPrinter>, family: FamilyName) {
    this.#printer = printer
    this.#faults = FAULTS[family]
    this.#tills = new ItalianTills({ vouchers: family !== 'custom' })
  }

  static async open(family: FamilyName): Promise<ItalianCourse> {
    return new ItalianCourse(await printerOf(family), family)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#printer[Symbol.asyncDispose]()
  }

  place(): Place {
    return ownPlace({}, { devices: [this.#printer.device()], deadlineMs: 2000 })
  }

  openShop(office: Till, registers: number): Promise<string[]> {
    return this.#tills.openShop(office, registers)
  }

  work(till: Till, register: string): Promise<void> {
    return this.#tills.work(till, register)
  }

  /** The line or the printer fails while the agent runs; a person sells at its panel. */
  async disturb(_state: string, random: Seeded): Promise<void> {
    if (random.chance(0.5)) this.#printer.simulator.inject(random.pick(this.#faults))
  }

  async prove({ state }: Place, answers: AnswerLog): Promise<string[]> {
    return this.#tills.prove(state, this.#printer.documents, answers)
  }
}
