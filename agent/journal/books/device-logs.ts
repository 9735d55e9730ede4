import { parseRfc3339 } from '../../../base/clock.ts'
import { sha256 } from '../../../base/sha256.ts'
import { textIn } from '../checked.ts'
import { partsOf } from '../documents/parts.ts'
import type { Act, EventBody, Members } from '../events.ts'
import { claimedFacts } from '../events.ts'
import { portionFacts } from '../portion-facts.ts'
import type { TransactionFacts } from '../transaction-facts.ts'
import { transactionFacts } from '../transaction-facts.ts'
import type { StartOfDocument } from '../tse-logs.ts'
import { endOfDocument, startOfDocument } from '../tse-logs.ts'
import type { Findings } from './findings.ts'
import { EXPECTED_FINISH, EXPECTED_START, LogIndex, TRIED_FINISH } from './log-index.ts'

type Noted = { readonly seq: number; readonly kind: string; readonly op: string; readonly at: string }

/** The content of a start's signature; `timeMs` is its log time. */
export type StartedLog = { client: string; timeMs: number }
/** The content of a finish's signature; `signature` is base64. */
export type FinishedLog = StartedLog & {
  counter: number
  processType: string
  processData: Uint8Array
  signature: string
}

/** `first` and `last`: signature counters. `sha256` is hex. */
export type KeptArchive = {
  readonly file: string
  readonly sha256: string
  readonly first: number
  readonly last: number
}

/** An act with an unknown outcome. `floor`: the highest finish counter of its unit at the intent. */
type OpenAct = { act: Act; at: number; serial: string | undefined; floor: number }
/** A start without a transaction in the journal: it explains as many logs as tries are possible. */
export type LostStart = { client: string; fromMs: number; untilMs: number; triesLeft: number }

/** `reason`: as the technician gave it; undefined if it is missing. */
type Retirement = { readonly serial: string; readonly at: string; readonly reason: string | undefined }

const TRIES = 2
const UNIT = 'tse_'
const SLACK_MS = 60_000

/**
 * The logs that the TSEs must hold according to the events: each start and finish that a client of this journal
 * requested, by unit and transaction. `salt` is new for each run, so that an attacker cannot make other content with
 * the digest of an expected log.
 */
export class DeviceLogs {
  readonly #salt: string
  readonly #findings: Findings
  readonly #units = new Map<string, LogIndex>()
  readonly #serials = new Map<string, string>()
  readonly #clients = new Map<string, string>()
  readonly #open = new Map<number, OpenAct>()
  readonly #highest = new Map<string, number>()
  readonly #retired = new Map<string, Retirement>()
  readonly #archives = new Map<string, readonly KeptArchive[]>()
  readonly #portions = new Map<string, KeptArchive[]>()
  readonly #lostStarts: LostStart[] = []
  /** By unit: transactions that a technician had ended although the journal does not have their start. */
  readonly #endedByHand = new Map<string, Set<number>>()

  constructor(salt: string, findings: Findings) {
    this.#salt = salt
    this.#findings = findings
  }

  /** By serial number. */
  get units(): ReadonlyMap<string, LogIndex> {
    return this.#units
  }

  /** Every client that a register of this journal ever had, with its register. */
  get clients(): ReadonlyMap<string, string> {
    return this.#clients
  }

  /** True if the journal does not have the outcome of that intent. */
  isOpen(intent: number): boolean {
    return this.#open.has(intent)
  }

