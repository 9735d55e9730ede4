import type { Clock } from '../../base/clock.ts'
import type { NewId } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { LawSettings } from '../../base/settings/law-settings.ts'
import type { Tse, TseIdentity, TseRecall } from '../../drivers/ports/tse.ts'
import type { CreateGoods } from '../contract/goods.ts'
import type { Hint } from '../contract/hint.ts'
import type { LawShapes } from '../contract/laws.ts'
import type { EuroPayment, Payment } from '../contract/payment.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { OutageNotice, OwnerIn } from '../devices/supervisor-options.ts'
import type { Trouble } from '../devices/usable.ts'
import type { Warning } from '../devices/warning.ts'
import type { ErrorCode, FiscalEffect } from '../errors.ts'
import type { SpaceState } from '../journal/disk/space.ts'
import type { DocumentOf, GoodsDocument, OperationDocument, RecordedDocument } from '../journal/documents/document.ts'
import type { KindWithoutFacts } from '../journal/event-facts.ts'
import type { Act, ChainMembers, EventBody, Members, NewEvent, Parts, Plan, ResourceIndex } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'
import type { ReceiptLaw } from '../receipts/receipt-law.ts'
import type { LawMembers } from '../register/law-members.ts'
import type { ClosingBooks, ClosingReports, ClosingType } from './closing-reports.ts'
import type { DeviceMemory } from './device-memory.ts'
import type { AskedOutage, Duty, ReportedOutage, Task } from './duty.ts'
import type { Emergencies } from './emergencies.ts'
import type { ExportType } from './export-type.ts'
import type { LawFacts } from './law-facts.ts'
import type { LawWords } from './law-words.ts'
import type { LossInstructions } from './loss-rules.ts'
import type { LawNotices } from './notices.ts'
import type { OpenPeriod } from './open-period.ts'
import type { PrinterReadings } from './printer-readings.ts'
import type { Printouts } from './printouts.ts'
import type { RegisterKeys } from './register-keys.ts'
import type { TerminalRules } from './terminal-rules.ts'
import type { Tax, TaxedLine, VatRules } from './vat-rules.ts'

/** The goal of an operation or register; it decides which acts on the device are still needed. */
export type Goal = Plan['goal']

/** `beside`: what the device did in spite of the failure; the law must record it. */
export type Failed = Trouble & { readonly kind: 'failed'; readonly beside?: Members }

/** An outcome that the device did not report. `deviceCode`: its own code, if it sent one. */
export type Unknown = Trouble & { readonly kind: 'unknown'; readonly deviceCode?: string }

/** The results of a law's acts, by their names. */
type Results = { readonly [name: string]: Members }
/** An act was done; `act` is its name. */
export type Done<Of extends Results> = {
  readonly [Name in keyof Of & string]: { readonly kind: 'done'; readonly act: Name; readonly result: Of[Name] }
}[keyof Of & string]

/**
 * The outcome of an act. `done` and `failed` end its intent in the journal: `failed` if the device certainly did
 * nothing and will not, or if its signature is not usable for this document. `unknown` leaves the intent open: the device may have acted and cannot be asked now. `absent`
 * (reconciliation only): it was asked and did nothing, so the act may be repeated, as `next` if that differs.
 */
export type Outcome<Of extends Results = Results> =
  | Done<Of>
  | Failed
  | Unknown
  | { readonly kind: 'absent'; readonly next?: Act }

/** Facts for planning and concluding that the document does not contain. */
export type Moment = {
  /** RFC 3339 UTC. */
  at: string
  /** The receipt number of this document if it becomes final now. */
  receiptNumber: number
  goal: Goal
  /** True if the till got its answer before the device's outcome was known. */
  isAnswered: boolean
  /** The register's device, and the register's serial number on the device. */
  device: string
  clientId: string
  registerId: string
  merchantId: string
  /** For laws that chain receipts: the chain's state before this document. */
  chain: ChainMembers | undefined
  /** Makes the id of a document that is created with the conclusion. */
  newId: (prefix: 'cls' | 'dbt') => string
}

/** A document that is created with a conclusion, unless its id exists already. */
export type NewDocument = Pick<Parts, 'law'> & {
  readonly set: Members
  kind: KindWithoutFacts
  op: string
  index?: ResourceIndex
  receipt?: number
}

