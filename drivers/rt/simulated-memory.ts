import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncNow } from '../../base/durable-file.ts'

/** A document as the simulated printer printed it; tests and demonstrations compare with it. */
export type PrintedRecord = {
  type: 'document'
  kind: 'sale' | 'return' | 'void'
  z: number
  number: number
  /** `YYYY-MM-DDTHH:MM:SS`. */
  at: string
  lines: readonly string[]
  totalCents: number
  /** Cash added to the drawer. */
  cashCents: number
  original: SimulatedOriginal | undefined
  /** The customer's, as the printer's own command named it: a text is not in the file for the tax office. */
  taxCode?: string | undefined
}

/** The document that a return or void names; 0 and 0 if evidence replaces it. `serial`: of another printer. */
export type SimulatedOriginal = { z: number; number: number; date: string; serial?: string; evidence?: string }
type SlipRecord = { type: 'slip'; number: number; at: string; lines: readonly string[]; cashCents: number }
type ClosureRecord = { type: 'closure'; z: number; at: string; documents: number }
/** An X report or a copy: on paper, without a number, and not in the detail memory. */
type PrintoutRecord = { type: 'printout'; at: string; lines: readonly string[] }
type RestoreRecord = { type: 'restore' }
/** A document that was aborted after it was begun; `number` if the printer numbers it anyway. */
export type AbortedRecord = { type: 'aborted'; z: number; at: string; lines: readonly string[]; number?: number }
export type MemoryRecord = PrintedRecord | SlipRecord | ClosureRecord | PrintoutRecord | RestoreRecord | AbortedRecord

/** A period that is open for longer accepts no document before its closure. */
export const PERIOD_MAX_MS = 86_400_000

/** Closures made before the printer came into the shop. */
const FIRST_CLOSURE = 141

/**
 * The fiscal memory of a simulated printer: one JSON line per record, appended in one write and fsynced before the
 * printer continues, so that it survives a kill or a power cut at any point. A torn last line was never printed.
 */
export class SimulatedMemory {
  readonly #directory: string
  readonly #records: MemoryRecord[] = []
  readonly #onRecord: (record: MemoryRecord) => void
  #file: number | undefined
  z = FIRST_CLOSURE
  number = 0
  nonFiscal = 0
  restores = 0
  drawerCents = 0

  /** `onRecord` is called with each new record after it was stored. */
  constructor(directory: string, onRecord: (record: MemoryRecord) => void = () => undefined) {
    this.#directory = directory
    this.#onRecord = onRecord
  }

  /** A restarted simulator had no power before. */
  open(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const path = join(this.#directory, 'memory.jsonl')
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    const whole = wholeLines(text)
    this.#file = openSync(path, 'a', 0o600)
    if (whole.bytes < Buffer.byteLength(text)) ftruncateSync(this.#file, whole.bytes)
    syncNow(this.#directory)
    for (const record of whole.records) this.#apply(record)
    if (whole.records.length > 0) this.append({ type: 'restore' })
  }

  append(record: MemoryRecord): void {
    if (this.#file === undefined) throw new Error('the memory is not open')
    writeSync(this.#file, `${JSON.stringify(record)}\n`)
    fdatasyncSync(this.#file)
    this.#apply(record)
    this.#onRecord(record)
  }

  documents(): readonly PrintedRecord[] {
    return this.#records.filter((record) => record.type === 'document')
  }

  /** The running period has a document from before that time. */
  isOpenSince(at: string): boolean {
    return this.documents().some((document) => document.z === this.z + 1 && document.at < at)
  }

  records(): readonly MemoryRecord[] {
    return this.#records
  }

  find(z: number, number: number): PrintedRecord | undefined {
    return this.documents().find((record) => record.z === z && record.number === number)
  }

  /** Voids and returns that name a document of this printer. */
  against(z: number, number: number): readonly PrintedRecord[] {
    return this.documents().filter(
      ({ original }) => original?.z === z && original.number === number && original.serial === undefined,
    )
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #apply(record: MemoryRecord): void {
    this.#records.push(record)
    switch (record.type) {
      case 'document':
        this.number = record.number
        this.drawerCents += record.cashCents
        return
      case 'slip':
        this.nonFiscal = record.number
        this.drawerCents += record.cashCents
        return
      case 'closure':
        this.z = record.z
        this.number = 0
        this.nonFiscal = 0
        return
      case 'aborted':
        this.number = record.number ?? this.number
        return
      case 'printout':
        return
      case 'restore':
        this.restores += 1
    }
  }
}

/** Reads up to the last whole record: a power cut leaves part of the last one, or zeros. */
function wholeLines(text: string): { records: MemoryRecord[]; bytes: number } {
  const records: MemoryRecord[] = []
  let bytes = 0
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      records.push(JSON.parse(line))
    } catch {
      break
    }
    bytes += Buffer.byteLength(line) + 1
  }
  return { records, bytes }
}
