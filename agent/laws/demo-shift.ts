import type { ScenarioDay, ScenarioShop } from '../contract/scenario.ts'

/** The members that a demo reads from an answer of its agent. */
export type Answer = { readonly [member: string]: unknown }

/** One act of the shift: its name, its amount, the answer to the till, and further text. */
export type ShiftStep = {
  title: string
  amount: string
  operation: Answer
  notes: readonly string[]
  /** A receipt that is shown with the step. */
  slip?: string
}

/** The record of a step at the device: `facts` in small print, `content` in the form of the authorities. */
export type Signed = { label: string; facts: string; content: string }

/** A claim and how it was checked. */
export type Proof = { what: string; found: string }

export type Goods = { pretax_amount: string; tax_amount: string; total_amount: string; line_items: readonly object[] }
/** `terminal`: the TID of a payment terminal. */
export type Tender = readonly [method: string, amount: string, terminal?: string]

/** The type of a sale (by default `sale`), its payments, and further members. */
export type Sale = {
  type?: 'sale' | 'return' | 'exchange' | 'order' | 'transfer' | 'employee_benefit'
  tenders: readonly Tender[]
  more?: object
  /** Members of the request that completes it. */
  completion?: object
}

/** The till of the shift. Each request throws {@link DemoError} for an answer that is not 2xx. */
export type ShiftTill = {
  readonly register: string
  /** The calendar date of the law. */
  readonly businessDate: string
  /** An event of its session, e.g. `session_open`. */
  event(type: string, members: object): Promise<Answer>
  /** A sale that is not completed yet. */
  open(goods: Goods, sale?: Pick<Sale, 'type' | 'more'>): Promise<Answer>
  complete(open: Answer, sale: Pick<Sale, 'tenders' | 'completion'>): Promise<Answer>
  /** Opens and completes. */
  sell(title: string, goods: Goods, sale: Sale): Promise<ShiftStep>
  /** A closing of the register. */
  close(body: object): Promise<Answer>
  closings(): Promise<readonly Answer[]>
  /** Any request of the till. The same `key` again is the same request. */
  send(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object, more?: SendOptions): Promise<Answer>
  /** The receipt of an operation or a closing as text. */
  receipt(document: Answer): Promise<string>
}

/** `version` for If-Match, and the Idempotency-Key. */
export type SendOptions = { readonly version?: string; readonly key?: string }

/** The technician's acts on a printer that is down for good. */
export type ShiftAct =
  | { readonly act: 'resolve'; readonly seen: string }
  | { readonly act: 'emergency-open'; readonly reason: string }
  | { readonly act: 'emergency-sheet' | 'emergency-close' }

/** Breaks the simulated device, ends the agent as a power cut would, works on a device, reads its paper, and waits. */
export type ShiftTechnician = {
  fault(device: string, fault: string): Promise<unknown>
  act(device: string, act: ShiftAct): Promise<unknown>
  /** As {@link DemoShift.printed}. */
  paper(): Promise<readonly (readonly string[])[]>
  /** Only in a shop whose agent is a separate process. It returns when the agent is back. */
  crash(): Promise<void>
  /** Returns when every device is ready. */
  ready(): Promise<void>
  pause(ms: number): Promise<void>
}

/** The files of a shift that has ended. */
export type Shown = {
  readonly steps: readonly ShiftStep[]
  readonly stateDirectory: string
  /** An export of {@link DemoShift.exports}, or another file next to them. */
  file(name: string): string
  /** Writes an export that only the technician may have. */
  exportSecret(type: string, path: string): Promise<unknown>
}

/** Set up once by a back office. */
export type DemoShop = Omit<ScenarioShop, 'location' | 'day'> & {
  /** Its time zone is that of the law. */
  readonly location: Omit<ScenarioShop['location'], 'timezone'>
  /** The handhelds of its register. */
  readonly terminals?: readonly object[]
  /** The payment terminal of its register, without location and register. */
  readonly paymentTerminal?: object
  /** The facts of its register for the notice to the tax office, which the demo then writes. */
  readonly inventory?: object
  /** Its part of the scenario. A law without it plays none. */
  readonly day?: ScenarioDay
}

/** A shop by its word on the command line. */
export type OfferedDemo = {
  readonly shop: string
  /** True if its device is down for good, and the shop sells without it. */
  readonly isEmergency?: true
  readonly load: () => Promise<DemoShift>
}

/** The tax office of a demo: its simulated service, which the agent uses in test mode. */
export type DemoAuthority = {
  readonly service: 'finanzonline'
  readonly title: string
  /** A fault of the service, which the demo shows. */
  readonly fault: string
  /** The duties to be shown, by their kinds and in their order, with words. */
  readonly duties: readonly (readonly [kind: string, what: string, done: string])[]
  /** Lines below the duty whose answer was lost. */
  readonly lost: readonly string[]
  /** Lines below all of them. */
  readonly after: readonly string[]
}

/** The shift that `fiskal-edge demo` plays in a shop. Only that command loads it. */
export type DemoShift = {
  readonly title: string
  /** True if the shift kills the agent, which is then a separate process. */
  readonly isSeparate?: true
  /** True if an audit of the records follows the shift (`fiskal-edge audit`). */
  readonly isAudited?: true
  /** True if the register has a display for the customer. */
  readonly hasDisplay?: true
  /** A simulated device, as agent.json names it. */
  readonly device: { readonly id: string; readonly driver: string; readonly [member: string]: unknown }
  readonly shop: DemoShop
  readonly authority?: DemoAuthority
  /** The law's own members of a register, with the words under which they are shown. */
  registered(register: Answer): readonly (readonly [what: string, found: string])[]
  readonly headings: {
    readonly shift: string
    /** Format of the receipt of the last sale; undefined if it is not shown. */
    readonly receipt?: string
  }
  work(till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep>
  /** Undefined for a step that no device recorded. */
  signed(step: ShiftStep): Signed | undefined
  /** All slips that the simulated device has printed so far. */
  printed?(stateDirectory: string): Promise<readonly (readonly string[])[]>
  /** In this order; {@link JOURNAL} is one of them. */
  readonly exports: readonly (readonly [type: string, file: string])[]
  /** Checks the files with the authorities' rules. Throws {@link DemoError}. */
  prove(shown: Shown): Promise<readonly Proof[]>
}

/** The export of the journal, with its file. */
export const JOURNAL = ['journal', 'journal.ndjson'] as const

export class DemoError extends Error {
  override readonly name = 'DemoError'
  readonly code = 'demo_failed'
}

/** The text or number at a path of members; '' if it does not exist. */
export function at(answer: unknown, ...path: readonly string[]): string {
  let value = answer
  for (const name of path) value = typeof value === 'object' && value !== null ? (value as Answer)[name] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Throws {@link DemoError} for another value. */
export function mustBe(name: string, actual: string, wanted: string): void {
  demand(actual === wanted, `${name} is "${actual}", it must be "${wanted}"`)
}

/** Throws {@link DemoError}. */
export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new DemoError(otherwise)
}
