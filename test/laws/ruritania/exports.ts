import { writeFile } from 'node:fs/promises'
import type { EventBody } from '../../../agent/journal/events.ts'
import type { View } from '../../../agent/journal/projections/view.ts'
import type { ExportRange, ExportType } from '../../../agent/laws/export-type.ts'
import { registersUnder } from '../../../agent/laws/export-type.ts'
import { FACTS } from './facts.ts'
import { factsIn } from './shapes.ts'

const RECEIPTS_MAX = 1000

/** A line for each signed receipt, in the order of its chain. */
export function ledger(view: View): ExportType {
  const linesOf = ({ merchantId, registerId }: ExportRange): string[] =>
    registersUnder(view, merchantId, FACTS.name)
      .filter(({ id }) => registerId === undefined || id === registerId)
      .flatMap(({ id }) => view.receipts(id, 0, RECEIPTS_MAX))
      .flatMap(({ seq }) => lineOf(view.bodyAt(seq)) ?? [])
  return {
    extension: 'csv',
    mediaType: 'text/csv',
    plan: () => undefined,
    write: async (range, path) => {
      const lines = linesOf(range)
      await writeFile(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
      return { file: path, receipts: lines.length }
    },
  }
}

/** Undefined for a receipt that nothing signed. */
function lineOf({ set }: EventBody): string | undefined {
  const { fiscal_information: information } = set ?? {}
  if (information == null) return undefined
  const { payload, signature } = factsIn(information)
  return `${payload};${signature}`
}
