/** Sixteen random bytes or more, from the system or, in the simulation, from a seed. */
export type RandomBytes = (length: number) => Uint8Array

export type IdPrefix = 'merchant' | 'cls' | 'loc' | 'reg' | 'op' | 'ses' | 'cdo' | 'exp' | 'li' | 'tax' | 'disc' | 'pay'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Prefix + ULID: `op_01JD…`, sortable by the time of making. */
export type NewId = (prefix: IdPrefix) => string

export function idMaker(now: () => number, random: RandomBytes): NewId {
  return (prefix) => {
    let time = now()
    let head = ''
    for (let digit = 0; digit < 10; digit++) {
      head = CROCKFORD.charAt(time % 32) + head
      time = Math.floor(time / 32)
    }
    let tail = ''
    for (const byte of random(16)) tail += CROCKFORD.charAt(byte % 32)
    return `${prefix}_${head}${tail}`
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
