import type { X509Certificate } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import type { Tlv } from '../../drivers/tr03151/der.ts'
import { readAll, readTlv, text, tlv } from '../../drivers/tr03151/der.ts'

// Tags of a GeneralName (RFC 5280 §4.2.1.6).
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87
/** 2.5.29.30 */
export const NAME_CONSTRAINTS = '551d1e'

/** dNSName or iPAddress. */
export function generalName(name: string): Uint8Array {
  const address = addressBytes(name)
  return address === undefined ? text(DNS_NAME, name) : tlv(IP_ADDRESS, address)
}

/**
 * The value of the extension: these names and those below them, these addresses alone (/32, /128). RFC 5280 §4.2.1.10
 * does not restrict a form of name without a subtree: there must be a name and an address.
 */
export function nameConstraints(names: readonly string[]): Uint8Array {
  const forms = names.map((name) => addressBytes(name) !== undefined)
  if (!forms.includes(true) || !forms.includes(false)) throw new Error('constraints need a name and an address')
  return tlv(0x30, tlv(0xa0, ...names.map(subtree)))
}

/** Whether a certificate of that authority may have the name. An authority without constraints permits every name. */
export function isPermitted(authority: X509Certificate, name: string): boolean {
  const address = addressBytes(name)
  const form = address === undefined ? DNS_NAME : IP_ADDRESS
  const bases = permittedBases(authority).filter(({ tag }) => tag === form)
  if (bases.length === 0) return true
  return bases.some(({ content }) => (address === undefined ? isBelow(name, content) : isWithin(address, content)))
}

/** Whether the authority permits only the names that its certificate lists. */
export function hasConstraints(authority: X509Certificate): boolean {
  return permittedBases(authority).length > 0
}

function subtree(name: string): Uint8Array {
  const address = addressBytes(name)
  if (address === undefined) return tlv(0x30, text(DNS_NAME, name))
  return tlv(0x30, tlv(IP_ADDRESS, address, Buffer.alloc(address.length, 0xff)))
}

/** The GeneralName of each permitted subtree. */
function permittedBases(authority: X509Certificate): Tlv[] {
  const [toBeSigned] = readAll(readTlv(authority.raw).content)
  const wrapped = readAll(toBeSigned?.content ?? new Uint8Array()).find(({ tag }) => tag === 0xa3)
  const extensions = wrapped === undefined ? [] : readAll(readTlv(wrapped.content).content)
  for (const { content } of extensions) {
    const [identifier, ...rest] = readAll(content)
    const value = rest.at(-1)
    if (value === undefined || Buffer.from(identifier?.content ?? []).toString('hex') !== NAME_CONSTRAINTS) continue
    const [permitted] = readAll(readTlv(value.content).content)
    return readAll(permitted?.content ?? new Uint8Array()).map((tree) => readTlv(tree.content))
  }
  return []
}

function isBelow(name: string, base: Uint8Array): boolean {
  const [below, above] = [name.toLowerCase(), Buffer.from(base).toString('latin1').toLowerCase()]
  return below === above || below.endsWith(`.${above}`)
}

function isWithin(address: Uint8Array, base: Uint8Array): boolean {
  const { length } = address
  return (
    base.length === 2 * length &&
    address.every((byte, at) => ((byte ^ (base[at] ?? 0)) & (base[length + at] ?? 0)) === 0)
  )
}

/** Undefined for a name. */
function addressBytes(name: string): Uint8Array | undefined {
  if (isIPv4(name)) return Uint8Array.from(name.split('.').map(Number))
  return isIPv6(name) ? ipv6Bytes(name) : undefined
}

function ipv6Bytes(name: string): Uint8Array {
  const [head = '', tail = ''] = new URL(`http://[${name}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const gap = 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: gap }, () => '0'), ...groups(tail)]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
