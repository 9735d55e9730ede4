const LINE_FEED = 10
const LINE_LIMIT_BYTES = 9 * 1_048_576

/**
 * Lines with their LF. node:readline would also split at U+2028, which JSON texts may contain. An endless line is
 * returned in pieces, and its reader refuses it.
 */
export async function* textLines(
  source: AsyncIterable<Uint8Array>,
  limitBytes = LINE_LIMIT_BYTES,
): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    let start = 0
    for (let feed = rest.indexOf(LINE_FEED); feed >= 0; feed = rest.indexOf(LINE_FEED, start)) {
      yield rest.subarray(start, feed + 1)
      start = feed + 1
    }
    rest = rest.subarray(start)
    if (rest.length > limitBytes) {
      yield rest
      rest = Buffer.alloc(0)
    }
  }
  if (rest.length > 0) yield rest
}
