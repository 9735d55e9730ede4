const POINTER_MAX = 300

/** A name as one step of a JSON Pointer (RFC 6901, 3), without the slash before it. */
export function pointerStep(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name
}

/**
 * A pointer as an answer shows it: cut, and without the halves of pairs that the cut or the names leave. Half of a pair
 * is no text: strict readers of JSON refuse all of the answer.
 */
export function shownPointer(pointer: string): string {
  return pointer.slice(0, POINTER_MAX).replaceAll(/\p{Cs}/gu, '\ufffd')
}
