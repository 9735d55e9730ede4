/** A blob as an event names it; `sha256` hex. */
export type BlobReference = { readonly sha256: string; readonly bytes: number; readonly mediaType: string }

/** The owner of the bytes: no other agent can learn that they exist. */
export type BlobOwner = { readonly tenantId: string; readonly agentId: string }

/** The place at which an event names a blob; the newest first in every list. */
export type PlacedReference = BlobReference & {
  readonly chainId: string
  readonly epoch: number
  readonly seq: number
}

/** Bytes by their SHA-256 (hex), separate for each agent. Durable when it resolves. */
export type BlobStore = {
  put(owner: BlobOwner, sha256: string, bytes: Uint8Array): Promise<'created' | 'equal'>
  /** Number of bytes; undefined if the blob does not exist. */
  size(agentId: string, sha256: string): Promise<number | undefined>
  /** When it arrived, on the receiver's own clock, milliseconds since 1970; undefined if it does not exist. */
  receivedAtMs(agentId: string, sha256: string): Promise<number | undefined>
  read(agentId: string, sha256: string): Promise<Uint8Array | undefined>
  /** The given blobs that do not exist. */
  absent(agentId: string, sha256s: readonly string[]): Promise<readonly string[]>
  /** The blobs of an agent after a hash, in the order of their hashes. */
  listed(agentId: string, after: string, limit: number): Promise<readonly string[]>
  /** Bytes of all blobs of an agent. */
  used(agentId: string): Promise<number>
  /** Returns the number of removed blobs. */
  remove(agentId: string, sha256s: readonly string[]): Promise<number>
  /**
   * Blobs that the events of a chain name and its agent has not sent; of manifests only the newest, which replaces
   * those before it.
   */
  missing(chainId: string, limit: number): Promise<readonly BlobReference[]>
  /** The references of an agent's events with that media type. */
  named(agentId: string, mediaType: string, limit: number): Promise<readonly PlacedReference[]>
  /** Agents with blobs, in the order of their ids. */
  agents(): Promise<readonly string[]>
}
