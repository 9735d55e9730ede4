import type { KeyObject } from 'node:crypto'
import type { Json } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { TseIdentity, TseRecall } from '../../drivers/ports/tse.ts'
import type { LawSettings } from '../config/law-settings.ts'
import type { CreateGoods, Payment } from '../contract/goods.ts'
import type { LawShapes } from '../contract/laws.ts'
import type { Language } from '../contract/receipt.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { OutageNotice, OwnerIn } from '../devices/supervisor-options.ts'
import type { Trouble } from '../devices/usable.ts'
import type { Warning } from '../devices/warning.ts'
import type { ErrorCode, FiscalEffect } from '../errors.ts'
import type { SpaceState } from '../journal/disk/space.ts'
import type { OperationDocument, RecordedDocument } from '../journal/documents/document.ts'
import type { Facts, KindWithoutFacts } from '../journal/event-facts.ts'
import type { Act, EventBody, Members, NewEvent, Parts, Plan, ResourceIndex } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { ReceiptLaw } from '../receipts/receipt-law.ts'
import type { ExportType } from './export-type.ts'

/** What an operation or register is to reach; decides which acts on the device it still needs. */
export type Goal = Plan['goal']

/** `beside`: what the device did all the same, and the law has to tell. */
export type Failed = Trouble & { readonly kind: 'failed'; readonly beside?: Members }

/** With the device's own code, if it told one. */
export type Unknown = Trouble & { readonly kind: 'unknown'; readonly deviceCode?: string }

/**
 * What became of an act. `failed`: the device certainly did nothing and will not. `unknown`: it may have acted and
 * cannot be asked now. `absent` (reconciliation only): it was asked and did nothing, so the act may be done again, as `next`
 * where that differs.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly result: Members }
  | Failed
  | Unknown
  | { readonly kind: 'absent'; readonly next?: Act }

/** Facts of the moment that planning and concluding need and the document does not hold. */
export type Moment = {
  /** RFC 3339 UTC. */
  at: string
  /** The receipt number this document gets when it becomes final now. */
  receiptNumber: number
  goal: Goal
  /** True where the till was told the end before the device told what it did. */
  isAnswered: boolean
  /** The register's device and the serial number under which the device knows the register. */
  device: string
  clientId: string
  registerId: string
  merchantId: string
  /** Of laws that chain receipts: the chain's state before this document. */
  chain: Members | undefined
  /** Makes the id of a document that comes into being with the conclusion. */
  newId: (prefix: 'cls' | 'dbt') => string
}

/** A document that comes into being with a conclusion, unless there is one of that id already. */
export type NewDocument = {
  kind: KindWithoutFacts
  op: string
  index?: ResourceIndex
  set: Members
  law?: Members
  receipt?: number
}

/** Something that a law asks of a human, not of the agent. */
export type Task = {
  /** The same for the same duty, e.g. `startbeleg-check-reg_…`. */
  readonly id: string
  readonly title: string
  /** Calendar date until which it has to be done. */
  readonly due: string
  /** What to do, step by step, one sentence each. */
  readonly instructions: readonly string[]
  readonly register_id?: string
  readonly device_id?: string
  /** Who confirms it says so of the clock. */
  readonly clock?: 'right'
  /** The facts of the event that confirms it. */
  readonly facts?: NonNullable<Facts['task.confirmed']>
}

/** What a closing is asked to be; which of them a law has is its own. */
export type ClosingType = 'daily' | 'shift' | 'monthly' | 'annual' | 'zero'

/** Sums of what was closed, gross; amounts as the API writes them. */
export type ClosingTotals = {
  vat: { key?: number; name: string; rate: string; amount: string; tax_amount: string }[]
  payments: { name: string; amount: string }[]
  business_cases: { name: string; amount: string }[]
}

/** What a report is over: the closings of a date, the last of them, those of its month or year. */
export type ReportType = Exclude<ClosingType, 'zero'>

/** Closings of a register. `period` is the month (`2026-03`) or year that they are of, where they are of one. */
export type ClosingReport = {
  businessDate: string
  period?: string
  numbers: number[]
  totals: ClosingTotals
  /** No report over them is older than that event. */
  lastSeq: number
  /** The law's state of the report: it tells it from others of its type and date. */
  law?: Members
  /** The sessions that it is over, for what came to light in these up to an event. */
  sessions: { ids: readonly string[]; upTo: number }
}

/** Reports over what is on the register's books; they sign nothing. */
export type ClosingReports = {
  /** Those that are reports. */
  readonly types: readonly ReportType[]
  /**
   * Over a calendar date (or what the type says of it), by default the last one; undefined where no session was closed for
   * it. Throws `reconciling` while a bon among them is still being settled, `session_invalid_state` where no such session is.
   */
  report(registerId: string, businessDate: string | undefined, type: ReportType): Promise<ClosingReport | undefined>
}

