import { expect, test } from 'vitest'
import { parseReply } from '../../drivers/rt-epson/xml.ts'
import { parseMessage, readMessage, textOf } from '../../drivers/tse-epson/codec.ts'
import { computedMs } from '../computed.ts'

/**
 * Ten times what the slowest machine needs to read a megabyte once; to search on from each place would take minutes.
 */
const COMPUTED_MOST_MS = 1_500
const BYTES = 1 << 20

/** Any program can answer at the address of a network device. */
function filled(piece: string): string {
  return piece.repeat(BYTES / piece.length)
}

function withinLimit(read: () => unknown): void {
  const before = computedMs()
  read()
  expect(computedMs() - before).toBeLessThan(COMPUTED_MOST_MS)
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
  const told = (xml: string, name: string) => {
    const root = readMessage(xml)
    return root === undefined ? undefined : textOf(root, name)
  }
  const xml = '\n<m><codes>1</codes><code\n a="1">OK</code><code>no</code></m>'
  expect(told(xml, 'code')).toBe('OK')
  expect(told(xml, 'cod')).toBeUndefined()
  expect(told('<code>open', 'code')).toBeUndefined()
  expect(told('<code', 'code')).toBeUndefined()
})

test.each(['', 'OK', '<device_data>', '<device_data/><device_data/>', '<!DOCTYPE a><a/>', '<a>&x;</a>', '<p:a/>'])(
  'a message of an Epson TSE that is not well-formed, %j, is garbled',
  (xml) => {
    expect(parseMessage(xml)).toEqual({ kind: 'garbled' })
  },
)

test('the answer of an Epson printer is read with and without inner elements', () => {
  const facts = 'success="true" code="" status="2"'
  const empty = { success: true, code: '', status: '2', info: new Map() }
  const envelope = (body: string) => `<s:Envelope xmlns:s="http://s"><s:Body>${body}</s:Body></s:Envelope>`
  expect(parseReply(envelope(`<response ${facts}/>`))).toEqual(empty)
  expect(parseReply(`<response ${facts} ></response>`)).toEqual(empty)
  const told = parseReply(envelope(`<responses/><response ${facts}><addInfo><z>12</z></addInfo></response><z>13</z>`))
  expect(told?.info.get('z')).toBe('12')
  expect(parseReply(`<response ${facts}><z>12</z>`)).toBeUndefined()
  expect(parseReply('<response')).toBeUndefined()
})

test('text, CDATA and references in the answer of an Epson printer are read as XML says', () => {
  const told = parseReply(
    '<?xml version="1.0" encoding="UTF-8"?><!-- a --><r:response xmlns:r="urn:r" success=\'1\' code="&lt;A&#38;B&gt;" status="2"><a><![CDATA[<1>]]> &#x32;</a></r:response>',
  )
  expect(told).toEqual({ success: true, code: '<A&B>', status: '2', info: new Map([['a', '<1> 2']]) })
})

test.each([
  ['a prefix without its declaration', '<s:Body><response success="true"/></s:Body>'],
  ['two roots', '<responses/><response success="true"/>'],
  ['a DOCTYPE', '<!DOCTYPE response><response success="true"/>'],
  ['an attribute twice', '<response success="true" success="false"/>'],
  ['an attribute without quotes', '<response success=true/>'],
  ['an entity that XML does not know', '<response success="true"><z>&z;</z></response>'],
  ['a character that XML does not permit', '<response success="true"><z>\u0000</z></response>'],
  ['another encoding', '<?xml version="1.0" encoding="iso-8859-15"?><response success="true"/>'],
  ['text after it', '<response success="true"/>HTTP'],
])('the answer of an Epson printer with %s is not read', (_, xml) => {
  expect(parseReply(xml)).toBeUndefined()
})
