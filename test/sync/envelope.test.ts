import { expect, test } from 'vitest'
import { rfc3339 } from '../../base/clock.ts'
import { ed25519Key, eventHash, uuidBytes, ZERO_HASH } from '../../sync/protocol/chain-hash.ts'
import { batchLine, decodeBatch, EnvelopeError, endLine, eventLine, verifyBatch } from '../../sync/protocol/envelope.ts'
import { parseHttpDate, parseInstant } from '../../sync/protocol/instants.ts'
import { fc } from '../properties.ts'
import { MemoryJournal } from './memory-journal.ts'
import { seeded } from './rig.ts'
import { batchText } from './wire.ts'

function codeOf(act: () => void): string {
  try {
    act()
  } catch (error) {
    if (error instanceof EnvelopeError) return error.code
    throw error
  }
  return 'accepted'
}

function judge(journal: MemoryJournal, text: Uint8Array): string {
  return codeOf(() => {
    const batch = decodeBatch(text)
    // Like a receiver that knows the chain and holds the earlier events.
    if (batch.chain !== journal.chain.chainId || batch.epoch !== 1 || batch.first !== 1)
      throw new EnvelopeError('malformed', '')
    if (!ZERO_HASH.equals(batch.prev)) throw new EnvelopeError('malformed', '')
    verifyBatch(batch, ed25519Key(Buffer.from(journal.chain.publicKey, 'base64url')))
  })
}

test('text that the agent hashed and signed verifies with independent code', () => {
  const journal = new MemoryJournal({ bodyOf: (seq) => JSON.stringify({ seq, text: 'ß€😀\u0000"\\' }) })
  journal.append(50)
  expect(judge(journal, batchText(journal, 1, 50))).toBe('accepted')
})

test('a change of any single byte is refused, or changes nothing that is proved', () => {
  const journal = new MemoryJournal()
  journal.append(3)
  const text = batchText(journal, 1, 3)
  const random = seeded(7)
  const original = JSON.stringify(decodeBatch(text))
  for (let place = 0; place < text.length; place++) {
    const changed = Buffer.from(text)
    changed[place] = (changed[place] ?? 0) ^ (1 << Math.floor(random() * 7))
    const code = judge(journal, changed)
    if (code !== 'accepted') continue
    // Only the name of the key is outside the proof, and the spelling of what JSON allows to be spelled in two ways.
    const kept = JSON.stringify({ ...decodeBatch(changed), checkpoint: decodeBatch(text).checkpoint })
    expect(kept, `byte ${place}`).toBe(original)
  }
})

test('a body that ends early is truncated at every line', () => {
  const journal = new MemoryJournal()
  journal.append(5)
  const text = batchText(journal, 1, 5).toString()
  for (let end = text.indexOf('\n') + 1; end < text.length; end = text.indexOf('\n', end) + 1) {
    expect(codeOf(() => decodeBatch(Buffer.from(text.slice(0, end))))).toBe('truncated')
    if (text.indexOf('\n', end) === text.length - 1) break
  }
  expect(codeOf(() => decodeBatch(Buffer.from(text.slice(0, -1))))).toBe('truncated')
})

test('text that a database cannot hold or a line cannot be is malformed, in any spelling', () => {
  const chain = '0190aaaa-0000-7000-8000-000000000001'
  const bad = (over: object, raw = (line: string): string => line): string => {
    const event = { seq: 1, kind: 'k', op: '', at: 'a', boot: 'b', mono: '1', body: '{}', ...over }
    const hash = eventHash(uuidBytes(chain), ZERO_HASH, event)
    const head = batchLine({ chain, epoch: 1, first: 1, last: 1, prev: ZERO_HASH })
    return codeOf(() =>
      decodeBatch(Buffer.from(head + raw(eventLine({ ...event, hash })) + endLine(1, hash, undefined))),
    )
  }
  expect(bad({})).toBe('accepted')
  expect(bad({ kind: 'nul \0' })).toBe('malformed')
  expect(bad({ op: 'lone \ud800' })).toBe('malformed')
  expect(bad({ body: '"\udfff"' })).toBe('malformed')
  expect(bad({ kind: 'k'.repeat(1001) })).toBe('malformed')
  expect(bad({ body: 'b'.repeat((1 << 20) + 1) })).toBe('too_large')
  expect(bad({}, () => '\n')).toBe('malformed')
  expect(bad({}, () => `${'['.repeat(100_000)}\n`)).toBe('malformed')
  expect(bad({}, (line) => line.replace('"body":"{}"', '"body":1e400'))).toBe('malformed')
  expect(bad({}, (line) => line.replace('{"t"', '{"__proto__":{"body":"x"},"t"').replace('"body":"{}",', ''))).toBe(
    'malformed',
  )
  expect(codeOf(() => decodeBatch(Buffer.from([0xff, 0x0a])))).toBe('malformed')
  expect(codeOf(() => decodeBatch(Buffer.from('\n'.repeat(1_000_000))))).toBe('too_large')
})

test('instants are read and written as the calendar has them', () => {
  const instants = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
  fc.assert(
    fc.property(instants, (ms) => {
      expect(rfc3339(ms)).toBe(new Date(ms).toISOString())
      expect(parseInstant(rfc3339(ms))).toBe(ms)
      expect(parseHttpDate(new Date(ms).toUTCString())).toBe(Math.floor(ms / 1000) * 1000)
    }),
  )
  expect(parseInstant('yesterday')).toBeUndefined()
  expect(parseHttpDate('Sun, 06 Foo 1994 08:49:37 GMT')).toBeUndefined()
})
