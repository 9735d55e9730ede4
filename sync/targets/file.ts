import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SignedHead } from '../chain-hash.ts'
import { ed25519Key, sameBytes, ZERO_HASH } from '../chain-hash.ts'
import type { Batch } from '../envelope.ts'
import { decodeBatch, verifyBatch } from '../envelope.ts'
import type { ChainFacts } from '../source.ts'
import type { Answer, Outgoing, Target } from '../target.ts'
import { overlap } from './overlap.ts'

/** Larger and rarer than over a network: each batch becomes a file. */
const LIMITS = { maxEvents: 1000, maxBytes: 4_000_000, flushMs: 300_000 }
const SEGMENT = /^(\d{12})-(\d{12})\.ndjson$/
/** A file that is larger was not written by us. */
const SEGMENT_BYTES = 16 << 20

type Segment = { readonly first: number; readonly last: number; readonly file: string }
type Stored = { readonly seq: number; readonly head: Uint8Array; readonly segments: readonly Segment[] }

export type FileTargetOptions = {
  readonly id: string
  /** A directory that exists: a disk that is not mounted is a target that is away. */
  readonly path: string
}

/** Signed read-only segments `<path>/<chain>/<first>-<last>.ndjson`, each a journal export of its own. */
export function fileTarget({ id, path }: FileTargetOptions): Target {
  let stored: Stored | undefined
  const guarded = (act: () => Promise<Answer>): Promise<Answer> =>
    act().catch((error: NodeJS.ErrnoException) => {
      stored = undefined
      return { kind: 'unknown', code: error.code ?? 'file-error', message: `The directory of ${id} cannot be used.` }
    })
  return {
    id,
    limits: LIMITS,
    position: (chain) =>
      guarded(async () => {
        stored = await look(path, chain)
        return { kind: 'position', headSeq: stored.seq, head: stored.head, forked: false }
      }),
    register: async () => ({ kind: 'registered' }),
    deliver: (chain, batch) =>
      guarded(async () => {
        const present = stored ?? (await look(path, chain))
        const answer = await compare(path, chain, present, batch)
        if (answer !== undefined) return answer
        const segment = await write(join(path, chain.chainId), batch)
        const head = batch.hashes.at(-1) ?? ZERO_HASH
        stored = { seq: batch.last, head, segments: [...present.segments, segment] }
        return { kind: 'acked', ackedSeq: batch.last, head }
      }),
    checkpoint: (chain, signed: SignedHead) =>
      guarded(async () => {
        stored = await look(path, chain)
        if (stored.seq === signed.seq) return { kind: 'acked', ackedSeq: stored.seq, head: stored.head }
        return { kind: 'gap', expectedSeq: stored.seq + 1, head: stored.head }
      }),
    close: async () => undefined,
  }
}

/** What the directory holds without a hole; the last segment is verified, the ones before it were when they were last. */
async function look(path: string, chain: ChainFacts): Promise<Stored> {
  await stat(path)
  const directory = join(path, chain.chainId)
  if ((await mkdir(directory, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(path)
  const segments = contiguous((await readdir(directory)).flatMap(segmentOf))
  while (segments.length > 0) {
    const last = segments.at(-1)
    const batch = last && (await readSegment(directory, last, chain))
    if (batch !== undefined) return { seq: batch.last, head: batch.head, segments }
    segments.pop()
  }
  return { seq: 0, head: ZERO_HASH, segments }
}

function segmentOf(file: string): Segment[] {
  const match = SEGMENT.exec(file)
  return match === null ? [] : [{ first: Number(match[1]), last: Number(match[2]), file }]
}

/** After a rewind segments may overlap; only what leads on counts. */
function contiguous(found: Segment[]): Segment[] {
  const run: Segment[] = []
  for (const segment of found.sort((a, b) => a.first - b.first || b.last - a.last)) {
    const reached = run.at(-1)?.last ?? 0
    if (segment.first <= reached + 1 && segment.last > reached) run.push(segment)
  }
  return run
}

/** Undefined when the file is not what its name says: it was damaged, or is not ours. */
async function readSegment(directory: string, segment: Segment, chain: ChainFacts): Promise<Batch | undefined> {
  const file = join(directory, segment.file)
  if ((await stat(file)).size > SEGMENT_BYTES) return undefined
  const bytes = await readFile(file)
  try {
    const batch = decodeBatch(bytes)
    verifyBatch(batch, ed25519Key(Buffer.from(chain.publicKey, 'base64url')))
    const named = batch.first === segment.first && batch.last === segment.last && batch.chain === chain.chainId
    return named ? batch : undefined
  } catch {
    return undefined
  }
}

/** Undefined when the batch follows on what is stored. */
async function compare(path: string, chain: ChainFacts, stored: Stored, batch: Outgoing): Promise<Answer | undefined> {
  const follows = batch.first === stored.seq + 1 && sameBytes(batch.prev, stored.head)
  if (follows) return undefined
  if (batch.first > stored.seq) return { kind: 'gap', expectedSeq: stored.seq + 1, head: stored.head }
  const segment = stored.segments.find(({ first, last }) => first <= batch.first && batch.first <= last)
  const known = segment && (await readSegment(join(path, chain.chainId), segment, chain))
  if (known === undefined)
    return { kind: 'unknown', code: 'segment-damaged', message: `A segment with event ${batch.first} does not verify.` }
  return overlap(known, batch)
}

/** Complete and durable under its name, or not there at all. */
async function write(directory: string, batch: Outgoing): Promise<Segment> {
  const name = [batch.first, batch.last].map((seq) => String(seq).padStart(12, '0')).join('-')
  const segment = { first: batch.first, last: batch.last, file: `${name}.ndjson` }
  const temporary = join(directory, 'segment.tmp')
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', 0o440)
  try {
    await file.writeFile(batch.text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(directory, segment.file))
  await syncFolder(directory)
  return segment
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
