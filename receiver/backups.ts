import { setImmediate as turn } from 'node:timers/promises'
import type { BlobManifest } from '../sync/protocol/blob-manifest.ts'
import { MANIFEST_TYPE, parseManifest } from '../sync/protocol/blob-manifest.ts'
import type { ChainEvent } from '../sync/protocol/chain-hash.ts'
import { blobReferences } from './blob-references.ts'
import type { BlobReference, BlobStore, PlacedReference } from './blob-store.ts'

const PART_TYPE = 'application/octet-stream'
/** The most unfinished backups to look back past. */
const NEWEST = 5
/** More of them than any shop keeps. */
const BACKUPS_MOST = 5000
/** The most parts that are looked up at once. */
const PORTION = 2000

/** The facts of a manifest, with the number of its parts: those of many backups do not fit into one process. */
export type BackupFacts = Omit<BlobManifest, 'parts'> & { readonly parts: number }

/** A backup that an agent has named. `missing`: the parts that did not arrive yet; undefined without the manifest. */
export type KeptBackup = {
  readonly reference: PlacedReference
  readonly manifest: BackupFacts | undefined
  readonly missing: number | undefined
}

type Looked = Pick<BlobStore, 'named' | 'read' | 'absent'>

/** The newest first. One that is named several times is examined once. */
export async function backupsOf(blobs: Looked, agentId: string, limit: number): Promise<readonly KeptBackup[]> {
  const backups: KeptBackup[] = []
  const byDigest = new Map<string, Omit<KeptBackup, 'reference'>>()
  for (const reference of await blobs.named(agentId, MANIFEST_TYPE, limit)) {
    const about = byDigest.get(reference.sha256) ?? (await aboutBackup(blobs, agentId, reference.sha256))
    byDigest.set(reference.sha256, about)
    backups.push({ reference, ...about })
  }
  return backups
}

async function aboutBackup(blobs: Looked, agentId: string, sha256: string): Promise<Omit<KeptBackup, 'reference'>> {
  const manifest = await manifestOf(blobs, agentId, sha256)
  if (manifest === undefined) return { manifest, missing: undefined }
  const missing = (await absentParts(blobs, agentId, manifest)).length
  return { manifest: { ...manifest, parts: manifest.parts.length }, missing }
}

/** For the events that name blobs, by their seq: whether all of these have arrived. */
export async function completeness(
  blobs: BlobStore,
  agentId: string,
  events: readonly ChainEvent[],
): Promise<ReadonlyMap<number, boolean>> {
  const references = blobReferences(events)
  if (references.length === 0) return new Map()
  const absent = new Set(await blobs.absent(agentId, [...new Set(references.map(({ blob }) => blob.sha256))]))
  const missing = new Set(references.filter(({ blob }) => absent.has(blob.sha256)).map(({ seq }) => seq))
  return new Map(references.map(({ seq }) => [seq, !missing.has(seq)]))
}

/** When the newest backup with a manifest was complete; the manifest comes last. */
export async function newestBackupAtMs(blobs: BlobStore, agentId: string): Promise<number | undefined> {
  for (const { sha256 } of await blobs.named(agentId, MANIFEST_TYPE, NEWEST)) {
    const atMs = await blobs.receivedAtMs(agentId, sha256)
    if (atMs !== undefined) return atMs
  }
  return undefined
}

/** The blobs that a receiver needs of a chain: those that its events name, and the parts of its newest manifest. */
export async function missingOf(
  blobs: BlobStore,
  { agentId, chainId }: { readonly agentId: string; readonly chainId: string },
  limit: number,
): Promise<readonly BlobReference[]> {
  const named = await blobs.missing(chainId, limit)
  if (named.length >= limit) return named
  const [newest] = await blobs.named(agentId, MANIFEST_TYPE, 1)
  if (newest?.chainId !== chainId) return named
  const manifest = await manifestOf(blobs, agentId, newest.sha256)
  if (manifest === undefined) return named
  const absent = new Set(await absentParts(blobs, agentId, manifest))
  const parts = [...new Map(manifest.parts.map((part) => [part.sha256, part])).values()]
  const needed = parts.filter(({ sha256 }) => absent.has(sha256))
  return [...named, ...needed.map((part) => ({ ...part, mediaType: PART_TYPE }))].slice(0, limit)
}

/** `backups` and `blobs`: the number of removed ones. */
export type Pruned = { readonly agentId: string; readonly backups: number; readonly blobs: number }

/**
 * Removes all but the newest `keep` whole backups of an agent; also keeps everything newer. Removes a part only if no
 * remaining backup has it. Blobs that are not part of a backup stay.
 */
export async function pruneBackups(blobs: BlobStore, agentId: string, keep: number): Promise<Pruned> {
  // An agent names its last backup again in each new epoch.
  const named = await backupsOf(blobs, agentId, BACKUPS_MOST)
  const backups = new Map(named.map((backup) => [backup.reference.sha256, backup]))
  let whole = 0
  const stay = new Set<string>()
  const go: string[] = []
  for (const [sha256, { manifest, missing }] of backups) {
    if (whole >= keep) {
      if (!stay.has(sha256) && manifest !== undefined) go.push(sha256)
      continue
    }
    if (missing === 0) whole++
    for (const blob of await blobsOf(blobs, agentId, sha256)) stay.add(blob)
  }
  let removed = 0
  for (const sha256 of go) {
    const gone = (await blobsOf(blobs, agentId, sha256)).filter((blob) => !stay.has(blob))
    removed += await blobs.remove(agentId, [...new Set(gone)])
  }
  return { agentId, backups: go.length, blobs: removed }
}

/** The manifest and its parts. */
async function blobsOf(blobs: BlobStore, agentId: string, manifest: string): Promise<readonly string[]> {
  const { parts = [] } = (await manifestOf(blobs, agentId, manifest)) ?? {}
  return [manifest, ...parts.map(({ sha256 }) => sha256)]
}

async function manifestOf(
  blobs: Pick<BlobStore, 'read'>,
  agentId: string,
  sha256: string,
): Promise<BlobManifest | undefined> {
  const bytes = await blobs.read(agentId, sha256)
  return bytes && parseManifest(bytes)
}

/** Looks up a portion at a time and yields in between: a manifest may list 100,000. */
async function absentParts(
  blobs: Pick<BlobStore, 'absent'>,
  agentId: string,
  { parts }: BlobManifest,
): Promise<readonly string[]> {
  const named = [...new Set(parts.map(({ sha256 }) => sha256))]
  const absent: string[] = []
  for (let at = 0; at < named.length; at += PORTION) {
    await turn()
    absent.push(...(await blobs.absent(agentId, named.slice(at, at + PORTION))))
  }
  return absent
}
