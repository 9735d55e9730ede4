/** The bytes of a family as its recordings have them. Texts have one character per byte. */
export type Dialect = {
  /** True for bytes that only read. All else is held back at a look. */
  readonly reads: (sent: string) => boolean
  /**
   * The answers recorded after `recorded`, as the device would give them to `asked`: ids and sequence numbers follow the
   * question. Undefined if they are two different questions.
   */
  readonly answers: (recorded: string, heard: readonly string[], asked: string) => readonly string[] | undefined
  /** The text with PINs, PUKs, seeds, challenges, session ids and credentials as zeros of the same length. */
  readonly redacted: (text: string) => string
}
