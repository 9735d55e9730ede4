import { expect, test } from 'vitest'
import { parseReply } from '../../drivers/rt-epson/xml.ts'
import { parseMessage, textOf } from '../../drivers/tse-epson/codec.ts'
import { computedMs } from '../computed.ts'

/**
 * Ten times what the slowest machine needs to read a megabyte once; to search on from each place would take minutes.
 */
const LIMIT_MS = 1_500
const BYTES = 1 << 20

/** Any program can answer at the address of a network device. */
function filled(piece: string): string {
  return piece.repeat(BYTES / piece.length)
}

function withinLimit(read: () => unknown): void {
  const before = computedMs()
  read()
  expect(computedMs() - before).toBeLessThan(LIMIT_MS)
}

test.each(['<code ', '<code', '<code>', '<data_id \n'])(
  'a megabyte of %j from any program at the address of an Epson TSE does not delay the tills',
  (piece) => {
    withinLimit(() => parseMessage(filled(piece)))
  },
)

test.each(['<response ', '<response>', '<response/', '<response><a>'])(
  'a megabyte of %j from any program at the address of an Epson printer does not delay the tills',
  (piece) => {
    withinLimit(() => parseReply(filled(piece)))
  },
)

test('elements of an Epson TSE are read with and without attributes, and none whose name only begins so', () => {
  const xml = '<codes>1</codes><code\n a="1">OK</code><code>no</code>'
  expect(textOf(xml, 'code')).toBe('OK')
  expect(textOf(xml, 'cod')).toBeUndefined()
  expect(textOf('<code>open', 'code')).toBeUndefined()
  expect(textOf('<code', 'code')).toBeUndefined()
})

test('the answer of an Epson printer is read with and without inner elements', () => {
  const facts = 'success="true" code="" status="2"'
  const empty = { success: true, code: '', status: '2', info: new Map() }
  expect(parseReply(`<s:Body><response ${facts}/></s:Body>`)).toEqual(empty)
  expect(parseReply(`<response ${facts} ></response>`)).toEqual(empty)
  const told = parseReply(`<responses/><response ${facts}><addInfo><z>12</z></addInfo></response><z>13</z>`)
  expect(told?.info.get('z')).toBe('12')
  expect(parseReply(`<response ${facts}><z>12</z>`)).toBeUndefined()
  expect(parseReply('<response')).toBeUndefined()
})