/** For laws whose closings are receipts. */
export type ReceiptClosings = {
  /** The types that may be requested. */
  readonly types: readonly ClosingType[]
  /** The closings of a register that are reports now, not receipts. */
  reports?(registerId: string): ClosingReports | undefined
  /** The members of a requested closing, from the register's chain. Throws `already_closed` if none is due. */
  asked(type: ClosingType, chain: ChainMembers | undefined): LawChange
}

/** Receipts that a law requires without a request, from a register and its chain. */
export type DueReceipts = {
  /** The members of the first receipt that is due. A register that ended without its device owes its last ones. */
  due(register: DocumentOf<'register'>, chain: ChainMembers): LawChange | undefined
  /** True if receipts wait for a device that was busy but never down: those of an outage, or of a register's end. */
  waits(register: DocumentOf<'register'>, chain: ChainMembers): boolean
}

/** The rules for registers and their device. */
export type RegisterRules = {
  /** True if a device must know its registers: each is registered there, and deregistered when it leaves. */
  readonly hasClients?: boolean
  /**
   * The documents of a register that only the next closing of its device counts: until then it keeps that device.
   * Undefined without such documents.
   */
  openPeriod?(registerId: string): Promise<OpenPeriod | undefined>
  /** The law's state of a register that ends, read from the journal before its request is decided. */
  endState?(registerId: string): Promise<LawChange['law']>
  /** True if a register has a separate secret key, which is sealed before its first receipt. */
  readonly hasKeys?: boolean
  /** The taxpayer of the device, from a merchant's fiscal identity: the device serves only that one. */
  taxpayerOf?(identity: Members): string
}

/** The rules for operations that a device records in several acts. */
export type ReversalRules = {
  /**
   * True if a reversal completes only when its device has recorded it; the device's closings, not sessions, then limit
   * it.
   */
  readonly waitsForDevice: boolean
  /** The law's state for a new try of a refused reversal: its completed acts count. */
  retried?(refused: RecordedDocument): LawChange['law']
  /**
   * An operation that ends with its printed part because the rest can never be printed: its members and the payments
   * for that part. Undefined if nothing of it is printed.
   */
  ended?(document: RecordedDocument): EndedPart | undefined
}

/** An operation that ends with its printed part, and the payments for that part. */
export type EndedPart = Pick<NewDocument, 'set' | 'law'> & { readonly payments: readonly EuroPayment[] }

/** `note`: what a person must know of it. */
export type RecoveredBon = Pick<Plan, 'foreign'> & { cash: number; isMaybeCount: boolean; note?: string }

/** Transactions of a device that no document waits for. */
export type Orphans = {
  /** The act that ends one. */
  abort(device: string, client: string, transaction: number): Act
  /**
   * A transaction that its device ended and the journal lost: if a bon can be made from the device's record, the cash
   * that it moved, in cents; otherwise undefined. `isMaybeCount`: it may be the count of a drawer, which a closing
   * follows.
   */
  recovered(recall: TseRecall, identity: TseIdentity): Promise<RecoveredBon | undefined>
  /**
   * The first transaction in the memory of a unit that deleted the last one of the journal and later ones. Undefined if
   * it deleted no later one, or returns none. Throws DeviceError.
   */
  firstAfterDeletion(tse: Pick<Tse, 'recall' | 'exportLogs'>, last: number): Promise<number | undefined>
  /**
   * True if the oldest log in the memory of a unit follows those that the journal or its archives have, at the latest: it
   * deleted none that they miss. Throws DeviceError.
   */
  joinsArchives(tse: Pick<Tse, 'exportLogs'>, view: View, serial: string, counter: number): Promise<boolean>
  /** The change of an open operation whose transaction can never end, because its device is retired. */
  lost(document: OperationDocument, failure: Trouble, at: string): LawChange
}

/** The consequences of an outage of the device. */
export type OutageRules = {
  /** False if nothing can be sold without the device: it is the fiscal memory. */
  readonly sells: boolean
  /** True for a register that sells without it now, although others do not. */
  sellsNow?(registerId: string): boolean
  readonly notice?: OutageNotice
  /** True for an outage that must be reported, even if it is over; omitted if no outage must be. */
  readonly mustReport?: (lastedMs: number) => boolean
}

/** The parts of a document that a law changes: its answer, and the law's own state. */
export type LawChange = Pick<Parts, 'set' | 'law'>

