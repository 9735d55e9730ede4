import type { Grid } from './layout.ts'
import type { Item, Section } from './sheet.ts'

/** A line of fixed columns, or a code to be drawn between two lines. */
export type PrintLine = { text: string; strong: boolean } | { code: string }

/** The lines of each section. */
export function printLines(sections: readonly Section[], grid: Grid): PrintLine[][] {
  return sections.map(({ items }) => items.flatMap((item) => itemLines(item, grid)))
}

function itemLines(item: Item, grid: Grid): PrintLine[] {
  switch (item.kind) {
    case 'code':
      return [{ code: item.data }]
    case 'centred':
      return lines(grid.centred(item.text), item.size === 'large')
    case 'notice':
      return lines(noticeLines(item.text, grid), true)
    case 'labelled':
    case 'ocr':
      return lines(grid.labelledRows(item.label, item.value), false)
    case 'amount':
      return lines(amountLines(item, grid), item.strong)
    case 'taxes':
      return lines(taxLines(item, grid), false)
  }
}

function lines(texts: readonly string[], strong: boolean): PrintLine[] {
  return texts.map((text) => ({ text, strong }))
}

function noticeLines(notice: string, grid: Grid): string[] {
  const starred = grid.centred(`*** ${notice} ***`)
  return starred.length === 1 ? starred : grid.centred(notice)
}

/** All amounts end in one column, two before the edge: a blank and the tax key. */
function amountLines({ label, count, amount, key }: Extract<Item, { kind: 'amount' }>, grid: Grid): string[] {
  const right = `${amount} ${key === '' ? ' ' : key}`
  if (count === undefined) return grid.row(label, right)
  return [...grid.wrapped(label), ...grid.row(`  ${count}`, right)]
}

/** Columns that end with the amounts; if a figure is too wide for its column, each figure gets a separate row. */
function taxLines({ head, rows }: Extract<Item, { kind: 'taxes' }>, grid: Grid): string[] {
  const column = Math.floor((grid.width - 2) / 4)
  const columns = ([name, ...amounts]: readonly string[]): string =>
    [(name ?? '').padEnd(grid.width - 2 - 3 * column), ...amounts.map((amount) => amount.padStart(column))].join('')
  const noteOf = (note: string | null) => (note === null ? [] : grid.wrapped(`  ${note}`))
  const fits = head.every((cell) => cell.length <= column)
  if (fits && rows.every(({ cells }) => cells.every((cell) => cell.length < column))) {
    return [columns(head), ...rows.flatMap(({ cells, note }) => [columns(cells), ...noteOf(note)])]
  }
  return rows.flatMap(({ cells: [name, ...amounts], note }) => [
    ...grid.wrapped(name),
    ...amounts.flatMap((amount, at) => grid.row(`  ${head[at + 1]}`, `${amount}  `)),
    ...noteOf(note),
  ])
}
