const POINTER_MAX = 300

/** A name as one step of a JSON Pointer (RFC 6901, 3), without the slash before it. */
export function pointerStep(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name
}

/**
 * A pointer for an answer: truncated, without unpaired surrogates from the cut or from names. They are not valid text,
 * and strict JSON parsers would refuse the whole answer.
 */
export function shownPointer(pointer: string): string {
  return pointer.slice(0, POINTER_MAX).replaceAll(/\p{Cs}/gu, '\ufffd')
}
