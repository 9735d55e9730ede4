/** JSON value: what crosses HTTP and lies in the journal. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json | undefined }

/** Text without quotes, backslashes, control characters and surrogates: JSON.stringify would escape nothing of it. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/

/**
 * RFC 8785 canonical JSON: members sorted by UTF-16 code units, no blanks, ES number format. Members that are
 * undefined are left out. Throws on numbers that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError('not a JSON number')
    return JSON.stringify(value)
  }
  if (value === null || typeof value === 'boolean') return String(value)
  return isArray(value) ? canonicalArray(value) : canonicalObject(value)
}

function canonicalArray(values: readonly Json[]): string {
  let text = '['
  for (const value of values) text += (text === '[' ? '' : ',') + canonicalJson(value)
  return `${text}]`
}

function canonicalObject(value: { readonly [member: string]: Json | undefined }): string {
  let text = '{'
  for (const name of Object.keys(value).sort()) {
    const member = value[name]
    if (member !== undefined) text += `${text === '{' ? '' : ','}${quoted(name)}:${canonicalJson(member)}`
  }
  return `${text}}`
}

/** Most strings need no escape, and looking is cheaper than a call of JSON.stringify: this runs on the path of each sale. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
