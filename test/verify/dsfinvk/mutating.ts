import type { Random } from '../../laws/germany/dsfinvk/random.ts'

export type Files = Map<string, string>
/** One record: its cells as in the file, with quotes. */
export type Cells = string[]
/** Spoils a copy of the files; undefined if the day has nothing to spoil that way. */
export type Mutate = (files: Files, random: Random) => Files | undefined

export const CRLF = '\r\n'

export function cellsOf(record: string): Cells {
  const cells: Cells = []
  const cell = /"(?:[^"]|"")*"|[^;]*/y
  for (; cell.lastIndex <= record.length; cell.lastIndex += 1) cells.push(cell.exec(record)?.[0] ?? '')
  return cells
}

const read = new WeakMap<Files, Map<string, readonly (readonly string[])[]>>()

/** Every record of a file, with its header. Files do not change: they are read once, for each of their rows. */
export function rowsOf(files: Files, file: string): readonly (readonly string[])[] {
  const known = read.get(files) ?? new Map<string, readonly (readonly string[])[]>()
  read.set(files, known)
  const rows = known.get(file) ?? recordsOf(files, file).map(cellsOf)
  known.set(file, rows)
  return rows
}

export function recordsOf(files: Files, file: string): string[] {
  return (files.get(file) ?? '').split(CRLF).slice(0, -1)
}

export function withRecords(files: Files, file: string, records: readonly string[]): Files {
  return new Map(files).set(file, records.map((record) => record + CRLF).join(''))
}

/** Changes one filled cell in a random row that passes `where`. */
export function cell(
  file: string,
  column: string,
  change: (value: string) => string,
  where: (value: string, cells: Cells, files: Files) => boolean = () => true,
): Mutate {
  return (files, random) => {
    const [header = '', ...records] = recordsOf(files, file)
    const place = header.split(';').indexOf(column)
    const rows = records.map(cellsOf)
    const fitting = rows.flatMap((cells, index) => {
      const value = cells[place] ?? ''
      return value !== '' && where(value, cells, files) ? [index] : []
    })
    if (fitting.length === 0) return undefined
    const row = rows[random.pick(fitting)] ?? []
    row[place] = change(row[place] ?? '')
    return withRecords(files, file, [header, ...rows.map((cells) => cells.join(';'))])
  }
}

/** True for a bon whose lines count: those of an abort or a training are in no sum. */
export function counts(_value: string, cells: readonly string[], files: Files): boolean {
  return rowsOf(files, 'transactions.csv').find((head) => head[3] === cells[3])?.[5] === '"Beleg"'
}

/** True for a line of a bon in lines_vat.csv with an amount. */
export function hasAmount(cells: Cells, files: Files): boolean {
  return rowsOf(files, 'lines_vat.csv').some(
    (row) => row[3] === cells[3] && row[4] === cells[4] && /[1-9]/.test(row[6] ?? ''),
  )
}

export function isAborted(value: string, cells: Cells, files: Files): boolean {
  return value === '"1"' && !counts(value, cells, files)
}

/** True for a line that was taken away before the end of a bon that counts. */
export function isTakenAway(value: string, cells: Cells, files: Files): boolean {
  const place = rowsOf(files, 'lines.csv')[0]?.indexOf('P_STORNO') ?? -1
  return cells[place] === '"1"' && counts(value, cells, files)
}

