import { DeviceError } from '../errors.ts'
import type { TseExportFilter } from '../ports/tse.ts'
import { latestMs, latestTransaction } from '../tr03151/filter.ts'
import { ArchiveReader, command, encodeDate } from './codec.ts'
import type { SlotAccess } from './line.ts'

/** Exports and their lists do not share a buffer of the device. */
const exportBuffer = 1
const gatheredBytesMax = 4 << 20
/** What did not reach the unit is asked once more. */
const gatheringTries = 2

/** An export command and its parameters behind the slot. */
type ExportCommand = readonly [name: string, parameters: readonly string[]]

/**
 * One export, which the device makes once and keeps in a buffer. The box has one such buffer for all slots, so that a later
 * export takes it away.
 */
export class ArchiveExport {
  readonly #access: SlotAccess
  readonly #command: ExportCommand
  readonly #reader: ArchiveReader
  /** How long its command keeps the line from a sale; as long as any unless told. */
  readonly #heldMs: number | undefined
  /** Which it is of those that took the buffer. */
  #number = 0
  #id = ''
  #packet = 0
  #bytes = 0

  constructor(access: SlotAccess, command: ExportCommand, heldMs?: number) {
    this.#access = access
    this.#command = command
    this.#reader = new ArchiveReader(command[0])
    this.#heldMs = heldMs
  }

  /** Of the archive, as far as it was read. */
  get bytes(): number {
    return this.#bytes
  }

  /** False where another export took the buffer meanwhile. */
  get holdsBuffer(): boolean {
    return this.#access.box.holdsBuffer(this.#number)
  }

  /** Has the device make the archive. */
  async begin(): Promise<void> {
    const { line, box, slot } = this.#access
    const [name, parameters] = this.#command
    this.#number = box.takeBuffer()
    this.#id = await line.begin(name, [slot, ...parameters], exportBuffer)
  }

  /** The next of the archive. Throws `export_running` none where another export took the buffer. */
  async piece(): Promise<{ bytes: Buffer; isLast: boolean }> {
    this.demandBuffer()
    const { data, isLast } = await this.#access.line.piece(exportBuffer, this.#packet, this.#heldMs)
    this.#packet += 1
    const bytes = this.#reader.read(data)
    this.#bytes += bytes.length
    return { bytes, isLast }
  }

  demandBuffer(): void {
    if (!this.holdsBuffer) throw new DeviceError('export_running', 'none', 'another export took the buffer')
  }

  /** After the last piece: false where the buffer held an earlier export. Throws where the archive broke off. */
  isOurs(): boolean {
    return !this.#access.box.isEarlier(this.#reader.finish(), this.#id)
  }

  /** The buffer is free again. */
  reset(): Promise<void> {
    return this.#access.line.resetExport(this.#access.slot)
  }
}

/** A small archive in one piece, within one turn on the line. */
export async function gatheredArchive(access: SlotAccess, command: ExportCommand): Promise<Buffer> {
  for (let tries = 1; tries <= gatheringTries; tries += 1) {
    const archive = await gatheredOnce(new ArchiveExport(access, command))
    if (archive !== undefined) return archive
  }
  throw earlierExport()
}

/** Undefined where the buffer holds an earlier one. */
async function gatheredOnce(own: ArchiveExport): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  await own.begin()
  for (let isLast = false; !isLast; ) {
    const piece = await own.piece()
    isLast = piece.isLast
    parts.push(piece.bytes)
    if (own.bytes > gatheredBytesMax)
      throw new DeviceError('refused', 'none', 'the logs of one transaction are too many')
  }
  await own.reset()
  return own.isOurs() ? Buffer.concat(parts) : undefined
}

export function earlierExport(): DeviceError {
  return new DeviceError('timeout', 'unknown', 'the buffer holds an earlier export')
}

export function transactionCommand(transaction: number, clientId = ''): ExportCommand {
  return [command.exportByTransaction, [padded(transaction), clientId]]
}

/** The same logs as {@link transactionCommand} and those of the neighbours, by another command. */
export function intervalCommand(transaction: number): ExportCommand {
  return [command.exportByInterval, [padded(Math.max(1, transaction - 1)), padded(transaction + 1), '']]
}

export function exportCommand(filter: TseExportFilter): ExportCommand {
  const { clientId = '', transactionFrom, transactionTo, timeFromMs, timeToMs } = filter
  if (transactionFrom === undefined && transactionTo === undefined) {
    if (timeFromMs !== undefined || timeToMs !== undefined)
      return [command.exportByPeriod, [encodeDate(timeFromMs ?? 0), encodeDate(timeToMs ?? latestMs), clientId]]
    if (clientId === '') return [command.exportAll, []]
  }
  // A range ends behind its start (TR-03151).
  if (transactionFrom !== undefined && transactionFrom === transactionTo)
    return transactionCommand(transactionFrom, clientId)
  // A client alone: all its transactions.
  const range = [padded(transactionFrom ?? 1), padded(transactionTo ?? latestTransaction)]
  return [command.exportByInterval, [...range, clientId]]
}

function padded(transaction: number): string {
  return String(transaction).padStart(10, '0')
}
