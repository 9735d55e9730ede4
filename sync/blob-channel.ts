/** The answer to a question about blobs, or to a blob that was sent. */
export type BlobAnswer =
  | { readonly kind: 'missing'; readonly sha256s: readonly string[] }
  | { readonly kind: 'there' | 'absent' }
  /** The target takes no blobs. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'trouble'; readonly code: string; readonly message: string; readonly retryAfterMs?: number }

/** The channel for large files to a target, separate from the events. Does not throw for network faults. */
export type BlobChannel = {
  /** Blobs that the receiver still needs of a chain; perhaps not all at once. */
  missing(chainId: string, signal: AbortSignal): Promise<BlobAnswer>
  has(sha256: string, signal: AbortSignal): Promise<BlobAnswer>
  put(sha256: string, bytes: Uint8Array, signal: AbortSignal): Promise<BlobAnswer>
}