  /**
   * Archives of its logs that were taken out of the unit, and portions that were read back, as the journal records
   * them. A portion that an archive covers is no longer kept.
   */
  keptArchives(serial: string): readonly KeptArchive[] {
    return [...(this.#archives.get(serial) ?? []), ...(this.#portions.get(serial) ?? [])]
  }

  /** The highest signature counter of a finish that the journal has of that unit; 0 without one. */
  highestCounter(serial: string): number {
    return this.#highest.get(serial) ?? 0
  }

  /** In the order of their events. */
  retirements(): Retirement[] {
    return [...this.#retired.values()]
  }

  isRetired(serial: string): boolean {
    return this.#retired.has(serial)
  }

  /** True if a technician's command ended that transaction, of which the journal has no start. */
  isEndedByHand(serial: string, transaction: number): boolean {
    return this.#endedByHand.get(serial)?.has(transaction) === true
  }

  /** Starts that failed, and those with an unknown outcome: the unit may have done them anyway. */
  lostStarts(): LostStart[] {
    const open = [...this.#open.values()].flatMap(({ act, at }) =>
      act.name === 'start' ? [lostStart(act, at, Number.POSITIVE_INFINITY)] : [],
    )
    return [...this.#lostStarts, ...open]
  }

  note({ seq, kind, op, at }: Noted, body: EventBody): void {
    const atMs = parseRfc3339(at) ?? 0
    this.#noteShop({ kind, op, at }, body)
    if (body.ref !== undefined) this.#conclude(seq, body.ref, atMs, body)
    const { act } = body
    if (act !== undefined && typeof act['client'] === 'string' && (act.name === 'start' || act.name === 'finish'))
      this.#intend(seq, act, atMs)
    if (kind === 'transaction.lost') this.#adopt(seq, transactionFacts(body))
    if (kind === 'transaction.foreign_abort_intended') this.#noteEndByHand(body)
  }

  startDigest({ client, timeMs }: StartedLog): number {
    return this.#digest([client, timeMs])
  }

  finishDigest({ client, timeMs, counter, processType, processData, signature }: FinishedLog): number {
    return this.#digest([client, timeMs, counter, processType, latin1(processData), signature])
  }

  /** The digest of a requested finish with an unknown outcome. */
  triedDigest({
    client,
    processType,
    processData,
  }: Pick<FinishedLog, 'client' | 'processType' | 'processData'>): number {
    return this.#digest([client, processType, latin1(processData)])
  }

  #noteShop({ kind, op, at }: Omit<Noted, 'seq'>, body: EventBody): void {
    const { enrolled, set } = body
    if (enrolled?.serial != null) this.#serials.set(enrolled.device, enrolled.serial)
    const client = (set?.['fiscalization'] as Members | null | undefined)?.['client_id']
    if (typeof client === 'string') this.#clients.set(client, op)
    if (kind === 'tse.retired') this.#retire(op.slice(UNIT.length), at, set)
    const archives = op.startsWith(UNIT) ? set?.['archives'] : undefined
    if (Array.isArray(archives)) this.#setArchives(op.slice(UNIT.length), archives.map(keptArchive))
    const portion = op.startsWith(UNIT) ? portionFacts(body) : undefined
    if (portion !== undefined) this.#portionsOf(op.slice(UNIT.length)).push(keptArchive(portion))
  }

  #retire(serial: string, at: string, set: EventBody['set']): void {
    const reason = textIn(set?.['retirement'])
    this.#retired.set(serial, { serial, at: textIn(set?.['retired_at']) ?? at, reason })
  }

  #noteEndByHand(body: EventBody): void {
    const { device, transaction } = claimedFacts<'transaction.foreign_abort_intended'>({ body })
    const serial = this.#serials.get(String(device))
    if (serial === undefined) return
    const ended = this.#endedByHand.get(serial) ?? new Set<number>()
    this.#endedByHand.set(serial, ended.add(Number(transaction)))
  }

  /** The agent removes the portions that a whole archive covers. */
  #setArchives(serial: string, archives: readonly KeptArchive[]): void {
    this.#archives.set(serial, archives)
    const remainingPortions = this.#portionsOf(serial).filter(
      (portion) => !archives.some((archive) => covers(archive, portion)),
    )
    this.#portions.set(serial, remainingPortions)
  }

  #portionsOf(serial: string): KeptArchive[] {
    const portions = this.#portions.get(serial) ?? []
    this.#portions.set(serial, portions)
    return portions
  }

  #intend(seq: number, act: Act, at: number): void {
    const serial = this.#serials.get(act.device)
    const floor = serial === undefined ? 0 : (this.#highest.get(serial) ?? 0)
    this.#open.set(seq, { act, at, serial, floor })
    if (act.name === 'finish' && serial !== undefined) this.#try(serial, act, seq)
  }

  /** Expected once its outcome is known; until then the unit may hold it or not. */
  #try(serial: string, act: Act, seq: number): void {
    const [transaction, index] = [Number(act['transaction']), this.#unit(serial)]
    const { flags } = index.get(transaction)
    if ((flags & EXPECTED_FINISH) !== 0) return
    index.set(transaction, { finish: this.triedDigest(askedIn(act)), seq, flags: flags | TRIED_FINISH })
  }

  #conclude(seq: number, ref: number, untilMs: number, body: EventBody): void {
    const open = this.#open.get(ref)
    if (open === undefined) return
    this.#open.delete(ref)
    const { act } = open
    if (act.name === 'start') {
      const start = startOfDocument(partsOf(body))
      if (start === undefined) this.#lostStarts.push(lostStart(act, open.at, untilMs))
      else this.#start(seq, start)
      return
    }
    const finish = finishedIn(body)
    if (finish?.serial === '') throw new TypeError('the end names no TSE')
    if (finish !== undefined)
      this.#expectFinish(seq, finish.serial, Number(act['transaction']), finishOf(act, finish), open)
  }

  #start(seq: number, { serial, client, transaction, at }: StartOfDocument): void {
    if (serial === undefined || client === undefined || transaction === undefined)
      throw new TypeError('the start names no transaction')
    this.#expectStart(seq, serial, transaction, { client, timeMs: timeIn(at) })
  }

  #expectStart(seq: number, serial: string, transaction: number, log: StartedLog): void {
    const index = this.#unit(serial)
    const { flags } = index.get(transaction)
    if ((flags & EXPECTED_START) !== 0) this.#findings.add('tse_transaction_twice', seq, { serial, transaction })
    index.set(transaction, { start: this.startDigest(log), seq, flags: flags | EXPECTED_START })
  }

  /** Without `open` it was signed before a restore, and is recorded at its adoption. */
  #expectFinish(seq: number, serial: string, transaction: number, log: FinishedLog, open?: OpenAct): void {
    const index = this.#unit(serial)
    const { flags } = index.get(transaction)
    if ((flags & EXPECTED_FINISH) !== 0) this.#findings.add('tse_transaction_twice', seq, { serial, transaction })
    const { counter } = log
    // The floor belongs to the unit that was enrolled at the intent.
    if (open?.serial === serial && counter <= open.floor)
      this.#findings.add('tse_order', seq, { serial, transaction, counter, floor: open.floor })
    this.#highest.set(serial, Math.max(counter, this.#highest.get(serial) ?? 0))
    const now = (flags | EXPECTED_FINISH) & ~TRIED_FINISH
    index.set(transaction, { finish: this.finishDigest(log), seq, flags: now })
  }

  /** A transaction without a serial was not adopted: its TSE was retired. */
  #adopt(seq: number, { serial, client = '', transaction = 0, started, finished, ...process }: TransactionFacts): void {
    if (serial === undefined) return
    const { process_type: processType = '', process_data: data = '' } = process
    if (started !== undefined) this.#expectStart(seq, serial, transaction, { client, timeMs: timeIn(started.log_time) })
    if (finished === undefined) return
    const { log_time: time, signature_counter: counter = 0, signature = '' } = finished
    const signed = { client, timeMs: timeIn(time), counter, processType, processData: Buffer.from(data), signature }
    this.#expectFinish(seq, serial, transaction, signed)
  }

  #unit(serial: string): LogIndex {
    const index = this.#units.get(serial) ?? new LogIndex()
    this.#units.set(serial, index)
    return index
  }

  #digest(members: readonly (string | number)[]): number {
    return sha256(this.#salt + JSON.stringify(members)).readUInt32BE(0)
  }
}

