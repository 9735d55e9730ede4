import { readFileSync } from 'node:fs'

export const INDEX_FILE = 'index.xml'
export const DTD_FILE = 'gdpdu-01-09-2004.dtd'
/** SHA-256 of the declarations of the published DTD: sorted, one a line, each run of white space as one blank. */
export const DTD_DECLARATIONS = '23bebcf1dcf456df4e2dcc04f0380951215bf45e7632a85e7080435ccecad76c'

export type Column = {
  readonly name: string
  readonly description: string
  readonly kind: 'text' | 'number'
  /** Characters of a text, decimals of a number. */
  readonly size: number
  /** The size before version 2.4, if it was another. */
  readonly formerSize: number | undefined
  readonly mandatory: boolean
}
export type Table = { readonly url: string; readonly name: string; readonly columns: readonly Column[] }

/** In the order of index.xml. */
export const TABLE_NAMES = [
  'cashpointclosing',
  'location',
  'cashregister',
  'slaves',
  'pa',
  'tse',
  'vat',
  'businesscases',
  'payment',
  'cash_per_currency',
  'transactions',
  'datapayment',
  'lines',
  'itemamounts',
  'subitems',
  'transactions_tse',
  'transactions_vat',
  'lines_vat',
  'allocation_groups',
  'references',
] as const
export type TableName = (typeof TABLE_NAMES)[number]

const COLUMN = /^ +(?<name>\w+) (?<type>[AN])(?:(?<former>\d+)\/)?(?<size>\d+)(?<must> M)? \| (?<description>.+)$/
/** The sections of published.txt by their first line. */
const SECTIONS = new Map(
  readFileSync(new URL('./published.txt', import.meta.url), 'utf8')
    .split(/\n\n/)
    .map((section) => section.trim().split('\n'))
    .map(([head = '', ...lines]) => [head, lines]),
)

export const KEY_COLUMNS: readonly Column[] = columnsIn(SECTIONS.get('every file'))

/** Each table with its key columns. */
export const TABLES: Readonly<Record<TableName, Table>> = Object.fromEntries(
  TABLE_NAMES.map((name) => [name, tableNamed(`${name}.csv`)]),
) as Record<TableName, Table>

const CERTIFICATE_NUMBERS = ['III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X']
/** Columns that tse.csv may have for a certificate of more than 2,000 characters, after the published ones. */
export const CERTIFICATE_COLUMNS: readonly Column[] = TABLES.tse.columns
  .slice(-1)
  .flatMap((last) => CERTIFICATE_NUMBERS.map((number) => ({ ...last, name: `TSE_ZERTIFIKAT_${number}` })))

function tableNamed(url: string): Table {
  const [head = url, lines] = [...SECTIONS].find(([first]) => first.startsWith(`${url} `)) ?? []
  return { url, name: head.slice(url.length + 1), columns: [...KEY_COLUMNS, ...columnsIn(lines)] }
}

function columnsIn(lines: readonly string[] | undefined): Column[] {
  return (lines ?? ['']).map((line) => {
    const { name = '', type, former, size, must, description = '' } = COLUMN.exec(line)?.groups ?? {}
    if (name === '') throw new Error(`published.txt: no column in "${line}"`)
    return {
      name,
      description,
      kind: type === 'A' ? 'text' : 'number',
      size: Number(size),
      formerSize: former === undefined ? undefined : Number(former),
      mandatory: must !== undefined,
    }
  })
}
