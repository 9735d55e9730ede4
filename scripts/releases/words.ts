import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { readJournal } from '../../agent/journal/reader.ts'
import type { KeptShop } from './kept-shop.ts'
import { unpackFiles } from './packed.ts'

/** Kinds of events, and paths of members in their bodies. */
export type Words = ReadonlySet<string>

/** A journal with its words and its size, roughly as it is kept. */
type Candidate = { readonly words: Words; readonly bytes: number }

/** Members whose names are words of a till, ids, currencies, or answers of a foreign side. */
const FREE = new Set(['metadata', 'last_receipts', 'last_closings', 'foreign', 'cash_per_currency'])
/** A journal for fewer members than that, and for no kind, costs more than it holds: 8 KB each. */
const MEMBERS_LEAST = 8
/** Estimates the size in a hundredth of the time. */
const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }

export function wordsOf({ files }: Pick<KeptShop, 'files'>): Candidate {
  const folder = mkdtempSync(join(tmpdir(), 'words-'))
  try {
    unpackFiles(files, folder)
    const all = 'SELECT kind, body FROM event ORDER BY seq'
    const events = readJournal(join(folder, 'state'), (db) => db.prepare<[], { kind: string; body: string }>(all).all())
    const words = new Set(events.flatMap(({ kind, body }) => [kind, ...pathsIn(JSON.parse(body), '')]))
    return { words, bytes: brotliCompressSync(JSON.stringify(files), FAST).length }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function pathsIn(value: unknown, place: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => pathsIn(one, place))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const at = `${place}/${name}`
    return FREE.has(name) ? [at] : [at, ...pathsIn(member, at)]
  })
}

function isKind(word: string): boolean {
  return !word.startsWith('/')
}

/**
 * Takes those with the most new words for their bytes, until every kind is in one that `take` took, and all but few members, and returns the words
 * that are known then. One that it refuses is replaced by others.
 */
export async function fewest<Found extends Candidate>(
  candidates: readonly Found[],
  known: Words,
  take: (candidate: Found) => Promise<boolean>,
): Promise<Words> {
  const words = new Set(known)
  let rest = candidates
  while (true) {
    const worth = ({ words: own, bytes }: Found) => {
      const news = [...own].filter((word) => !words.has(word))
      return news.length >= MEMBERS_LEAST || news.some(isKind) ? news.length / bytes : 0
    }
    const [first] = rest
    if (first === undefined) return words
    const best = rest.reduce((one, other) => (worth(other) > worth(one) ? other : one), first)
    if (worth(best) === 0) return words
    rest = rest.filter((one) => one !== best)
    if (await take(best)) for (const word of best.words) words.add(word)
  }
}
