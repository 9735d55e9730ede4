import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { COLUMN_RULES } from '../../../verify/dsfinvk/column-rules.ts'

const page = await readFile(new URL('../../../docs/germany.md', import.meta.url), 'utf8')
const [intro = '', ...parts] = page.split(/^## /m)
/** The sections by their anchor, as a reader's browser has it. */
const sections = new Map(parts.map((part) => [anchorOf(part.slice(0, part.indexOf('\n'))), part]))
const NOT_SUPPORTED = 'not-supported'

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
}

function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(#([^)]+)\)/g)].flatMap(([, anchor]) => anchor ?? [])
}

/** The rows of the table with that first column: a kind, and where the page has it. */
function rowsOf(column: string): (readonly [kind: string, anchors: readonly string[]])[] {
  const [, table = ''] = (sections.get('every-kind-of-the-books') ?? '').split(`| ${column} |`)
  const rows = table.split('\n\n')[0]?.split('\n').slice(2) ?? []
  return rows.map((row) => [/^\| `([^`]+)`/.exec(row)?.[1] ?? row, linksIn(row)])
}

test.each(['BON_TYP', 'GV_TYP', 'ZAHLART_TYP', 'TSE_TA_VORGANGSART'])(
  'docs/germany.md has each %s once, and an example of it or what there is instead',
  (column) => {
    const official = COLUMN_RULES[column]?.says.replace('is not one of ', '').split(', ') ?? []
    const rows = rowsOf(column)
    expect(rows.map(([kind]) => kind).sort()).toEqual([...official].sort())
    for (const [kind, [anchor = '', ...more]] of rows) {
      const section = sections.get(anchor) ?? ''
      const examples = [...section.matchAll(/```[\s\S]*?```/g)].join('\n')
      const shown = anchor === NOT_SUPPORTED ? section : examples
      expect(new RegExp(`\\b${kind}\\b`).test(shown), `${kind} in ${anchor}`).toBe(true)
      expect(more).not.toContain(NOT_SUPPORTED)
    }
  },
)

test('every link of docs/germany.md leads to a section, and its first table to each section with examples', () => {
  const all = linksIn(page)
  expect(all.filter((anchor) => !sections.has(anchor))).toEqual([])
  const listed = new Set(linksIn(intro))
  const unlisted = [...sections].filter(([anchor, part]) => part.includes('```http') && !listed.has(anchor))
  expect(unlisted.map(([anchor]) => anchor)).toEqual([])
})
