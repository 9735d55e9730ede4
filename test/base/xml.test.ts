import { expect, test } from 'vitest'
import { childOf, childText, escapeXml, firstNamed, readXml, XmlError } from '../../base/xml.ts'
import { computedMs } from '../computed.ts'

const limits = { characters: 1 << 20, elements: 1000, depth: 32 }

test('a fault of the syntax is a reason without a full stop, as the other faults are', () => {
  for (const document of ['<a>', '<a', '<a></b>', '&', '<a b=c/>'])
    expect(() => readXml(document, limits)).toThrow(/[^.]$/)
})

test('elements are read by local name and namespace, whatever their prefix', () => {
  const root = readXml(
    '<?xml version="1.0" encoding="UTF-8"?><n:a xmlns:n="urn:n" xmlns="urn:d" n:x="1" y="2"><b>t<c xmlns=""/>u</b></n:a>',
    limits,
  )
  expect(root).toMatchObject({ name: 'a', namespace: 'urn:n', text: '' })
  expect(root.attributes.get('n:x')).toBe('1')
  expect(root.attributes.get('y')).toBe('2')
  expect(childOf(root, 'b')).toMatchObject({ namespace: 'urn:d', text: 'tu' })
  expect(firstNamed(root, 'c')).toMatchObject({ namespace: '' })
  expect(childText(root, 'c')).toBeUndefined()
})

test('the five entities, numeric references and CDATA are text; a line ends with LF', () => {
  const root = readXml('<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;<![CDATA[<b>&amp;]]>\r\n</a>', limits)
  expect(root.text).toBe(`<>&"'A\u{1F600}<b>&amp;\n`)
})

test('text that was escaped is read as it was', () => {
  const text = `a<b & "c" 'd' > ]]> &amp;`
  const root = readXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`, limits)
  expect([root.text, root.attributes.get('b')]).toEqual([text, text])
})

test.each([
  ['a DOCTYPE', '<!DOCTYPE a><a/>'],
  ['a DOCTYPE that names a file', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
  ['entities of its own', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
  ['an entity that XML does not know', '<a>&nbsp;</a>'],
  ['a prefix without a declaration', '<s:a/>'],
  ['an attribute with a prefix without a declaration', '<a s:b="1"/>'],
  ['an attribute twice', '<a b="1" b="2"/>'],
  ['an attribute twice by its namespace', '<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="2"/>'],
  ['two roots', '<a/><a/>'],
  ['no root', '<?xml version="1.0"?>'],
  ['nothing', ''],
  ['text before the root', 'a<a/>'],
  ['text after the root', '<a/>a'],
  ['a blank before its declaration', ' <?xml version="1.0"?><a/>'],
  ['an end missing', '<a><b></b>'],
  ['an end in the wrong order', '<a><b></a></b>'],
  ['a control character', '<a>\u0001</a>'],
  ['a control character of XML 1.1', '<?xml version="1.1"?><a>&#1;</a>'],
  ['a reference to a control character', '<a>&#0;</a>'],
  ['a reference beyond Unicode', '<a>&#x110000;</a>'],
  ['half of a surrogate pair', '<a>\ud800</a>'],
  ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>'],
  ['an encoding that UTF-8 contains', '<?xml version="1.0" encoding="us-ascii"?><a/>'],
])('a document with %s is refused', (_, document) => {
  expect(() => readXml(document, limits)).toThrow(XmlError)
})

test('bytes are UTF-8, with or without its mark, and nothing else', () => {
  expect(readXml(Buffer.from('<a>ä€</a>'), limits).text).toBe('ä€')
  expect(readXml(Buffer.from('\ufeff<a>ä</a>'), limits).text).toBe('ä')
  expect(() => readXml(Buffer.from('<a>ä</a>', 'latin1'), limits)).toThrow(XmlError)
  expect(() => readXml(Buffer.from('<a/>', 'utf16le'), limits)).toThrow(XmlError)
  expect(() => readXml(Buffer.from('<a>€</a>').subarray(0, 5), limits)).toThrow(XmlError)
})

test('a document as large as its limits permit is read, and one that is larger is refused', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
  expect(readXml(nested(32), limits).name).toBe('a')
  expect(() => readXml(nested(33), limits)).toThrow(/too many elements/)
  const flat = (count: number) => `<r>${'<a/>'.repeat(count - 1)}</r>`
  expect(readXml(flat(1000), limits).children).toHaveLength(999)
  expect(() => readXml(flat(1001), limits)).toThrow(/too many elements/)
  const long = (length: number) => `<a>${'x'.repeat(length - 7)}</a>`
  expect(readXml(long(limits.characters), limits).text).toHaveLength(limits.characters - 7)
  expect(() => readXml(long(limits.characters + 1), limits)).toThrow(/characters/)
})

test.each(['<a', '<a>', '<!--', '<?', '</a', '&#x', '<a b="', '<![CDATA['])(
  'a megabyte of %j is refused in time',
  (piece) => {
    const before = computedMs()
    const document = `<a>${piece.repeat(limits.characters / piece.length - 1)}`
    expect(() => readXml(document, limits)).toThrow(XmlError)
    expect(computedMs() - before).toBeLessThan(1_500)
  },
)
