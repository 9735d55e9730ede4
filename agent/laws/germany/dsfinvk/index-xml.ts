import { oneLine } from '../written-text.ts'
import type { Column, Table } from './tables.ts'
import { certificateColumns, KEY_COLUMNS, TABLES } from './tables.ts'

export const INDEX_FILE = 'index.xml'
export const DTD_FILE = 'gdpdu-01-09-2004.dtd'

export type DataSupplier = { name: string; location: string; comment: string }

/**
 * The description of the package for the tax office's software (GDPdU description standard of 2004). `moreCertificates`
 * is the number of columns of tse.csv beyond the official ones; `isLong`: a text is longer than usual in its column.
 */
export function indexXml(supplier: DataSupplier, moreCertificates: number, isLong = false): string {
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<!DOCTYPE DataSet SYSTEM "${DTD_FILE}">`,
    '<DataSet>',
    '  <Version>1.0</Version>',
    '  <DataSupplier>',
    `    <Name>${escaped(supplier.name)}</Name>`,
    `    <Location>${escaped(supplier.location)}</Location>`,
    `    <Comment>${escaped(supplier.comment)}</Comment>`,
    '  </DataSupplier>',
    '  <Media>',
    '    <Name>DSFinV-K</Name>',
    ...Object.values(TABLES).flatMap((table) =>
      tableXml(
        table,
        [...table.columns, ...(table === TABLES.tse ? certificateColumns(moreCertificates) : [])],
        isLong,
      ),
    ),
    '  </Media>',
    '</DataSet>',
    '',
  ]
  return lines.join('\r\n')
}

function tableXml(table: Table, columns: readonly Column[], isLong: boolean): string[] {
  return [
    '    <Table>',
    `      <URL>${table.url}</URL>`,
    `      <Name>${table.name}</Name>`,
    `      <Description>${table.url}</Description>`,
    '      <UTF8 />',
    '      <DecimalSymbol>,</DecimalSymbol>',
    '      <DigitGroupingSymbol>.</DigitGroupingSymbol>',
    '      <Range>',
    '        <From>2</From>',
    '      </Range>',
    '      <VariableLength>',
    '        <ColumnDelimiter>;</ColumnDelimiter>',
    '        <RecordDelimiter>&#xD;&#xA;</RecordDelimiter>',
    '        <TextEncapsulator>"</TextEncapsulator>',
    ...[...KEY_COLUMNS, ...columns].flatMap((column) => columnXml(declared(column, isLong))),
    '      </VariableLength>',
    '    </Table>',
  ]
}

function declared(column: Column, isLong: boolean): Column {
  const { size, usualSize = size } = column
  return { ...column, size: isLong ? Math.max(size, usualSize) : usualSize }
}

function columnXml(column: Column): string[] {
  return [
    '        <VariableColumn>',
    `          <Name>${column.name}</Name>`,
    `          <Description>${escaped(column.description)}</Description>`,
    ...typeXml(column).map((line) => `          ${line}`),
    '        </VariableColumn>',
  ]
}

function typeXml({ kind, size }: Column): string[] {
  if (kind !== 'number') return ['<AlphaNumeric />', `<MaxLength>${size}</MaxLength>`]
  if (size === 0) return ['<Numeric />']
  return ['<Numeric>', `  <Accuracy>${size}</Accuracy>`, '</Numeric>']
}

/** Text of an element on one line; characters that XML 1.0 does not allow are removed. */
function escaped(text: string): string {
  return oneLine(text)
    .replace(/[^\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