/** Of laws whose closings are the closed sessions of a register. */
export type Books = ClosingReports & {
  /** Frozen with each close, beside the master data. */
  readonly settings: Members
  /** True where an opening of the drawer that belongs to no operation is secured by the device and stands in the books. */
  readonly recordsDrawerOpenings: boolean
  /** True where bons were numbered after the last closing. Throws `reconciling` while that is still being settled. */
  hasLeftOver(registerId: string): boolean
  /** How the amounts of an operation flow into the books: lines, VAT keys, roundings (contract/explanation.ts). Pure. */
  explain(document: RecordedDocument): Members
}

/** Of laws whose closings are receipts instead. */
export type ReceiptClosings = {
  /** Those that may be asked for. */
  readonly types: readonly ClosingType[]
  /** Closings that are none. */
  readonly reports?: ClosingReports
  /** What is set of the closing that is asked for, by the register's chain. Throws `already_closed` where none is due. */
  asked(type: ClosingType, chain: Members | undefined): Change
}

/** Receipts that a law requires without a request, from the chain of a register. */
export type DueReceipts = {
  /** What is set of the first receipt that is due. */
  due(chain: Members): Change | undefined
  /** True if receipts without a signature wait for the one that ends their outage. */
  hasOpenOutage(chain: Members): boolean
}

/** The rules for registers and their device. */
export type RegisterRules = {
  /** True if a register has a separate secret key, which is sealed before its first receipt. */
  readonly hasKeys?: boolean
  /** The taxpayer for whom the device works, from a merchant's fiscal identity: the device serves that one alone. */
  taxpayerOf?(identity: Members): string
}

/** The rules for operations that a device records in several acts. */
export type ReversalRules = {
  /**
   * True if a reversal is complete only when its device has recorded it. The device's own closings, and no session, then
   * limit what can be reversed.
   */
  readonly waitsForDevice: boolean
  /** The law's state of a new try of a reversal that was refused: the acts of it that were done count. */
  retried?(refused: RecordedDocument): Members
  /**
   * An operation that ends with the part of it that is printed, because the rest can never be printed: its members and
   * the payments for that part. Undefined if nothing of it is printed.
   */
  ended?(document: RecordedDocument): { set: Members; law?: Members; payments: readonly Payment[] } | undefined
}

/** Transactions of a device that no document waits for. */
export type Orphans = {
  /** The act that ends one. */
  abort(device: string, client: string, transaction: number): Act
  /**
   * One that its device ended and the journal lost: whether a bon of the register is made from the report of the device,
   * and the cash that it moved, in cents. Undefined if no bon can be made.
   */
  recovered(recall: TseRecall, identity: TseIdentity): Promise<{ cash: number } | undefined>
  /** What is set of an open operation whose transaction can never end, because its device is retired. */
  lost(document: OperationDocument, failure: Trouble, at: string): Change
}

/** What an outage of the device means to the shop. */
export type OutageRules = {
  /** False where nothing is sold without the device: it is the fiscal memory. */
  readonly sells: boolean
  readonly notice?: OutageNotice
  /** True for an outage that has to be reported, also when it is over; none has to be where this is left out. */
  readonly mustReport?: (lastedMs: number) => boolean
}

/** What a law changes of a document: of its answer, and of the law's own state. */
export type Change = Pick<Parts, 'set' | 'law'>

/** What a conclusion changes. */
export type Conclusion = Change & {
  /** The device's transaction that opened or closed. */
  transaction?: EventBody['transaction']
  enrolled?: EventBody['enrolled']
  /** The register's chain of receipts after it. */
  chain?: Members
  documents?: readonly NewDocument[]
  /** What else came to light: events of their own, of no document. */
  events?: readonly NewEvent[]
  /** The law does not record the document after all: it takes no receipt number. */
  isLeftOut?: boolean
  /** `stop`: no act follows, the request ends with that. By default the next act follows. */
  verdict?: 'stop' | Refusal
}

/** The device refused and this law does not continue without it: the request fails, its key is free again. */
export type Refusal = { code: ErrorCode; message: string; details: Members; fiscalEffect?: FiscalEffect }

/** What an act is done for. */
export type ActRequest = {
  /** When it began, on the monotonic clock: where several acts answer one request they have one time together. */
  readonly sinceNs: bigint
  /** A device that has just fallen silent is waited for until then, on the monotonic clock. */
  readonly waitUntilNs: bigint
  /** Why the act is not tried once more: what went out as an outage meanwhile is not done later. */
  readonly obstacle: () => Trouble | undefined
}

/** What a law is before it is open. */
export type LawFacts = {
  /** As documents name it. */
  readonly name: string
  /** ISO 3166-1 alpha-3. */
  readonly country: string
  /** Of its dates and times. */
  readonly timeZone: string
  /** Of its receipts where nothing else is asked for. */
  readonly language: Language
  /** Of the devices that can serve it: a kind serves one law. None where it signs in software: its acts then name its key. */
  readonly deviceKinds: readonly DeviceKind[]
  /** True where a merchant sells under a tax identity of the country. */
  readonly needsIdentity: boolean
  /** The words of a receipt that nothing signed; undefined if no receipt goes out without the device. */
  readonly outageText?: string
}

