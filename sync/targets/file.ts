import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SignedHead } from '../chain-hash.ts'
import { ed25519Key, isUuid, sameBytes, ZERO_HASH } from '../chain-hash.ts'
import type { Batch } from '../envelope.ts'
import { decodeBatch, EnvelopeError, signedEnd, verifyBatch } from '../envelope.ts'
import { members, parseObject } from '../json.ts'
import type { ChainFacts } from '../source.ts'
import type { Answer, KnownChain, Outgoing, Place, Target } from '../target.ts'
import { overlap } from './overlap.ts'

/** Larger and rarer than over a network: each batch becomes a file. */
const LIMITS = { maxEvents: 1000, maxBytes: 4_000_000, flushMs: 300_000 }
const SEGMENT = /^(\d{12})-(\d{12})\.ndjson$/
/** A file that is larger was not written by us. */
const SEGMENT_BYTES = 16 << 20
const CHAINS_MOST = 10

type Segment = { readonly first: number; readonly last: number; readonly file: string }
type Stored = {
  readonly seq: number
  readonly head: Uint8Array
  readonly segments: readonly Segment[]
  /** Where the last segment that is whole and signed by somebody else ends. */
  readonly otherKey?: Place
}

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
        const { seq: headSeq, head, otherKey } = stored
        return { kind: 'position', headSeq, head, forked: false, ...(otherKey && { otherKey }) }
      }),
    signedHead: (chain, upTo) =>
      stored === undefined ? Promise.resolve(undefined) : signedIn(path, chain, stored, upTo),
    otherChains: (chain) => chainsBeside(path, chain).catch(() => []),
    register: async () => ({ kind: 'registered' }),
    deliver: (chain, batch) =>
      guarded(async () => {
        const present = stored !== undefined && (await isHere(path, chain, stored)) ? stored : await look(path, chain)
        const answer = await compare(path, chain, present, batch)
        if (answer !== undefined) return answer
        const directory = join(path, chain.chainId)
        if (present.seq === 0) await makeFolder(path, directory)
        const segment = await write(directory, batch)
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
  const segments = contiguous((await namesIn(directory)).flatMap(segmentOf))
  let otherKey: Place | undefined
  while (segments.length > 0) {
    const last = segments.at(-1)
    const read = last && (await readSegment(directory, last, chain))
    const others = otherKey && { otherKey }
    if (read !== undefined && !read.isOfOtherKey) {
      const { last: seq, head } = read.batch
      return { seq, head, segments, ...others }
    }
    if (read !== undefined) otherKey ??= { seq: read.batch.last, head: read.batch.head }
    segments.pop()
  }
  return { seq: 0, head: ZERO_HASH, segments, ...(otherKey && { otherKey }) }
}

/** False where somebody has changed the disk since: what would be written there need not follow on what it has. */
async function isHere(path: string, { chainId }: ChainFacts, { segments }: Stored): Promise<boolean> {
  const last = segments.at(-1)
  try {
    await stat(join(path, chainId, last?.file ?? ''))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return last === undefined
  }
}

/** Undefined where no segment ends up to that event, and where it cannot be read. */
async function signedIn(
  path: string,
  chain: ChainFacts,
  { segments }: Stored,
  upTo: number,
): Promise<SignedHead | undefined> {
  const segment = segments.findLast(({ last }) => last <= upTo)
  const read = segment && (await readSegment(join(path, chain.chainId), segment, chain).catch(() => undefined))
  return read && signedEnd(read.batch)
}

/** Ids of chains begin with the time of their making: of the newest folders those that begin with an event of that agent. */
async function chainsBeside(path: string, { agentId, chainId }: ChainFacts): Promise<KnownChain[]> {
  const others = (await namesIn(path)).filter((name) => isUuid(name) && name !== chainId)
  const known: KnownChain[] = []
  for (const other of others.sort().slice(-CHAINS_MOST)) {
    const directory = join(path, other)
    const [first] = contiguous((await namesIn(directory)).flatMap(segmentOf))
    const batch = first?.first === 1 ? decodeBatch(await readFile(join(directory, first.file))) : undefined
    const { note } = parseObject(batch?.events[0]?.body ?? '') ?? {}
    if (batch !== undefined && members(note)?.['agentId'] === agentId)
      known.push({ chainId: other, epoch: batch.epoch })
  }
  return known
}

/** In a directory that is there: one that is not is no place for a journal. */
async function makeFolder(path: string, directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 })
    await syncFolder(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** None where the folder is not there: it is made with its first file. */
async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
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

type Read = { readonly batch: Batch; readonly isOfOtherKey: boolean }

/** Undefined when the file is not what its name says: it was damaged, or is not of this chain. */
async function readSegment(directory: string, segment: Segment, chain: ChainFacts): Promise<Read | undefined> {
  const file = join(directory, segment.file)
  if ((await stat(file)).size > SEGMENT_BYTES) return undefined
  const bytes = await readFile(file)
  try {
    const batch = decodeBatch(bytes)
    const isOfOtherKey = isSignedByOther(batch, chain)
    const named = batch.first === segment.first && batch.last === segment.last && batch.chain === chain.chainId
    return named ? { batch, isOfOtherKey } : undefined
  } catch {
    return undefined
  }
}

/** Throws EnvelopeError where it is not whole. */
function isSignedByOther(batch: Batch, { publicKey }: ChainFacts): boolean {
  try {
    verifyBatch(batch, ed25519Key(Buffer.from(publicKey, 'base64url')))
    return false
  } catch (error) {
    if (error instanceof EnvelopeError && error.code === 'bad-signature') return true
    throw error
  }
}

/** Undefined when the batch follows on what is stored. */
async function compare(path: string, chain: ChainFacts, stored: Stored, batch: Outgoing): Promise<Answer | undefined> {
  const follows = batch.first === stored.seq + 1 && sameBytes(batch.prev, stored.head)
  if (follows) return undefined
  if (batch.first > stored.seq) return { kind: 'gap', expectedSeq: stored.seq + 1, head: stored.head }
  const segment = stored.segments.find(({ first, last }) => first <= batch.first && batch.first <= last)
  const known = segment && (await readSegment(join(path, chain.chainId), segment, chain))
  if (known === undefined || known.isOfOtherKey)
    return { kind: 'unknown', code: 'segment-damaged', message: `A segment with event ${batch.first} does not verify.` }
  return overlap(known.batch, batch)
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

/** Some file systems sync no folder: nothing more can be done there. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
  } finally {
    await folder.close()
  }
}
