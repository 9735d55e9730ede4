import { DeviceError } from '../errors.ts'
import type { TseExportFilter } from '../ports/tse.ts'
import { LATEST_MS, LATEST_TRANSACTION } from '../tr03151/filter.ts'
import { ArchiveReader, command, encodeDate } from './codec.ts'
import type { SlotAccess } from './line.ts'

/** Exports and their lists use different buffers of the device. */
const EXPORT_BUFFER = 1
const GATHERED_MAX_BYTES = 4 << 20
/** A request that did not reach the unit is repeated once. */
const READ_TRIES = 2

/** An export command and its parameters after the slot. */
type ExportCommand = readonly [name: string, parameters: readonly string[]]

/**
 * One export, which the device creates once and keeps in a buffer. The box has one such buffer for all slots, so a
 * later export replaces it.
 */
export class ArchiveExport {
  readonly #access: SlotAccess
  readonly #command: ExportCommand
  readonly #reader: ArchiveReader
  /** Limit for the time that its command blocks a sale; default: as for any command. */
  readonly #heldMs: number | undefined
  /** Its number among the exports that used the buffer. */
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

  /** Size of the archive read so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** False after another export took the buffer. */
  get holdsBuffer(): boolean {
    return this.#access.box.holdsBuffer(this.#number)
  }

  /** Makes the device create the archive. */
  async begin(): Promise<void> {
    const { line, box, slot } = this.#access
    const [name, parameters] = this.#command
    this.#number = box.takeBuffer()
    this.#id = await line.begin(name, [slot, ...parameters], EXPORT_BUFFER)
  }

  /** The next piece of the archive. Throws `export_running` none if another export took the buffer. */
  async piece(): Promise<{ bytes: Buffer; isLast: boolean }> {
    this.demandBuffer()
    const { data, isLast } = await this.#access.line.piece(EXPORT_BUFFER, this.#packet, this.#heldMs)
    this.#packet += 1
    const bytes = this.#reader.read(data)
    this.#bytes += bytes.length
    return { bytes, isLast }
  }

  demandBuffer(): void {
    if (!this.holdsBuffer) throw new DeviceError('export_running', 'none', 'another export took the buffer')
  }

  /** After the last piece: false if the buffer held an earlier export. Throws if the archive is incomplete. */
  isOurs(): boolean {
    return !this.#access.box.isEarlier(this.#reader.finish(), this.#id)
  }

  /** Frees the buffer. */
  reset(): Promise<void> {
    return this.#access.line.resetExport(this.#access.slot)
  }
}

/** A small archive in one piece, within one slot of the queue. */
export async function gatheredArchive(access: SlotAccess, command: ExportCommand): Promise<Buffer> {
  for (let tries = 1; tries <= READ_TRIES; tries += 1) {
    const archive = await gatheredOnce(new ArchiveExport(access, command))
    if (archive !== undefined) return archive
  }
  throw earlierExport()
}

/** Undefined if the buffer holds an earlier one. */
async function gatheredOnce(own: ArchiveExport): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  await own.begin()
  for (let isLast = false; !isLast; ) {
    const piece = await own.piece()
    isLast = piece.isLast
    parts.push(piece.bytes)
    if (own.bytes > GATHERED_MAX_BYTES)
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
      return [command.exportByPeriod, [encodeDate(timeFromMs ?? 0), encodeDate(timeToMs ?? LATEST_MS), clientId]]
    if (clientId === '') return [command.exportAll, []]
  }
  // A range must end after its start (TR-03151).
  if (transactionFrom !== undefined && transactionFrom === transactionTo)
    return transactionCommand(transactionFrom, clientId)
  // A client alone: all its transactions.
  const range = [padded(transactionFrom ?? 1), padded(transactionTo ?? LATEST_TRANSACTION)]
  return [command.exportByInterval, [...range, clientId]]
}

function padded(transaction: number): string {
  return String(transaction).padStart(10, '0')
}