/** What a law is opened over; `Settings` are the keys of agent.json that it reads. */
export type LawParts<Settings> = {
  config: Settings
  devices: ReadonlyMap<string, DeviceSupervisor>
  journal: Journal
  clock: Clock
  log: Log
  registerKeys: RegisterKeys
  /** Keeps a folder from being made anew where the disk that it is on is away. */
  places: { demand(folder: string): Promise<void> }
  space: { state(): Pick<SpaceState, 'level'> }
  /** Of what is taken out of devices. */
  archiveDirectory: string
  softwareVersion: string
  onError: (error: unknown) => void
  fault: (point: string) => void
}

/** The secret keys of registers. */
export type RegisterKeys = {
  of(register: string): KeyObject
  holds(register: string): boolean
  look(register: string): { key?: KeyObject | undefined }
}

/** One country's law, as compose gets it. */
export type Law<Settings> = LawFacts & {
  /** Its keys of agent.json. */
  readonly settings: LawSettings
  /** Its part of the contract. */
  readonly shapes: LawShapes
  /** What its receipts say. */
  readonly receipt: ReceiptLaw
  readonly open: (parts: LawParts<Settings>) => OpenLaw
}

/** What keeps registers from recording anything, whatever their devices do: detail of a warning of that code. */
export type RegisterTrouble = {
  code: 'clock_implausible' | 'register_key_lost'
  detail: string
  registers: readonly string[]
}

/** The signed logs in the devices of a law. */
export type DeviceMemory = {
  /** So full, a person is warned. */
  readonly warnAtPercent: number
  /** After each look at a device that is well. Throws nothing. */
  look(device: DeviceSupervisor): void
  /** A technician's command; `deletes` them in the device. Throws FiskalError, DeviceError. */
  archive(device: DeviceSupervisor, deletes: boolean): Promise<Json>
}

/** A law over the devices, journal and keys of this agent. */
export type OpenLaw = {
  readonly rules: LawRules
  /** The files that it makes, by the names that requests have for them. */
  readonly exports: Readonly<Record<string, ExportType>>
  readonly memory?: DeviceMemory
  /** What it asks of a human. */
  tasks?(): readonly Task[]
  registerTroubles?(): readonly RegisterTrouble[]
  /** The devices that can sign for a register of that device, itself first. */
  unitsOf?(device: string): readonly string[]
  /** What the journal knows of one of its devices that a person should look at. */
  concernsOf?(device: string): readonly Warning[]
  /** Begins what is done by the clock. */
  start?(): void
  stop?(): Promise<void>
}

/**
 * One country's law. Plans purely, acts through ports, settles by asking. It appends nothing: the till journals the
 * intent before `perform` and the outcome after it. Each law answers the first part; of the second it has what its devices
 * and closings ask for, each wholly or not at all.
 */
export type LawRules = {
  readonly facts: LawFacts
  readonly outage: OutageRules
  /** True where `rate` (as written, e.g. `0.19`) with this reason code may stand on a line of that calendar date. */
  knowsRate(rate: string, code: string | undefined, date: string, isReturn: boolean): boolean
  /** The reason codes that this law knows beside a rate of 0. */
  readonly zeroRateCodes: readonly string[]
  /** Rules of this law beyond the shop's own arithmetic. Throws FiskalError 422. */
  checkGoods(request: CreateGoods): void
  /** True where this law records the document on its way to that goal; the others are final once they are journalled. */
  records(document: RecordedDocument, goal: Goal): boolean
  /** The next act towards the goal, or undefined when none is needed (any more). Throws FiskalError where none is allowed. */
  next(document: RecordedDocument, moment: Moment): Act | undefined
  /** Does the act. Never throws DeviceError: it becomes the outcome. */
  perform(act: Act, request?: ActRequest): Promise<Outcome>
  /** Asks the device what an interrupted act did. Never acts. */
  settle(act: Act): Promise<Outcome>
  /** What the outcome means for the document. Pure. */
  conclude(document: RecordedDocument, act: Act, outcome: Outcome, moment: Moment): Conclusion
  /** Whose acts wait for each other: nobody's, those of one register (its receipts are chained), those of one device. */
  readonly order: 'any' | 'register' | 'device'
  /**
   * What becomes of a request whose act has no outcome in time. `answer`: it counts at once, and is never acted on later;
   * `answer_and_act_later`: it counts at once, and its act is done when the device is back; `wait`: nobody is told before.
   */
  whenUnknown(document: RecordedDocument): 'answer' | 'answer_and_act_later' | 'wait'
  /** What is told of a document whose act is still being settled. */
  pending(document: RecordedDocument): Change

  /**
   * The outcome of an act that the device can no longer report, as a person saw it (`none`: it was not done); `plannedAt`
   * is the time of its intent. Undefined for another act; throws `unprocessable_entity` for what cannot have been seen.
   */
  resolve?(act: Act, seen: string, plannedAt: string): Outcome | undefined
  readonly register?: RegisterRules
  readonly reversals?: ReversalRules
  readonly orphans?: Orphans
  readonly dueReceipts?: DueReceipts
  /** Of laws whose devices are signature units with a certificate of the register's owner. */
  readonly ownerIn?: OwnerIn
  /** One of the two, or none: what a closing is. */
  readonly closings?: ReceiptClosings
  readonly books?: Books | undefined
}
