/** Parses the body of an event once for all of its readers, when the first one calls. Throws SyntaxError for each of them. */
export function bodyReader(text: string): () => unknown {
  let parsed: { readonly json: unknown } | undefined
  return () => {
    parsed ??= { json: JSON.parse(text) as unknown }
    return parsed.json
  }
}
