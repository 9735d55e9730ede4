/** A person stopped a command before it finished; the message says what its effect is. */
export class BrokenOffError extends Error {
  override readonly name = 'BrokenOffError'
  readonly code = 'interrupted'
  /** The exit code of a shell for SIGINT. */
  readonly exitCode = 130
}
