/** What became of a question about blobs, or of one that was sent. */
export type BlobAnswer =
  | { readonly kind: 'missing'; readonly sha256s: readonly string[] }
  | { readonly kind: 'there' | 'absent' }
  /** The target takes no blobs. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'trouble'; readonly code: string; readonly message: string; readonly retryAfterMs?: number }

/** The way of large things to a target, beside that of the events. Throws nothing that a network can cause. */
export type BlobLane = {
  /** What the receiver still needs of a chain; perhaps not all at once. */
  missing(chainId: string, signal: AbortSignal): Promise<BlobAnswer>
  has(sha256: string, signal: AbortSignal): Promise<BlobAnswer>
  put(sha256: string, bytes: Uint8Array, signal: AbortSignal): Promise<BlobAnswer>
}
