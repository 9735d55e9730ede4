/** Sixteen random bytes or more, from the system or, in the simulation, from a seed. */
export type RandomBytes = (length: number) => Uint8Array

export type IdPrefix = 'merchant' | 'loc' | 'reg' | 'op' | 'ses' | 'cdo' | 'exp' | 'li' | 'tax' | 'disc' | 'pay'

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