type Done = { serial: string; counter: number; timeMs: number; signature: string }

/**
 * The unit's answer to a finish, as the document or the facts of the outcome has it; undefined if nothing was signed.
 */
export function finishedIn(body: EventBody): Done | undefined {
  const end = endOfDocument(partsOf(body))
  if (end !== undefined) {
    const { serial = '', counter = 0, at, signature = '' } = end
    return { serial, counter, timeMs: timeIn(at), signature }
  }
  const { serial = '', counter = 0, time_ms: timeMs = 0, signature } = transactionFacts(body)
  return signature === undefined ? undefined : { serial, counter, timeMs, signature }
}

function finishOf(act: Act, { counter, timeMs, signature }: Done): FinishedLog {
  return { ...askedIn(act), counter, timeMs, signature }
}

function askedIn(act: Act): Pick<FinishedLog, 'client' | 'processType' | 'processData'> {
  return {
    client: String(act['client']),
    processType: String(act['process_type']),
    processData: Buffer.from(String(act['process_data'])),
  }
}

function lostStart(act: Act, at: number, untilMs: number): LostStart {
  return { client: String(act['client']), fromMs: at - SLACK_MS, untilMs: untilMs + SLACK_MS, triesLeft: TRIES }
}

function covers(archive: KeptArchive, portion: KeptArchive): boolean {
  return archive.first <= portion.first && archive.last >= portion.last
}

function keptArchive({ file, sha256, first_counter: first, last_counter: last }: Members): KeptArchive {
  return { file: String(file), sha256: String(sha256), first: Number(first), last: Number(last) }
}

function timeIn(text: unknown): number {
  return parseRfc3339(String(text)) ?? 0
}

/** Bytes as text, one letter each: processData need not be UTF-8. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
