import { createHash, createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ChainedMembers } from '../../agent/journal/chain.ts'
import { chainHash, uuidBytes, ZERO_HASH } from '../../agent/journal/chain.ts'
import { canonicalJson } from '../../base/canonical.ts'
import { fc } from '../properties.ts'
import { heavy } from '../tags.ts'
import { signer } from './temporary-journal.ts'

const CHAIN = '01927c1e-7a3b-7c44-8d55-0123456789ab'

/** The rule again, in text: everything as hex, then hashed. */
function expectedHash(seq: number, previous: string, event: ChainedMembers): string {
  const u = (value: number, bytes: number) => value.toString(16).padStart(2 * bytes, '0')
  let hex = Buffer.from('ea/1').toString('hex') + CHAIN.split('-').join('') + u(seq, 8) + previous
  for (const text of [event.kind, event.op, event.at, event.boot, event.mono, event.body]) {
    const member = Buffer.from(text, 'utf8').toString('hex')
    hex += u(member.length / 2, 4) + member
  }
  return createHash('sha256').update(hex, 'hex').digest('hex')
}

test('an event is chained by the hash of its stored bytes', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 })
  const event = fc.record({ kind: text, op: text, at: text, boot: text, mono: text, body: text })
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), event, (seq, previous, members) => {
      const hash = chainHash(uuidBytes(CHAIN), seq, previous, members)
      expect(hash.toString('hex')).toBe(expectedHash(seq, Buffer.from(previous).toString('hex'), members))
    }),
  )
})

test('the first event follows 32 zero bytes: a fixed vector', () => {
  const members = { kind: 'journal.opened', op: '', at: '2026-01-01T00:00:00.000Z', boot: 'b', mono: '0', body: '{}' }
  expect(chainHash(uuidBytes(CHAIN), 1, ZERO_HASH, members).toString('hex')).toBe(
    'f354d900307080fc0bf87a74d455a837237cc7a98e79c3bdebf03c60ccbbec2a',
  )
})

test('a checkpoint is a plain Ed25519 signature of mark, chain, epoch, seq and head', () => {
  const head = Buffer.alloc(32, 7)
  const { kid, sig } = signer.sign(uuidBytes(CHAIN), 3, 1500, head)
  const message = `65612d63702f31${CHAIN.replaceAll('-', '')}${'3'.padStart(16, '0')}${'5dc'.padStart(16, '0')}${head.toString('hex')}`
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: signer.publicKey }, format: 'jwk' })
  expect(verify(null, Buffer.from(message, 'hex'), key, sig)).toBe(true)
  const digest = createHash('sha256').update(Buffer.from(signer.publicKey, 'base64url')).digest('hex')
  expect(kid).toBe(digest.slice(0, 16))
})

test('canonical JSON equals JSON.stringify of sorted members, for any text', heavy(), () => {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, member]) => [name, sorted(member)]),
    )
  }
  const name = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => `m${text}`)
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      expect(canonicalJson(value as never)).toBe(JSON.stringify(sorted(value)))
    }),
  )
  expect(canonicalJson('\ud800 "\\\n\u2028')).toBe('"\\ud800 \\"\\\\\\n\u2028"')
  expect(() => canonicalJson(Number.NaN)).toThrow(RangeError)
})
