/** Malformed bytes or text. The message says what was expected and never contains secrets. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError'
  readonly code = 'malformed'
}
