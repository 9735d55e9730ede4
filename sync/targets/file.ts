import { hash as digest } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SignedHead } from '../protocol/chain-hash.ts'
import { ed25519Key, isUuid, sameBytes, ZERO_HASH } from '../protocol/chain-hash.ts'
import type { Batch } from '../protocol/envelope.ts'
import { decodeBatch, EnvelopeError, signedEnd, verifyBatch } from '../protocol/envelope.ts'
import { members, parseObject } from '../protocol/json.ts'
import type { KnownChain } from '../protocol/shown-head.ts'
import type { ChainFacts } from '../source.ts'
import type { Answer, Outgoing, Place, Target } from '../target.ts'
import { newestOf } from '../target.ts'
import { overlap } from './overlap.ts'

/** Larger and rarer than over a network: each batch becomes a file. */
const LIMITS = { maxEvents: 1000, maxBytes: 4_000_000, flushMs: 300_000 }
const SEGMENT = /^(\d{12})-(\d{12})\.ndjson$/
/** A larger file is not one of ours. */
const SEGMENT_BYTES = 16 << 20
const CHAINS_MOST = 10

type Segment = { readonly first: number; readonly last: number; readonly file: string }
type Stored = {
  readonly seq: number
  readonly head: Uint8Array
  readonly segments: readonly Segment[]
  /** Size of the last one. */
  readonly bytes: number
  /** Segments after the run whose content no longer matches their name. */
  readonly damaged: readonly Segment[]
  /** Segments of the run, those that overlap with it, and those after a hole. */
  readonly allSegments: readonly Segment[]
  /** The end of the last segment that is whole and signed by another key. */
  readonly otherKey?: Place
}

export type FileTargetOptions = {
  readonly id: string
  /** A directory that exists: a disk that is not mounted is an unreachable target. */
  readonly path: string
  /** Reports whether that disk is mounted. */
  readonly places?: DiskPlaces | undefined
}

/** Both throw, with a code, if the folder is on another disk than it should be: nothing is written there. */
export type DiskPlaces = {
  demand(folder: string): Promise<void>
  /** Checks a file that was made there, before it gets its name. */
  demandFile(folder: string, file: FileHandle): Promise<void>
}

/** `directory`: that of the chain. */
type ChainFolder = {
  readonly path: string
  readonly chain: ChainFacts
  readonly directory: string
  readonly demandFile: (file: FileHandle) => Promise<void>
}

/** Signed read-only segments `<path>/<chain>/<first>-<last>.ndjson`, each a separate journal export. */
export function fileTarget({ id, path, places }: FileTargetOptions): Target {
  let stored: Stored | undefined
  let looks = 0
  const others = (chain: ChainFacts): Promise<KnownChain[]> => otherChainsIn(path, chain).catch(() => [])
  const folderOf = (chain: ChainFacts): ChainFolder => ({
    path,
    chain,
    directory: join(path, chain.chainId),
    demandFile: async (file) => places?.demandFile(path, file),
  })
  const guarded = async (act: () => Promise<Answer>): Promise<Answer> => {
    try {
      await places?.demand(path)
      return await act()
    } catch (thrown) {
      stored = undefined
      const error = thrown as NodeJS.ErrnoException
      // The system's error names paths that the target need not show.
      const message = error.errno === undefined ? error.message : `The directory of ${id} cannot be used.`
      return { kind: 'unknown', code: error.code ?? 'file_error', message }
    }
  }
  return {
    id,
    limits: LIMITS,
    position: (chain) =>
      guarded(async () => {
        stored = await look(folderOf(chain))
        const { seq: headSeq, head, otherKey } = stored
        const newestEpoch = newestOf(await others(chain))
        return { kind: 'position', headSeq, head, forked: false, newestEpoch, ...(otherKey && { otherKey }) }
      }),
    signedHead: (chain, upTo) =>
      stored === undefined ? Promise.resolve(undefined) : signedIn(folderOf(chain), stored, upTo),
    otherChains: others,
    register: async () => ({ kind: 'registered' }),
    deliver: (chain, batch) =>
      guarded(async () => {
        const folder = folderOf(chain)
        const present = stored !== undefined && (await isHere(folder, stored)) ? stored : await look(folder)
        const { answer, ...delivered } = await deliverTo(folder, present, batch)
        stored = delivered.stored
        return answer
      }),
    checkpoint: (chain, signed: SignedHead) =>
      guarded(async () => {
        const folder = folderOf(chain)
        stored = await look(folder)
        if (stored.seq === signed.seq && (await findsDamage(folder, stored, looks++))) stored = await look(folder)
        if (stored.seq === signed.seq) return { kind: 'acked', ackedSeq: stored.seq, head: stored.head }
        return { kind: 'gap', expectedSeq: stored.seq + 1, head: stored.head }
      }),
    close: async () => undefined,
  }
}

