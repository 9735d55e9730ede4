/** What is thrown may be anything; these say the most of it that can be said. */

export function messageOf(thrown: unknown): string {
  // Where none of the addresses of a name takes a connection, Node has a word for each, and none for all.
  if (thrown instanceof AggregateError && thrown.message === '') return thrown.errors.map(messageOf).join(', ')
  const said = thrown instanceof Error ? thrown.message : String(thrown)
  // Advice to whoever starts Node, who is not the one that reads this.
  return said.replace(/; if the root CA is installed locally.*$/s, '')
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
