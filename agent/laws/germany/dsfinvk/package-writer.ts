import { join } from 'node:path'
import type { Closing } from './bon.ts'
import type { Emit } from './bon-rows.ts'
import { ClosingRows } from './closing-rows.ts'
import { RECORD_END, record, SEPARATOR } from './csv.ts'
import { gdpduDtd } from './dtd.ts'
import { DTD_FILE, INDEX_FILE, indexXml } from './index-xml.ts'
import type { Spooled } from './spool.ts'
import { Spool } from './spool.ts'
import type { Column, TableName } from './tables.ts'
import { certificateColumns, KEY_COLUMNS, TABLE_NAMES, TABLES } from './tables.ts'

/** Bons between two checks of the buffered size. */
const BONS_PER_FLUSH = 64

type TseRow = Parameters<typeof record>[1]
export type Written = { closings: number; bons: number }

/** Writes closings to the files of a package. Memory grows neither with the bons nor, notably, with the closings. */
export class PackageWriter {
  readonly #directory: string
  readonly #spools = new Map<TableName, Spool>()
  /** The header of tse.csv depends on the longest certificate. */
  #tseLines: { keys: string; row: TseRow }[] = []
  /** The row of a TSE is the same in thousands of closings: held once, by its text. */
  readonly #tseRows = new Map<string, TseRow>()
  #moreCertificates = 0
  /** True if a serial number of a terminal is longer than usual. */
  #hasLongSerial = false
  #supplier: { name: string; location: string } | undefined
  #keys = ''
  readonly #written: Written = { closings: 0, bons: 0 }

  constructor(directory: string) {
    this.#directory = directory
  }

  open(): void {
    for (const name of TABLE_NAMES) {
      const spool = Spool.open(TABLES[name].url, join(this.#directory, TABLES[name].url))
      this.#spools.set(name, spool)
      if (name !== 'tse') spool.append(headerLine(TABLES[name].columns))
    }
  }

  async add(closing: Closing, signal: AbortSignal | undefined): Promise<void> {
    this.#keys = record(KEY_COLUMNS, {
      Z_KASSE_ID: closing.registerId,
      Z_ERSTELLUNG: closing.createdAt,
      Z_NR: closing.number,
    })
    this.#supplier ??= { name: closing.company.name, location: closing.company.city }
    const rows = new ClosingRows(closing, this.#emit)
    for (const bon of closing.bons()) {
      rows.bon(bon)
      this.#written.bons += 1
      // Counted over all closings, since most have few bons.
      if (this.#written.bons % BONS_PER_FLUSH !== 0) continue
      signal?.throwIfAborted()
      for (const spool of this.#spools.values()) if (spool.isFull) await spool.flush()
    }
    this.#moreCertificates = Math.max(this.#moreCertificates, rows.end())
    this.#hasLongSerial ||= rows.hasLongSerial
    this.#written.closings += 1
  }

  /** The files in the order of the package. */
  async close(): Promise<{ files: Spooled[]; written: Written }> {
    const more = certificateColumns(this.#moreCertificates)
    const tse = this.#spools.get('tse')
    const columns = [...TABLES.tse.columns, ...more]
    tse?.append(headerLine(columns))
    for (const { keys, row } of this.#tseLines) {
      tse?.append(`${keys}${SEPARATOR}${record(columns, row)}${RECORD_END}`)
      if (tse?.isFull === true) await tse.flush()
    }
    // Frees memory for the check.
    this.#tseLines = []
    const supplier = {
      name: this.#supplier?.name ?? '',
      location: this.#supplier?.location ?? '',
      comment: 'Digitale Schnittstelle der Finanzverwaltung für Kassensysteme (DSFinV-K)',
    }
    const files = [
      await this.#text(INDEX_FILE, indexXml(supplier, this.#moreCertificates, this.#hasLongSerial)),
      await this.#text(DTD_FILE, gdpduDtd()),
    ]
    for (const spool of this.#spools.values()) files.push(await spool.close())
    return { files, written: this.#written }
  }

  /** Resolves when no file is being written. */
  async destroy(): Promise<void> {
    await Promise.all([...this.#spools.values()].map((spool) => spool.destroy()))
  }

  readonly #emit: Emit = (name, row) => {
    if (name === 'tse') this.#tseLines.push({ keys: this.#keys, row: this.#sharedTse(row) })
    else this.#spools.get(name)?.append(`${this.#keys}${SEPARATOR}${record(TABLES[name].columns, row)}${RECORD_END}`)
  }

  #sharedTse(row: TseRow): TseRow {
    const id = JSON.stringify(row)
    const shared = this.#tseRows.get(id) ?? row
    this.#tseRows.set(id, shared)
    return shared
  }

  #text(name: string, content: string): Promise<Spooled> {
    const spool = Spool.open(name, join(this.#directory, name))
    spool.append(content)
    return spool.close()
  }
}

function headerLine(columns: readonly Column[]): string {
  return [...KEY_COLUMNS, ...columns].map(({ name }) => name).join(SEPARATOR) + RECORD_END
}
