import { gdpduDtd } from '../dtd.ts'
import { DTD_FILE, INDEX_FILE } from '../index-xml.ts'
import type { Column, Table } from '../tables.ts'
import { CERTIFICATE_COLUMNS_MAX, certificateColumns, KEY_COLUMNS, TABLES } from '../tables.ts'
import type { Findings } from './findings.ts'
import type { XmlElement } from './xml.ts'
import { childText, readXml, XmlError } from './xml.ts'

const RULE = 'index.xml'
const HEAD = 'URL Name Description UTF8 DecimalSymbol DigitGroupingSymbol Range VariableLength'

/** Checks index.xml against the official structure. Returns how many certificate columns it adds to tse.csv. */
export function checkIndex(text: string, findings: Findings): number {
  const wrong = (what: string): void => findings.add({ file: INDEX_FILE, what, rule: RULE })
  let root: XmlElement
  try {
    root = readXml(text)
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    wrong(error.message)
    return 0
  }
  if (!text.includes(`<!DOCTYPE DataSet SYSTEM "${DTD_FILE}">`)) wrong('the DOCTYPE names another DTD')
  if (root.name !== 'DataSet' || childText(root, 'Version') !== '1.0') wrong('the root is no DataSet of version 1.0')
  const media = root.children.filter(({ name }) => name === 'Media')
  if (media.length !== 1) wrong(`there are ${media.length} Media`)
  const found = media.flatMap((one) => one.children.filter(({ name }) => name === 'Table'))
  const expected = Object.values(TABLES)
  if (found.map((table) => childText(table, 'URL')).join() !== expected.map(({ url }) => url).join())
    wrong('the tables are not the 20 of the package, in their order')
  let more = 0
  for (const table of expected) {
    const element = found.find((one) => childText(one, 'URL') === table.url)
    if (element === undefined) continue
    const extra = checkTable(element, table, wrong)
    if (table === TABLES.tse) more = extra
    else if (extra > 0) wrong(`${table.url} has more columns than the official file`)
  }
  return more
}

/** What a GDPdU reader would not find: elements that are not declared, or declared otherwise. */
export function checkDtd(text: string, findings: Findings): void {
  const declared = (dtd: string): string =>
    [...dtd.replace(/<!--[\s\S]*?-->/g, '').matchAll(/<!(?:ELEMENT|ATTLIST|ENTITY)\s[^>]*>/g)]
      .map(([declaration]) => declaration.replace(/\s+/g, ' '))
      .sort()
      .join('\n')
  if (declared(text) !== declared(gdpduDtd()))
    findings.add({ file: DTD_FILE, what: 'the declarations are not those of the standard', rule: RULE })
}

function checkTable(element: XmlElement, table: Table, wrong: (what: string) => void): number {
  const at = `table ${table.url}`
  const body = element.children.find(({ name }) => name === 'VariableLength')
  const range = element.children.find(({ name }) => name === 'Range')
  const format = [
    childText(element, 'Name'),
    childText(element, 'Description'),
    childText(element, 'DecimalSymbol'),
    childText(element, 'DigitGroupingSymbol'),
    childText(range, 'From'),
    childText(body, 'ColumnDelimiter'),
    childText(body, 'RecordDelimiter'),
    childText(body, 'TextEncapsulator'),
  ]
  const expected = [table.name, table.url, ',', '.', '2', ';', '\r\n', '"']
  if (element.children.map(({ name }) => name).join(' ') !== HEAD || format.join('\0') !== expected.join('\0'))
    wrong(`${at} is described otherwise`)
  const columns = (body?.children ?? []).filter(({ name }) => name === 'VariableColumn')
  const official = [...KEY_COLUMNS, ...table.columns]
  const extra = columns.length - official.length
  if (extra < 0 || extra > CERTIFICATE_COLUMNS_MAX) {
    wrong(`${at} has ${columns.length} columns`)
    return 0
  }
  for (const [index, column] of [...official, ...certificateColumns(extra)].entries()) {
    if (describe(columns[index]) !== expectedColumn(column)) wrong(`${at} describes column ${column.name} otherwise`)
  }
  return extra
}

function describe(element: XmlElement | undefined): string {
  return (element?.children ?? [])
    .map(
      ({ name, text, children }) => `${name}=${children.length > 0 ? describe({ name, text, children }) : text.trim()}`,
    )
    .join('\0')
}

function expectedColumn({ name, description, kind, size }: Column): string {
  const head = `Name=${name}\0Description=${description}`
  if (kind !== 'number') return `${head}\0AlphaNumeric=\0MaxLength=${size}`
  return size === 0 ? `${head}\0Numeric=` : `${head}\0Numeric=Accuracy=${size}`
}