/**
 * The events in the directory without a hole. Verifies the last segment; the ones before it were verified when they
 * were last.
 */
async function look({ path, chain, directory }: ChainFolder): Promise<Stored> {
  await stat(path)
  const allSegments = (await namesIn(directory)).flatMap(segmentOf)
  const segments = contiguous(allSegments)
  const damaged: Segment[] = []
  let otherKey: Place | undefined
  const upTo = (seq: number, head: Uint8Array, bytes: number): Stored => {
    return { seq, head, segments, bytes, damaged, allSegments, ...(otherKey && { otherKey }) }
  }
  for (let last = segments.at(-1); last !== undefined; last = segments.at(-1)) {
    const read = await readSegment(directory, last, chain)
    if (read !== undefined && !read.isOfOtherKey) return upTo(last.last, read.batch.head, read.bytes)
    if (read === undefined) damaged.push(last)
    else otherKey ??= { seq: read.batch.last, head: read.batch.head }
    segments.pop()
  }
  return upTo(0, ZERO_HASH, 0)
}

/** False if the disk was changed since: a new segment might not follow its events. */
async function isHere({ path, directory }: ChainFolder, { segments, bytes }: Stored): Promise<boolean> {
  const last = segments.at(-1)
  try {
    const { size } = await stat(last === undefined ? path : join(directory, last.file))
    return last === undefined || size === bytes
  } catch (error) {
    if (last === undefined || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return false
  }
}

/** Undefined if no segment ends by that event, or if it cannot be read. */
async function signedIn(
  { chain, directory }: ChainFolder,
  { segments }: Stored,
  upTo: number,
): Promise<SignedHead | undefined> {
  const segment = segments.findLast(({ last }) => last <= upTo)
  const read = segment && (await readSegment(directory, segment, chain).catch(() => undefined))
  return read && signedEnd(read.batch)
}

type Delivered = { readonly answer: Answer; readonly stored: Stored }

/** Moves damaged segments aside, for the events that are sent again. */
async function deliverTo(folder: ChainFolder, present: Stored, batch: Outgoing): Promise<Delivered> {
  const answer = await compare(folder, present, batch)
  if (answer === 'damaged') return deliverTo(folder, await look(folder), batch)
  if (answer !== undefined) return { answer, stored: present }
  if (present.seq === 0) await makeFolder(folder.path, folder.directory)
  for (const segment of present.damaged) await setAside(folder, segment)
  const segment = await write(folder, batch)
  const head = batch.hashes.at(-1) ?? ZERO_HASH
  const also = { segments: [...present.segments, segment], allSegments: [...present.allSegments, segment] }
  const written = { seq: batch.last, head, bytes: batch.text.length, damaged: [], ...also }
  // A filled hole may lead on to segments after it.
  const isHoled = present.allSegments.some(({ first }) => first > present.seq + 1)
  const stored = isHoled ? await look(folder) : written
  return { answer: { kind: 'acked', ackedSeq: batch.last, head }, stored }
}

/**
 * Verifies one segment in addition to the last, a different one each time, from a start that changes with each run and
 * each sale. True if it was damaged and moved aside.
 */
async function findsDamage(
  folder: ChainFolder,
  { segments, allSegments, head }: Stored,
  shift: number,
): Promise<boolean> {
  const others = allSegments.filter(({ file }) => file !== segments.at(-1)?.file)
  const segment = others[(Buffer.from(head).readUInt32BE() + shift) % others.length]
  return segment !== undefined && setAside(folder, segment)
}

/** Renames a damaged segment so that it no longer counts; a person may want to look at it. */
async function setAside({ directory, chain }: ChainFolder, segment: Segment): Promise<boolean> {
  if ((await readSegment(directory, segment, chain)) !== undefined) return false
  const file = join(directory, segment.file)
  await rename(file, `${file}.damaged`)
  return true
}

/**
 * Ids of chains begin with the time of their creation: selects, among the newest folders, those that begin with an
 * event of that agent.
 */
async function otherChainsIn(path: string, { agentId, chainId }: ChainFacts): Promise<KnownChain[]> {
  const others = (await namesIn(path)).filter((name) => isUuid(name) && name !== chainId)
  const chains: KnownChain[] = []
  for (const other of others.sort().slice(-CHAINS_MOST)) {
    const directory = join(path, other)
    const [first] = contiguous((await namesIn(directory)).flatMap(segmentOf))
    const batch = first?.first === 1 ? decodeBatch(await readFile(join(directory, first.file))) : undefined
    const { facts } = parseObject(batch?.events[0]?.body ?? '') ?? {}
    if (batch !== undefined && members(facts)?.['agent_id'] === agentId)
      chains.push({ chainId: other, epoch: batch.epoch })
  }
  return chains
}

/** Only in an existing directory: a missing one is not a place for a journal. */
async function makeFolder(path: string, directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 })
    await syncFolder(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Empty if the folder does not exist: it is made with its first file. */
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

/** After a rewind segments may overlap; only those that continue the run count. */
function contiguous(segments: readonly Segment[]): Segment[] {
  const run: Segment[] = []
  for (const segment of segments.toSorted((a, b) => a.first - b.first || b.last - a.last)) {
    const reached = run.at(-1)?.last ?? 0
    if (segment.first <= reached + 1 && segment.last > reached) run.push(segment)
  }
  return run
}

type Read = { readonly batch: Batch; readonly isOfOtherKey: boolean; readonly bytes: number }

/** Undefined if the file does not match its name: it was damaged, or is not of this chain. */
async function readSegment(directory: string, segment: Segment, chain: ChainFacts): Promise<Read | undefined> {
  const file = join(directory, segment.file)
  if ((await stat(file)).size > SEGMENT_BYTES) return undefined
  const bytes = await readFile(file)
  try {
    const batch = decodeBatch(bytes)
    const isOfOtherKey = isSignedByOther(batch, chain)
    const named = batch.first === segment.first && batch.last === segment.last && batch.chain === chain.chainId
    return named && (isOfOtherKey || namesKey(batch, chain)) ? { batch, isOfOtherKey, bytes: bytes.length } : undefined
  } catch {
    return undefined
  }
}

/** No signature covers the name of the key, and restore and verification read it (`keyId` of the agent). */
function namesKey({ checkpoint }: Batch, { publicKey }: ChainFacts): boolean {
  const id = digest('sha256', Buffer.from(publicKey, 'base64url'), 'hex').slice(0, 16)
  return checkpoint === undefined || checkpoint.kid === id
}

/** Throws EnvelopeError if it is not whole. */
function isSignedByOther(batch: Batch, { publicKey }: ChainFacts): boolean {
  try {
    verifyBatch(batch, ed25519Key(Buffer.from(publicKey, 'base64url')))
    return false
  } catch (error) {
    if (error instanceof EnvelopeError && error.code === 'bad_signature') return true
    throw error
  }
}

/** Undefined if the batch follows the stored events; `damaged` if the stored segment at its place was found damaged. */
async function compare(folder: ChainFolder, stored: Stored, batch: Outgoing): Promise<Answer | 'damaged' | undefined> {
  const follows = batch.first === stored.seq + 1 && sameBytes(batch.prev, stored.head)
  if (follows) return undefined
  if (batch.first > stored.seq) return { kind: 'gap', expectedSeq: stored.seq + 1, head: stored.head }
  const segment = stored.segments.find(({ first, last }) => first <= batch.first && batch.first <= last)
  const storedSegment = segment && (await readSegment(folder.directory, segment, folder.chain))
  if (storedSegment !== undefined && !storedSegment.isOfOtherKey) return overlap(storedSegment.batch, batch)
  if (segment !== undefined && (await setAside(folder, segment))) return 'damaged'
  return { kind: 'unknown', code: 'segment_damaged', message: `A segment with event ${batch.first} does not verify.` }
}

/** Complete and durable under its name, or absent. */
async function write({ directory, demandFile }: ChainFolder, batch: Outgoing): Promise<Segment> {
  const name = [batch.first, batch.last].map((seq) => String(seq).padStart(12, '0')).join('-')
  const segment = { first: batch.first, last: batch.last, file: `${name}.ndjson` }
  const temporary = join(directory, 'segment.tmp')
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', 0o440)
  try {
    await demandFile(file)
    await file.writeFile(batch.text)
    await file.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(temporary, join(directory, segment.file))
  await syncFolder(directory)
  return segment
}

/** Some file systems cannot sync a folder: nothing more can be done there. */
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
