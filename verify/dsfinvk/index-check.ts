import { createHash } from 'node:crypto'
import type { XmlElement } from '../../base/xml.ts'
import { childText, XmlError } from '../../base/xml.ts'
import type { Findings } from './findings.ts'
import type { Column, Table, TableName } from './tables.ts'
import { CERTIFICATE_COLUMNS, DTD_DECLARATIONS, DTD_FILE, INDEX_FILE, TABLE_NAMES, TABLES } from './tables.ts'
import { readIndex } from './xml.ts'

const RULE = 'index.xml'
const HEAD = 'URL Name Description UTF8 DecimalSymbol DigitGroupingSymbol Range VariableLength'

/** The columns of each file of a package. */
export type PackageColumns = Readonly<Record<TableName, readonly Column[]>>

/**
 * Checks index.xml against the published structure. Returns the columns it describes: those that are published, in the
 * size of its version, and the certificate columns it adds to tse.csv.
 */
export function checkIndex(text: string, findings: Findings): PackageColumns {
  const wrong = (what: string): void => findings.add({ file: INDEX_FILE, what, rule: RULE })
  const columns = publishedColumns()
  let root: XmlElement
  try {
    root = readIndex(text)
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    wrong(error.message)
    return columns
  }
  if (!text.includes(`<!DOCTYPE DataSet SYSTEM "${DTD_FILE}">`)) wrong('the DOCTYPE names another DTD')
  if (root.name !== 'DataSet' || childText(root, 'Version') !== '1.0') wrong('the root is not a DataSet of version 1.0')
  const media = root.children.filter(({ name }) => name === 'Media')
  if (media.length !== 1) wrong(`there are ${media.length} Media`)
  const tables = media.flatMap((one) => one.children.filter(({ name }) => name === 'Table'))
  if (tables.map((table) => childText(table, 'URL')).join() !== TABLE_NAMES.map((name) => TABLES[name].url).join())
    wrong('the tables are not the 20 of the package, in their order')
  for (const name of TABLE_NAMES) {
    const element = tables.find((one) => childText(one, 'URL') === TABLES[name].url)
    if (element === undefined) continue
    columns[name] = checkTable(element, TABLES[name], wrong)
    if (name !== 'tse' && columns[name].length > TABLES[name].columns.length) {
      wrong(`${TABLES[name].url} has more columns than the official file`)
      columns[name] = TABLES[name].columns
    }
  }
  return columns
}

/** The columns of each file if no index.xml describes them. */
export function publishedColumns(): Record<TableName, readonly Column[]> {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, TABLES[name].columns])) as Record<
    TableName,
    readonly Column[]
  >
}

/** A GDPdU reader needs each element of the standard, declared as the standard does. */
export function checkDtd(text: string, findings: Findings): void {
  const declarations = [...text.replace(/<!--[\s\S]*?-->/g, '').matchAll(/<!(?:ELEMENT|ATTLIST|ENTITY)\s[^>]*>/g)]
    .map(([declaration]) => declaration.replace(/\s+/g, ' '))
    .sort()
    .join('\n')
  if (createHash('sha256').update(declarations).digest('hex') !== DTD_DECLARATIONS)
    findings.add({ file: DTD_FILE, what: 'the declarations are not those of the standard', rule: RULE })
}

function checkTable(element: XmlElement, table: Table, wrong: (what: string) => void): readonly Column[] {
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
  const described = (body?.children ?? []).filter(({ name }) => name === 'VariableColumn')
  const extra = described.length - table.columns.length
  if (extra < 0 || extra > CERTIFICATE_COLUMNS.length) {
    wrong(`${at} has ${described.length} columns`)
    return table.columns
  }
  return [...table.columns, ...CERTIFICATE_COLUMNS.slice(0, extra)].map((column, index) => {
    const description = describe(described[index])
    const form = formsOf(column).find((one) => expectedColumn(one) === description)
    if (form === undefined) wrong(`${at} describes column ${column.name} otherwise`)
    return form ?? column
  })
}

/** A column as each version of index.xml describes it. */
function formsOf(column: Column): Column[] {
  const { formerSize } = column
  return formerSize === undefined ? [column] : [column, { ...column, size: formerSize }]
}

function describe(element: XmlElement | undefined): string {
  return (element?.children ?? [])
    .map((child) => `${child.name}=${child.children.length > 0 ? describe(child) : child.text.trim()}`)
    .join('\0')
}

function expectedColumn({ name, description, kind, size }: Column): string {
  const head = `Name=${name}\0Description=${description}`
  if (kind === 'text') return `${head}\0AlphaNumeric=\0MaxLength=${size}`
  return size === 0 ? `${head}\0Numeric=` : `${head}\0Numeric=Accuracy=${size}`
}