/** The changes of a conclusion. */
export type Conclusion = LawChange & {
  /** The device's transaction that was opened or closed. */
  transaction?: EventBody['transaction']
  enrolled?: EventBody['enrolled']
  /** The state of the register's chain after it. */
  chain?: ChainMembers
  documents?: readonly NewDocument[]
  /** Further events that belong to no document. */
  events?: readonly NewEvent[]
  /** The law does not record the document after all: it uses no receipt number. */
  isLeftOut?: boolean
  /** A part of the document is printed: the goods that the request planned are the document's from now on. */
  fixesGoods?: boolean
  /** `stop`: no act follows, the request ends. By default the next act follows. */
  verdict?: 'stop' | Refusal
}

/** The device refused, and this law does not continue without it: the request fails, and its key may be used again. */
export type Refusal = { code: ErrorCode; message: string; details: Members; fiscalEffect?: FiscalEffect }

/** The request of an act. */
export type ActRequest = {
  /** Begin of the request, on the monotonic clock: several acts of one request share their time. */
  readonly sinceNs: bigint
  /** Until when to wait for a device that has just fallen silent, on the monotonic clock. */
  readonly waitUntilNs: bigint
  /** The reason not to retry: a receipt that was issued as an outage since then is not signed later. */
  readonly obstacle: () => Trouble | undefined
}

/** The parts of the agent that a law is opened with; `Settings` are the keys of agent.json that it reads. */
export type LawParts<Settings> = {
  config: Settings
  devices: ReadonlyMap<string, DeviceSupervisor>
  journal: Journal
  clock: Clock
  log: Log
  registerKeys: RegisterKeys
  newId: NewId
  /** Throws if the disk of a folder is not mounted, so that the folder is not created on another disk. */
  places: { demand(folder: string): Promise<void> }
  space: { state(): Pick<SpaceState, 'level'> }
  /** Folder of the archives taken out of devices. */
  archiveDirectory: string
  softwareVersion: string
  onError: (error: unknown) => void
  fault: (point: string) => void
}

/** One country's law, as compose receives it. */
export type Law<Settings> = LawFacts & {
  /** Its keys of agent.json. */
  readonly settings: LawSettings
  /** Its part of the contract. */
  readonly shapes: LawShapes
  /** Its names in the journal. */
  readonly words: LawWords
  /** The contents of its receipts. */
  readonly receipt: ReceiptLaw
  readonly lossInstructions: LossInstructions
  readonly open: (parts: LawParts<Settings>) => OpenLaw
}

/** Why registers cannot record anything, whatever the state of their devices: detail of the warning with that code. */
export type RegisterTrouble = {
  code: 'clock_implausible' | 'register_key_lost'
  detail: string
  registers: readonly string[]
}

/** Items of a long reading, one by one. Undefined is a part of it that gave none, after which tills may run. */
export type InParts<Item> = Iterable<Item | undefined>

/** A law over the devices, journal and keys of this agent. */
export type OpenLaw = {
  readonly rules: LawRules
  /** Its kinds of files, by the names in requests. */
  readonly exports: Readonly<Record<string, ExportType>>
  readonly memory?: DeviceMemory
  readonly printerReadings?: PrinterReadings
  readonly emergencies?: Emergencies
  /** Its tasks, those that are confirmed too, with how the client of an authority does them. */
  duties?(): InParts<Duty>
  /**
   * An outage of a register, or the ground of that of a device. Undefined for those of another law. Throws FiskalError for
   * an impossible one.
   */
  reportOutage?(view: View, id: string, asked: AskedOutage): ReportedOutage | undefined
  notices?(location: string | undefined, isTrial: boolean): InParts<LawNotices>
  registerTroubles?(): readonly RegisterTrouble[]
  /** The devices that can sign for a register of that device, the device itself first. */
  unitsOf?(device: string): readonly string[]
  /** Warnings about one of its devices, from the journal. */
  concernsOf?(device: string): readonly Warning[]
  /** Called after each healthy probe of one of its devices. Never throws. */
  look?(device: DeviceSupervisor): void
  /** Starts its timers. */
  start?(): void
  stop?(): Promise<void>
}

/**
 * One country's law. It plans purely, acts through ports and reconciles by asking the device. It appends nothing: the
 * till journals the intent before `perform` and the outcome after it. Every law has the first group of members; of the
 * second, those that its devices and closings need, each complete or absent.
 */