/** Exchanges the first cancelled line of a bon that counts with the goods before it: no sum changes. */
export function beforeGoods(files: Files, random: Random): Files | undefined {
  const [header = '', ...records] = recordsOf(files, 'lines.csv')
  const rows = records.map(cellsOf)
  const fitting = rows.flatMap((cells, at) => {
    const before = rows[at - 1]
    const isFirst = before?.[3] === cells[3] && !isTakenAway('', before ?? [], files)
    return isFirst && isTakenAway('', cells, files) ? [at] : []
  })
  if (fitting.length === 0) return undefined
  const at = random.pick(fitting)
  const [goods = [], taken = []] = [rows[at - 1], rows[at]]
  const [bon, first = '', second = ''] = [goods[3], goods[4], taken[4]]
  rows[at - 1] = [...goods.slice(0, 5), ...taken.slice(5)]
  rows[at] = [...taken.slice(0, 5), ...goods.slice(5)]
  const numbers = new Map([
    [first, second],
    [second, first],
  ])
  let changed = withRecords(files, 'lines.csv', [header, ...rows.map((cells) => cells.join(';'))])
  for (const file of ['lines_vat.csv', 'itemamounts.csv']) {
    const exchanged = recordsOf(files, file).map((record) => {
      const cells = cellsOf(record)
      if (cells[3] === bon) cells[4] = numbers.get(cells[4] ?? '') ?? cells[4] ?? ''
      return cells
    })
    // The rows of a bon follow its lines.
    const ofBon = exchanged.filter((cells) => cells[3] === bon).toSorted((a, b) => lineOf(a) - lineOf(b))
    const sorted = exchanged.map((cells) => (cells[3] === bon ? (ofBon.shift() ?? cells) : cells))
    changed = withRecords(
      changed,
      file,
      sorted.map((cells) => cells.join(';')),
    )
  }
  return changed
}

export function lineOf(cells: Cells): number {
  return Number((cells[4] ?? '').replaceAll('"', ''))
}

/** True for a group of a move between two of them, which the TSE signed. */
export function isOfMove(_value: string, cells: Cells, files: Files): boolean {
  return recordsOf(files, 'transactions_tse.csv').some(
    (record) => record.includes(';"Umbuchung;""') && cellsOf(record)[3] === cells[3],
  )
}

/** A row of a move is missing. */
export function withoutGroupOfMove(files: Files, random: Random): Files | undefined {
  const records = recordsOf(files, 'allocation_groups.csv')
  const fitting = records.flatMap((record, at) => (isOfMove('', cellsOf(record), files) ? [at] : []))
  if (fitting.length === 0) return undefined
  return withRecords(files, 'allocation_groups.csv', records.toSpliced(random.pick(fitting), 1))
}

export function countsAndIsNotZero(value: string, cells: Cells, files: Files): boolean {
  return /[1-9]/.test(cells[6] ?? '') && counts(value, cells, files)
}

export function more(value: string): string {
  const [whole = '0', fraction] = value.split(',')
  const scale = fraction === undefined ? 0 : fraction.length
  const units = BigInt(whole + (fraction ?? '')) + 10n ** BigInt(scale)
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const sign = units < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)},${digits.slice(-scale)}`
}

export function quoted(change: (text: string) => string): (value: string) => string {
  return (value) => `"${change(value.slice(1, -1))}"`
}

export function flipped(text: string): string {
  return (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
}

export function dropped(file: string): Mutate {
  return (files, random) => {
    const records = recordsOf(files, file)
    if (records.length < 2) return undefined
    records.splice(1 + random.int(records.length - 1), 1)
    return withRecords(files, file, records)
  }
}

export function doubled(file: string): Mutate {
  return (files, random) => {
    const records = recordsOf(files, file)
    if (records.length < 2) return undefined
    const at = 1 + random.int(records.length - 1)
    records.splice(at, 0, records[at] ?? '')
    return withRecords(files, file, records)
  }
}

export function swapped(file: string): Mutate {
  return (files, random) => {
    const records = recordsOf(files, file)
    if (records.length < 3) return undefined
    const at = 1 + random.int(records.length - 2)
    const [a = '', b = ''] = [records[at], records[at + 1]]
    records.splice(at, 2, b, a)
    return withRecords(files, file, records)
  }
}

export function text(file: string, change: (content: string) => string): Mutate {
  return (files) => new Map(files).set(file, change(files.get(file) ?? ''))
}
