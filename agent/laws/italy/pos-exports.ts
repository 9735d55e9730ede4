import { rm } from 'node:fs/promises'
import { runInChild } from '../../../base/child/run.ts'
import { parseRfc3339 } from '../../../base/clock.ts'
import type { Written } from '../../../base/durable-file.ts'
import { writeDurably } from '../../../base/durable-file.ts'
import type { ExportType } from '../export-type.ts'
import type { LawParts } from '../law.ts'
import { linksSheet } from './pos-links.ts'
import type { SheetSpan } from './pos-sheet.ts'

/** `directory`: of the state; the child reads the journal while the agent writes it. */
export type SheetTask = SheetSpan & { readonly directory: string; readonly path: string }
export type SheetAnswer = Written & {
  readonly operations: number
  readonly lines: number
  readonly pos: string
  readonly rt: string
  readonly piattaforma: string
  readonly differenza: string
}

const PROGRAM = {
  name: 'export',
  entry: new URL('./pos-sheet-child.ts', import.meta.url),
  heapMb: 64,
  limitMs: 3_600_000,
}
const CSV = { extension: 'csv', mediaType: 'text/csv', isSecret: true, plan: () => undefined } as const

/** The sheets about payment terminals, for the technician alone: a register's key must not see those of others. */
export function posExports({
  config,
  journal: { view },
  clock,
  fault,
}: Pick<LawParts<{ state: string }>, 'config' | 'journal' | 'clock' | 'fault'>) {
  const reached = (point: string): void => fault(`links.${point}`)
  return {
    pos_links: {
      ...CSV,
      write: async (_range, file) => {
        const lines = linksSheet(view)
        return { file, lines: lines.length - 1, ...(await writeDurably(file, lines, 0o600, reached)) }
      },
    },
    pos_sheet: {
      ...CSV,
      write: async ({ from, to }, file, { signal }) => {
        const isOver = (parseRfc3339(to) ?? 0) < clock.now()
        const task: SheetTask = { directory: config.state, path: file, from, to }
        const answer = await runInChild<SheetAnswer>(PROGRAM, task, signal).catch(async (error: unknown) => {
          // A killed child could not remove its file.
          await rm(`${file}.tmp`, { force: true })
          throw error
        })
        return { file, month_over: isOver, ...answer }
      },
    },
  } as const satisfies Record<string, ExportType>
}
