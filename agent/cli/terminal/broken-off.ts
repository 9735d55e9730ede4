/** Somebody stopped a command before its end; the message says what became of it. */
export class BrokenOffError extends Error {
  override readonly name = 'BrokenOffError'
  readonly code = 'interrupted'
  /** As a shell has it for SIGINT. */
  readonly exitCode = 130
}
