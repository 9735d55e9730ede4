/** A blob as an event names it; `sha256` hex. */
export type BlobReference = { readonly sha256: string; readonly bytes: number; readonly mediaType: string }

/** Whose bytes they are: nobody else learns that they are there. */
export type BlobOwner = { readonly tenantId: string; readonly agentId: string }

/** Where an event names a blob; the newest first in every list. */
export type PlacedReference = BlobReference & {
  readonly chainId: string
  readonly epoch: number
  readonly seq: number
}

/** Bytes by their SHA-256 (hex), each agent's by itself. Durable when it resolves. */
export type BlobStore = {
  put(owner: BlobOwner, sha256: string, bytes: Uint8Array): Promise<'created' | 'equal'>
  /** Number of bytes; undefined where there are none. */
  size(agentId: string, sha256: string): Promise<number | undefined>
  /** When it came, on the receiver's own clock, milliseconds since 1970; undefined where it is not there. */
  receivedAtMs(agentId: string, sha256: string): Promise<number | undefined>
  read(agentId: string, sha256: string): Promise<Uint8Array | undefined>
  /** Those of them that are not there. */
  absent(agentId: string, sha256s: readonly string[]): Promise<readonly string[]>
  /** Those of an agent after one, in the order of their hashes. */
  listed(agentId: string, after: string, limit: number): Promise<readonly string[]>
  /** Bytes of all blobs of an agent. */
  used(agentId: string): Promise<number>
  /** Returns how many there were. */
  remove(agentId: string, sha256s: readonly string[]): Promise<number>
  /** What events of a chain name and its agent has not brought; of manifests the newest alone, which replaces those before it. */
  missing(chainId: string, limit: number): Promise<readonly BlobReference[]>
  /** What an agent's events name with a media type. */
  named(agentId: string, mediaType: string, limit: number): Promise<readonly PlacedReference[]>
  /** Agents with blobs, in the order of their ids. */
  agents(): Promise<readonly string[]>
}
