/** Lines and characters after which a piece ends. */
const LINES = 1000
const CHARACTERS = 2 << 20
/** A new piece begins with another kind of line, or another table. */
const KIND = /^\{"t":"(\w+)"(?:,"table":"(\w+)")?/

/**
 * The lines of a backup in pieces that end at places that the lines themselves determine. A journal only grows, so that
 * all its pieces but the last ones are the same, byte for byte, in each backup: a store that addresses them by content
 * keeps them once.
 */
export async function* pieces(portions: AsyncIterable<string>): AsyncGenerator<string> {
  let piece: string[] = []
  let characters = 0
  let kind: string | undefined
  const take = (): string => {
    const text = piece.join('')
    piece = []
    characters = 0
    return text
  }
  for await (const portion of portions) {
    for (let start = 0; start < portion.length; ) {
      const feed = portion.indexOf('\n', start)
      const end = feed === -1 ? portion.length : feed + 1
      const line = portion.slice(start, end)
      start = end
      const lineKind = KIND.exec(line)?.[0]
      if (piece.length > 0 && (lineKind !== kind || piece.length >= LINES || characters >= CHARACTERS)) yield take()
      kind = lineKind
      piece.push(line)
      characters += line.length
    }
  }
  if (piece.length > 0) yield take()
}
