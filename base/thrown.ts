/** Any value can be thrown; these functions return as much about it as there is. */

export function messageOf(thrown: unknown): string {
  // If no address of a name takes a connection, Node reports an error for each and none for all.
  if (thrown instanceof AggregateError && thrown.message === '') return thrown.errors.map(messageOf).join(', ')
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  // Advice for the person who starts Node, not for the reader of this message.
  return message.replace(/; if the root CA is installed locally.*$/s, '')
}

/** `ENOENT`, `SQLITE_FULL`, `storage_unavailable`. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** An error with a stable code. */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string) {
    super(message)
    this.code = code
  }
}