export type LawRules = {
  readonly facts: LawFacts
  readonly outage: OutageRules
  /** When receipts were made that a unit must still cover, milliseconds since 1970. */
  unsignedReceipts?(view: View, device: string): readonly number[]
  /** Its answers for members that not every law has. */
  readonly members: LawMembers
  /** For a law whose rates and codes the configuration may add to. */
  readonly vat?: VatRules
  /** True if `rate` (in the API's format, e.g. `0.19`) with this reason code may be on a line of that calendar date. */
  knowsRate(rate: string, code: string | undefined, date: string, isReturn: boolean): boolean
  /** The reason codes of a zero rate. */
  readonly zeroRateCodes: readonly string[]
  /** Rules of this law beyond the shop's own arithmetic. Throws FiskalError 422. */
  checkGoods(request: CreateGoods): void
  /** The facts about their buyer that these goods need. Throws `customer_required`. */
  checkBuyer?(lines: readonly Pick<TaxedLine, 'taxes'>[], buyer: CreateGoods['customer']): void
  /** Hints about goods whose completion is asked for. Pure. */
  hintsAtEnd?(view: View, goods: GoodsDocument): readonly Hint[]
  /** The payments of an operation of which some is on account. Throws `unprocessable_entity`. */
  checkOnAccount?(payments: readonly Payment[]): void
  /**
   * True if a voucher of one purpose that was sold then at a tax pays for goods at another one. By default one of the same
   * {@link vat} key, or of the same rate and code.
   */
  voucherPays?(sold: Pick<Tax, 'rate'>, used: Pick<Tax, 'rate'>, soldAt: string): boolean
  /**
   * True if this law records the document on its way to that goal; other documents are final when they are journalled.
   */
  records(document: RecordedDocument, goal: Goal): boolean
  /** The next act towards the goal, or undefined if none is needed. Throws FiskalError if the goal is not allowed. */
  next(document: RecordedDocument, moment: Moment): Act | undefined
  /**
   * The change of the document in the commit of its end if {@link next} has no act for it: a register ends although its
   * device can do nothing for it. Optional.
   */
  settled?(document: RecordedDocument, moment: Moment): Conclusion | undefined
  /** Executes the act. Never throws DeviceError: it becomes the outcome. */
  perform(act: Act, request?: ActRequest): Promise<Outcome>
  /** Asks the device for the outcome of an act that a crash or a lost reply interrupted. Never acts. */
  askOutcome(act: Act): Promise<Outcome>
  /** The consequences of the outcome for the document. Pure. */
  conclude(document: RecordedDocument, act: Act, outcome: Outcome, moment: Moment): Conclusion
  /** Which acts wait for each other: none, those of one register (its receipts are chained), or those of one device. */
  readonly order: 'any' | 'register' | 'device'
  /**
   * How a request continues if its act has no outcome in time. `answer`: it counts at once, and the act is never done
   * later; `answer_and_act_later`: it counts at once, and the act is done when the device is back; `wait`: it gets no
   * answer before.
   */
  whenUnknown(document: RecordedDocument): 'answer' | 'answer_and_act_later' | 'wait'
  /** The members shown while a document's act is being reconciled. */
  pending(document: RecordedDocument): LawChange

  /**
   * The outcome of an act that the device can no longer report, as a person read it on paper (`none`: it was not done);
   * `plannedAt` is the time of its intent. Undefined for another act; throws `unprocessable_entity` for an impossible
   * value.
   */
  resolve?(act: Act, seen: string, plannedAt: string): Outcome | undefined
  /** The troubles of a device that may last: a person may then resolve an act that the device would report. */
  readonly lastingTroubles?: ReadonlySet<string>
  readonly register?: RegisterRules
  readonly reversals?: ReversalRules
  readonly orphans?: Orphans
  readonly dueReceipts?: DueReceipts
  /** A task that can be done before its time: confirmed, it never begins. */
  earlyTask?(view: View, id: string): Task | undefined
  readonly terminals?: TerminalRules
  /** For a law whose device prints by request of a till; without it a till prints copies itself. */
  readonly printouts?: Printouts
  /** For laws whose devices are signature units with a certificate of the register's owner. */
  readonly ownerIn?: OwnerIn
  /** One of the two, or neither: the meaning of a closing. */
  readonly closings?: ReceiptClosings
  readonly closingBooks?: ClosingBooks | undefined
}
