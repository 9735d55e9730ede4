/** Bytes or text that are not what they should be. The message says what was expected and never carries secrets. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError'
  readonly code = 'malformed'
}
