import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { gdpduDtd } from '../../../../agent/laws/germany/dsfinvk/dtd.ts'
import { DTD_FILE, INDEX_FILE, indexXml } from '../../../../agent/laws/germany/dsfinvk/index-xml.ts'
import { KEY_COLUMNS, TABLES } from '../../../../agent/laws/germany/dsfinvk/tables.ts'
import type { XmlElement } from '../../../../base/xml.ts'
import { childText, XmlError } from '../../../../base/xml.ts'
import { Findings } from '../../../../verify/dsfinvk/findings.ts'
import { checkIndex } from '../../../../verify/dsfinvk/index-check.ts'
import { readIndex } from '../../../../verify/dsfinvk/xml.ts'
import { computedMs } from '../../../computed.ts'
import { inDirectory } from './package.ts'

const run = promisify(execFile)
const SUPPLIER = { name: 'Müller & Söhne <KG>', location: 'Köln', comment: 'x' }
/** A folder with the published index.xml and gdpdu-01-09-2004.dtd, if there is one. */
const OFFICIAL = process.env['DSFINVK_OFFICIAL'] ?? ''

function flat(element: XmlElement, path = ''): string[] {
  const here = `${path}/${element.name}`
  const isFree = /\/(DataSupplier\/(Name|Location|Comment)|Media\/Name)$/.test(here)
  const text = element.children.length === 0 && !isFree ? `=${element.text}` : ''
  return [here + text, ...element.children.flatMap((child) => flat(child, here))]
}

/** Columns of tse.csv beyond those that are published. */
function moreCertificates({ tse }: ReturnType<typeof checkIndex>): number {
  return tse.length - KEY_COLUMNS.length - TABLES.tse.columns.length
}

test('20 tables and 219 columns, each table beginning with the key of its closing', () => {
  const counts = Object.values(TABLES).map(({ columns }) => KEY_COLUMNS.length + columns.length)
  expect(counts).toHaveLength(20)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(219)
})

test('index.xml describes the tables of the standard and escapes the names of the shop', () => {
  const findings = new Findings()
  expect(moreCertificates(checkIndex(indexXml(SUPPLIER, 0), findings))).toBe(0)
  expect(findings.first).toEqual([])
  const root = readIndex(indexXml(SUPPLIER, 0))
  const supplier = root.children.find(({ name }) => name === 'DataSupplier')
  expect(childText(supplier, 'Name')).toBe('Müller & Söhne <KG>')
})

test('a certificate of more than 2,000 characters gets separate columns after the others of tse.csv', () => {
  const findings = new Findings()
  expect(moreCertificates(checkIndex(indexXml(SUPPLIER, 3), findings))).toBe(3)
  expect(findings.first).toEqual([])
  expect(indexXml(SUPPLIER, 3)).toContain('<Name>TSE_ZERTIFIKAT_V</Name>')
})

test('invalid XML is refused in time, whatever is begun in it and not ended', () => {
  const before = computedMs()
  for (const piece of ['<!--', '<!--a>', '<a', '<?', '</a', '&#x', '<!a>'])
    expect(() => readIndex(`<a>${piece.repeat(250_000)}`)).toThrow(XmlError)
  expect(computedMs() - before).toBeLessThan(2_000)
  expect(readIndex('<?x?><!DOCTYPE a><!-- <b> --><a>1<!----></a>')).toMatchObject({ name: 'a', text: '1' })
})

test.each([
  ['entities of its own', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'],
  ['a second DOCTYPE', '<!DOCTYPE a SYSTEM "a.dtd"><!DOCTYPE a SYSTEM "b.dtd"><a/>'],
  ['a DOCTYPE within the root', '<a><!DOCTYPE a SYSTEM "b.dtd"></a>'],
  ['a declaration outside of a DTD', '<!ENTITY x "y"><a/>'],
  ['an entity that XML does not know', '<a>&x;</a>'],
  ['an entity named as what every object has', '<a>&toString;</a>'],
  ['an ampersand that begins none', '<a>Müller & Söhne</a>'],
  ['a character that there is not', '<a>&#x110000;</a>'],
  ['text beside its root', '<a/>]>'],
  ['an attribute', '<a b="c"/>'],
  ['a namespace', '<a xmlns="urn:b"/>'],
  ['a prefix that XML itself has', '<xml:a/>'],
  ['another encoding', '<?xml version="1.0" encoding="iso-8859-1"?><a/>'],
  ['a CDATA section', '<a><![CDATA[b]]></a>'],
  ['an end in the wrong order', '<a><b></a></b>'],
  ['no end', '<a><b></b>'],
  ['a second root', '<a/><b/>'],
  ['no root', '<?x?>'],
  ['a character that XML does not permit', '<a>\u0001</a>'],
  ['a comment in a comment', '<a><!-- a -- b --></a>'],
  ['33 levels', `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`],
  ['100,001 elements', `<a>${'<b/>'.repeat(100_000)}</a>`],
])('a document with %s is refused: another reader would take it for something else', (_, document) => {
  expect(() => readIndex(document)).toThrow(XmlError)
})

test('every element of index.xml is declared in the DTD', () => {
  const declared = new Set([...gdpduDtd().matchAll(/<!ELEMENT (\w+) /g)].map(([, name]) => name))
  const used = new Set(
    flat(readIndex(indexXml(SUPPLIER, 0))).map((path) =>
      path
        .replace(/=[\s\S]*$/, '')
        .split('/')
        .at(-1),
    ),
  )
  expect([...used].filter((name) => !declared.has(name))).toEqual([])
  expect(declared.size).toBe(49)
})

test('another implementation finds index.xml valid by its DTD', async () => {
  await inDirectory(async (directory) => {
    writeFileSync(join(directory, DTD_FILE), gdpduDtd())
    for (const moreCertificates of [0, 3]) {
      const index = join(directory, INDEX_FILE)
      writeFileSync(index, indexXml(SUPPLIER, moreCertificates))
      // libxml2 reads the DTD that the document names, in the same folder.
      const { stderr } = await run('xmllint', ['--nonet', '--noout', '--valid', index])
      // The published DTD has one ambiguous model (Media, commands before and after tables), and so has ours.
      expect(stderr.split('\n').filter((line) => /error/.test(line) && !/Media is not determinist/.test(line))).toEqual(
        [],
      )
    }
  })
})

test('index.xml and DTD are element by element those that the authorities publish', () => {
  const index = `${OFFICIAL}/index.xml`
  if (OFFICIAL === '' || !existsSync(index)) {
    // The published files may not be redistributed: without them the counts above check the table.
    expect(flat(readIndex(indexXml(SUPPLIER, 0))).length).toBeGreaterThan(1000)
    return
  }
  const official = readFileSync(index, 'utf8').replace(/^\uFEFF/, '')
  expect(flat(readIndex(indexXml(SUPPLIER, 0)))).toEqual(flat(readIndex(official)))
  const declarations = (dtd: string) =>
    [...dtd.replace(/<!--[\s\S]*?-->/g, '').matchAll(/<!ELEMENT\s[^>]*>/g)]
      .map(([text]) => text.replace(/\s+/g, ' '))
      .sort()
  expect(declarations(gdpduDtd())).toEqual(declarations(readFileSync(`${OFFICIAL}/gdpdu-01-09-2004.dtd`, 'latin1')))
})
