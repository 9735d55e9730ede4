import { isSha256 } from '../sync/protocol/blob-manifest.ts'
import type { ChainEvent } from '../sync/protocol/chain-hash.ts'
import { members, textOf, wholeNumber } from '../sync/protocol/json.ts'
import type { BlobReference } from './blob-store.ts'

const DEPTH = 16
const PER_EVENT = 100

/** The blobs that a body names as { sha256, bytes, media_type }, at any place. */
export function blobReferences(events: readonly ChainEvent[]): { seq: number; blob: BlobReference }[] {
  return events.flatMap(({ seq, body }) => {
    // Most events name none, and a search for the word is cheaper than parsing.
    if (!body.includes('"sha256"')) return []
    const references: BlobReference[] = []
    try {
      collect(JSON.parse(body), DEPTH, references)
    } catch {
      // A body that is not JSON names no blobs; it is stored as it is.
    }
    return references.map((blob) => ({ seq, blob }))
  })
}

function collect(value: unknown, depth: number, references: BlobReference[]): void {
  if (typeof value !== 'object' || value === null || depth === 0 || references.length >= PER_EVENT) return
  const { sha256, bytes, media_type } = members(value) ?? {}
  const size = wholeNumber(bytes)
  const type = textOf(media_type)
  if (isSha256(sha256) && size !== undefined && type !== undefined) {
    references.push({ sha256, bytes: size, mediaType: type.slice(0, 200).replaceAll('\0', '') })
  }
  for (const member of Object.values(value)) collect(member, depth - 1, references)
}
