const STX = String.fromCharCode(2)
const ETX = String.fromCharCode(3)
/** A frame of both printer protocols: neither mark is in between. */
const FRAME = new RegExp(`${STX}[^${STX}${ETX}]*${ETX}`, 'g')

/** The received texts as one, each frame in it as `changed` returns it; undefined leaves it as it is. */
export function framedAnswers(
  heard: readonly string[],
  changed: (frame: string) => string | undefined,
): readonly string[] {
  return heard.length === 0 ? [] : [heard.join('').replaceAll(FRAME, (frame) => changed(frame) ?? frame)]
}
