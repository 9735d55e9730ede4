import { Dep7Copy } from './dep7-copy.ts'

/** A DEP7 that can be read more than once. */
export type CopyFile = { readonly name: string; readonly chunks: () => AsyncIterable<Uint8Array> }

/**
 * The copies of one register. `agreed`: receipts that are the same in an older copy and a newer one; `apart`: copies that
 * share no time with a newer one.
 */
export type CopiesReport = {
  readonly cashBoxId: string
  readonly copies: number
  readonly agreed: number
  readonly apart: readonly string[]
}

/** `from` and `to`: times of the first and the last receipt. */
type Extent = { file: CopyFile; cashBoxId: string; from: string; to: string; receipts: number }
type Pair = { older: Extent; newer: Extent }
/** `count` receipts of the older copy, starting with `number`, differ from those of the newer one. */
type Differs = { register: string; number: string; count: number; older: string; newer: string }
export type CopyFindings = { add(code: 'rksv_older_copy_differs', seq: number, facts: Differs): void }

/**
 * Compares the DEP7s of each register with each other: the chain of an older copy must be the beginning or a part of a newer
 * one. No other check finds a chain that the card signed a second time (§ 7 Abs. 3 RKSV: a copy every quarter).
 */
export async function compareCopies(files: readonly CopyFile[], findings: CopyFindings): Promise<CopiesReport[]> {
  const extents: Extent[] = []
  for (const file of files) extents.push(await extentOf(file))
  const reports: CopiesReport[] = []
  const registers = new Set(extents.filter(({ receipts }) => receipts > 0).map(({ cashBoxId }) => cashBoxId))
  for (const cashBoxId of registers) {
    const copies = extents.filter((extent) => extent.cashBoxId === cashBoxId && extent.receipts > 0)
    if (copies.length > 1) reports.push(await compareAll(cashBoxId, copies.toSorted(byEnd), findings))
  }
  return reports
}

/** Compares each copy with the next newer copy that shares a time with it. */
async function compareAll(cashBoxId: string, copies: readonly Extent[], findings: CopyFindings): Promise<CopiesReport> {
  let agreed = 0
  const apart: string[] = []
  for (const [index, older] of copies.slice(0, -1).entries()) {
    let same: number | undefined
    for (const newer of copies.slice(index + 1)) {
      if (same === undefined && newer.from <= older.to) same = await compare({ older, newer }, findings)
    }
    if (same === undefined) apart.push(older.file.name)
    agreed += same ?? 0
  }
  return { cashBoxId, copies: copies.length, agreed, apart }
}

/** Returns how many receipts are the same in both; undefined if they share only the second in which `older` ends. */
async function compare({ older, newer }: Pair, findings: CopyFindings): Promise<number | undefined> {
  const [one, other] = [await open(older), await open(newer)]
  try {
    // The copy that begins earlier is read up to the first receipt of the other.
    const [early, late] = older.from <= newer.from ? [one, other] : [other, one]
    const first = late.next?.number
    while (early.next !== undefined && early.next.number !== first) await early.advance()
    let agreed = 0
    for (; one.next !== undefined && one.next.jws === other.next?.jws; agreed++) await advance(one, other)
    if (one.next === undefined) {
      if (agreed === 0 && newer.from === older.to) return undefined
      if (agreed === 0) addFinding({ older, newer }, first ?? '–', 1, findings)
      return agreed
    }
    const { number } = one.next
    let count = 0
    for (; one.next !== undefined; count++) await one.advance()
    addFinding({ older, newer }, number, count, findings)
    return agreed
  } finally {
    await one.close()
    await other.close()
  }
}

function addFinding({ older, newer }: Pair, number: string, count: number, findings: CopyFindings): void {
  const files = { older: older.file.name, newer: newer.file.name }
  findings.add('rksv_older_copy_differs', 0, { register: older.cashBoxId, number, count, ...files })
}

async function advance(one: Dep7Copy, other: Dep7Copy): Promise<void> {
  await one.advance()
  await other.advance()
}

function open({ file }: Extent): Promise<Dep7Copy> {
  return Dep7Copy.open(file.name, file.chunks())
}

async function extentOf(file: CopyFile): Promise<Extent> {
  const copy = await Dep7Copy.open(file.name, file.chunks())
  const { cashBoxId, next } = copy
  const from = next?.stamp ?? ''
  let [to, receipts] = ['', 0]
  for (; copy.next !== undefined; receipts++) {
    to = copy.next.stamp
    await copy.advance()
  }
  return { file, cashBoxId, from, to, receipts }
}

/** By the time of the last receipt; if two copies end at the same time, the one with fewer receipts is the older one. */
function byEnd(one: Extent, other: Extent): number {
  if (one.to !== other.to) return one.to < other.to ? -1 : 1
  return one.receipts - other.receipts
}
