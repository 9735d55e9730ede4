import { Archive } from './archive.ts'
import { RECORD_END, readCells, readRecords } from './csv-reader.ts'
import { Findings } from './findings.ts'
import type { TableName } from './tables.ts'
import { KEY_COLUMNS, TABLES } from './tables.ts'

export type Row = { readonly [column: string]: string }

/** The rows of one file of a package, unchecked. Throws what reading it throws. */
export async function* rowsOf(path: string, name: TableName): AsyncGenerator<Row> {
  const columns = TABLES[name].columns.map((column) => column.name)
  const archive = await Archive.open(path, new Findings())
  try {
    let isHeader = true
    for await (const portion of readRecords(await archive.stream(TABLES[name].url)))
      for (const record of portion.split(RECORD_END).slice(0, -1)) {
        const values = readCells(record)?.values ?? []
        if (!isHeader) yield Object.fromEntries(columns.map((column, at) => [column, values[at] ?? '']))
        isHeader = false
      }
  } finally {
    archive.close()
  }
}

/** Names the closing that a row belongs to. */
export function closingKey(row: Row): string {
  return JSON.stringify(KEY_COLUMNS.map(({ name }) => row[name]))
}
