/** Sixteen random bytes or more, from the system or, in the simulation, from a seed. */
export type RandomBytes = (length: number) => Uint8Array

export type IdPrefix =
  | 'alr'
  | 'fo'
  | 'merchant'
  | 'cls'
  | 'dbt'
  | 'loc'
  | 'reg'
  | 'trm'
  | 'op'
  | 'ses'
  | 'cdo'
  | 'exp'
  | 'li'
  | 'tax'
  | 'disc'
  | 'pay'
  | 'fisconline'
  | 'emg'

export function isIdOf(prefix: IdPrefix, id: string): boolean {
  return id.startsWith(`${prefix}_`)
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const RANDOM_STORE_BYTES = 8192
/** Keys are longer, and come from the system itself. */
const STORED_BYTES_MAX = 16

/** Prefix + ULID: `op_01JD…`, sortable by creation time. */
export type NewId = (prefix: IdPrefix) => string

export function idMaker(now: () => number, random: RandomBytes): NewId {
  const ulid = Buffer.alloc(26)
  let written = Number.NaN
  return (prefix) => {
    let time = now()
    // A sale has seven ids, most of them within the same millisecond.
    if (time !== written) {
      written = time
      for (let at = 9; at >= 0; at--) {
        ulid[at] = CROCKFORD.charCodeAt(time % 32)
        time = Math.floor(time / 32)
      }
    }
    const bytes = random(16)
    for (let at = 0; at < 16; at++) ulid[10 + at] = CROCKFORD.charCodeAt((bytes[at] ?? 0) % 32)
    return `${prefix}_${ulid.toString('latin1')}`
  }
}

/**
 * Random bytes for ids, from a buffer that is filled some thousands at a time: a request to the system takes longer
 * than their use.
 */
export function randomStore(fill: (length: number) => Uint8Array): RandomBytes {
  let store: Uint8Array = new Uint8Array()
  let used = 0
  return (length) => {
    if (length > STORED_BYTES_MAX) return fill(length)
    if (used + length > store.length) {
      store = fill(RANDOM_STORE_BYTES)
      used = 0
    }
    used += length
    return store.subarray(used - length, used)
  }
}

/** RFC 9562: version 4 is random, version 7 begins with the time (milliseconds since 1970). */
export function uuid(random: RandomBytes, version: 4 | 7, nowMs = 0): string {
  const bytes = Buffer.from(random(16))
  if (version === 7) bytes.writeUIntBE(nowMs, 0, 6)
  return uuidOf(bytes, version)
}

/** The text form of 16 bytes, with version and variant set. */
export function uuidOf(bytes: Uint8Array, version: number): string {
  const own = Buffer.from(bytes)
  own[6] = ((own[6] ?? 0) & 0x0f) | (version << 4)
  own[8] = ((own[8] ?? 0) & 0x3f) | 0x80
  return own.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
