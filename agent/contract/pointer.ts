const POINTER_MAX = 300

/**
 * The JSON Pointer (RFC 6901, 3) of a path, for an answer: truncated, without unpaired surrogates from the cut or from
 * names. They are not valid text, and strict JSON parsers would refuse the whole answer.
 */
export function shownPointer(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
  return steps
    .join('')
    .slice(0, POINTER_MAX)
    .replaceAll(/\p{Cs}/gu, '\ufffd')
}
