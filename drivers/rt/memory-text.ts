import type { RtLastDocument } from '../ports/rt-printer.ts'

/**
 * Texts of the detail memory (DGFE), `=C45x/$0`. The layout differs by model: only marked lines are read, from their
 * first character, with one or more blanks between two words.
 */

export type MemoryDocument = Pick<RtLastDocument, 'kind' | 'z' | 'number' | 'totalCents' | 'printedAt'> & {
  /** For returns and voids. `date` is `YYYY-MM-DD`. */
  original: { z: number; number: number; date: string } | undefined
  /** Our text lines, without `#`. */
  texts: readonly string[]
  /** Only the counters and its sum show that it is ours. */
  certain?: boolean
}

export type MemoryText = {
  documents: readonly MemoryDocument[]
  /** Documents of each closed period, by closure number. */
  closures: ReadonlyMap<number, number>
}

type Open = { -readonly [Key in keyof MemoryDocument]: MemoryDocument[Key] } & { texts: string[] }
type Reading = {
  document: Open
  /** A closure or slip names no document; goods of a document may be called like a closure. */
  kind: 'none' | 'document' | 'slip'
  /** After its heading a document has the shop's own words: goods may be called "Buono reso merce". */
  isHead: boolean
}

function empty(): Reading {
  return {
    document: {
      kind: 'sale',
      z: 0,
      number: 0,
      original: undefined,
      texts: [],
      totalCents: undefined,
      printedAt: undefined,
    },
    kind: 'none',
    isHead: true,
  }
}

const HEADINGS = [
  ['document', /^DOCUMENTO\s+COMMERCIALE$/i],
  ['slip', /^DOCUMENTO\s+GESTIONALE$/i],
] as const

export function parseMemoryText(text: string): MemoryText {
  const documents: MemoryDocument[] = []
  const closures = new Map<number, number>()
  let open = empty()
  let closure: number | undefined
  let count: number | undefined
  for (const line of text.split(/\r?\n/).map((raw) => raw.trim())) {
    const heading = HEADINGS.find(([, pattern]) => pattern.test(line))
    if (heading) open = { ...empty(), kind: heading[0] }
    const end = endIn(line, open)
    if (end) {
      documents.push({ ...open.document, ...end })
      open = empty()
      continue
    }
    if (open.kind !== 'slip') readLine(open, line)
    if (open.kind === 'document') continue
    closure = numberOf(/^CHIUSURA\s+GIORNALIERA\s+(?:N\.\s*)?(\d+)$/i, line) ?? closure
    count = numberOf(/^DOCUMENTI\s+COMMERCIALI\s+(\d+)$/i, line) ?? count
    if (closure === undefined || count === undefined) continue
    closures.set(closure, count)
    closure = undefined
    count = undefined
  }
  return { documents, closures }
}

/** The line that ends a document has its number. */
function endIn(line: string, { kind }: Reading): { z: number; number: number } | undefined {
  const match = kind === 'slip' ? null : /^DOCUMENTO\s+N\.\s*(\d{4})-(\d{4})$/i.exec(line)
  return match ? { z: Number(match[1]), number: Number(match[2]) } : undefined
}

function numberOf(pattern: RegExp, line: string): number | undefined {
  const digits = pattern.exec(line)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function readLine(open: Reading, line: string): void {
  const { document } = open
  if (line.startsWith('#')) {
    document.texts.push(line.slice(1).trim())
    return
  }
  if (/^DESCRIZIONE\b/i.test(line)) open.isHead = false
  // A layout without that heading has the amount next to the name of the goods.
  const isOfHead = open.isHead && !/[,.]\d\d$/.test(line)
  if (isOfHead && /RESO\s+MERCE/i.test(line)) document.kind = 'return'
  if (isOfHead && /ANNULLAMENTO/i.test(line)) document.kind = 'void'
  const original = /^N\.\s*(\d{4})-(\d{4})\s+del\s+(\d\d)[-/](\d\d)[-/](\d{4})/i.exec(line)
  if (original && document.original === undefined) {
    const [, z, number, day, month, year] = original
    document.original = { z: Number(z), number: Number(number), date: `${year}-${month}-${day}` }
  }
  // The euro sign of the printer's character set is 80h.
  const total = /^TOTALE\s+COMPLESSIVO\s+(-?[\d.]*\d)[,.](\d\d)\s*(?:EUR|[\x80€])?$/i.exec(line)
  if (total) document.totalCents = BigInt(`${total[1]?.replaceAll('.', '')}${total[2]}`)
  const at = /^(\d\d)[-/](\d\d)[-/](\d{4})\s+(\d\d:\d\d)(?::\d\d)?$/.exec(line)
  if (at) document.printedAt = `${at[3]}-${at[2]}-${at[1]}T${at[4]}`
}

/**
 * True if every document after (z, number) up to the printer's present state was read exactly once: only this proves
 * "not among them". `now` is the printer's present count of closures, and of documents since.
 */
export function isComplete(
  { documents, closures }: MemoryText,
  after: { z: number; number: number },
  now: { z: number; number: number },
): boolean {
  for (let period = after.z + 1; period <= now.z + 1; period += 1) {
    const last = period === now.z + 1 ? now.number : closures.get(period)
    if (last === undefined) return false
    const first = period === after.z + 1 ? after.number + 1 : 1
    const read = documents.filter((document) => document.z === period && document.number >= first)
    if (new Set(read.map((document) => document.number)).size !== read.length) return false
    if (read.length !== Math.max(0, last - first + 1)) return false
    if (read.some((document) => document.number > last)) return false
  }
  return true
}

export function isAfter(document: { z: number; number: number }, baseline: { z: number; number: number }): boolean {
  return document.z > baseline.z + 1 || (document.z === baseline.z + 1 && document.number > baseline.number)
}
