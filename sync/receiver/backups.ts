import type { BlobManifest } from '../blob-manifest.ts'
import { MANIFEST_TYPE, parseManifest } from '../blob-manifest.ts'
import type { ChainEvent } from '../chain-hash.ts'
import { blobReferences } from './blob-references.ts'
import type { BlobReference, BlobStore, PlacedReference } from './blob-store.ts'

const PART_TYPE = 'application/octet-stream'
/** Behind so many that never came it is not looked for. */
const NEWEST = 5
/** More of them than any shop keeps. */
const BACKUPS_MOST = 5000

/** A backup that an agent has named. `lacking`: parts that are not here yet; undefined while the manifest itself is not. */
export type KeptBackup = {
  readonly reference: PlacedReference
  readonly manifest: BlobManifest | undefined
  readonly lacking: number | undefined
}

/** The newest first. */
export async function backupsOf(blobs: BlobStore, agentId: string, limit: number): Promise<readonly KeptBackup[]> {
  const backups: KeptBackup[] = []
  for (const reference of await blobs.named(agentId, MANIFEST_TYPE, limit)) {
    const manifest = await manifestOf(blobs, agentId, reference.sha256)
    const lacking = manifest && (await absentParts(blobs, agentId, manifest)).length
    backups.push({ reference, manifest, lacking })
  }
  return backups
}

/** Of the events that name blobs, by their seq: whether all of these are here. */
export async function completeness(
  blobs: BlobStore,
  agentId: string,
  events: readonly ChainEvent[],
): Promise<ReadonlyMap<number, boolean>> {
  const references = blobReferences(events)
  if (references.length === 0) return new Map()
  const absent = new Set(await blobs.absent(agentId, [...new Set(references.map(({ blob }) => blob.sha256))]))
  const lacking = new Set(references.filter(({ blob }) => absent.has(blob.sha256)).map(({ seq }) => seq))
  return new Map(references.map(({ seq }) => [seq, !lacking.has(seq)]))
}

/** When the newest backup that has its manifest was here; the manifest comes last. */
export async function newestBackupAtMs(blobs: BlobStore, agentId: string): Promise<number | undefined> {
  for (const { sha256 } of await blobs.named(agentId, MANIFEST_TYPE, NEWEST)) {
    const atMs = await blobs.receivedAtMs(agentId, sha256)
    if (atMs !== undefined) return atMs
  }
  return undefined
}

/** What a receiver needs of a chain: blobs that its events name, and the parts of its newest manifest. */
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

/** `backups` and `blobs`: how many went. */
export type Pruned = { readonly agentId: string; readonly backups: number; readonly blobs: number }

/**
 * Removes all but the newest `keep` whole backups of an agent, and what is newer than those. A part goes only when no
 * backup that stays has it. Blobs that are no part of a backup stay.
 */
export async function pruneBackups(blobs: BlobStore, agentId: string, keep: number): Promise<Pruned> {
  const backups = await backupsOf(blobs, agentId, BACKUPS_MOST)
  let whole = 0
  const stay = new Set<string>()
  const go: KeptBackup[] = []
  for (const backup of backups) {
    if (whole >= keep) {
      if (!stay.has(backup.reference.sha256)) go.push(backup)
      continue
    }
    if (backup.lacking === 0) whole++
    for (const sha256 of blobsOf(backup)) stay.add(sha256)
  }
  const present = go.filter(({ manifest }) => manifest !== undefined)
  const gone = new Set(present.flatMap(blobsOf).filter((sha256) => !stay.has(sha256)))
  const removed = gone.size === 0 ? 0 : await blobs.remove(agentId, [...gone])
  return { agentId, backups: present.length, blobs: removed }
}

function blobsOf({ reference, manifest }: KeptBackup): readonly string[] {
  return [reference.sha256, ...(manifest?.parts ?? []).map(({ sha256 }) => sha256)]
}

async function manifestOf(blobs: BlobStore, agentId: string, sha256: string): Promise<BlobManifest | undefined> {
  const bytes = await blobs.read(agentId, sha256)
  return bytes && parseManifest(bytes)
}

function absentParts(blobs: BlobStore, agentId: string, { parts }: BlobManifest): Promise<readonly string[]> {
  return blobs.absent(agentId, [...new Set(parts.map(({ sha256 }) => sha256))])
}
