import { writeFile } from 'node:fs/promises'
import type { ValuesOf } from '../../../agent/config/law-settings.ts'
import type { View } from '../../../agent/journal/projections/view.ts'
import type { ExportRange, ExportType } from '../../../agent/laws/export-type.ts'
import { registersUnder } from '../../../agent/laws/export-type.ts'
import type { Law, LawParts, OpenLaw } from '../../../agent/laws/law.ts'
import { FACTS } from './facts.ts'
import { ShopKey } from './key.ts'
import { RECEIPT } from './receipt.ts'
import { Ruritanian } from './rules.ts'
import { SETTINGS } from './settings.ts'
import { SHAPES } from './shapes.ts'

type Settings = { state: string } & ValuesOf<typeof SETTINGS.keys>

const RECEIPTS_MAX = 1000

export const RURITANIA: Law<Settings> = {
  ...FACTS,
  settings: SETTINGS,
  shapes: SHAPES,
  receipt: RECEIPT,
  lossInstructions: { always: 'Ruritania: tell the Crown.' },
  open,
}

function open({ config, journal }: LawParts<Settings>): OpenLaw {
  return {
    rules: new Ruritanian(new ShopKey(config.state), config.ruritania.unsigned),
    exports: { rur_ledger: ledger(journal.view) },
  }
}

/** A line for each signed receipt, in the order of its chain. */
function ledger(view: View): ExportType {
  const linesOf = ({ merchantId, registerId }: ExportRange): string[] =>
    registersUnder(view, merchantId, FACTS.name)
      .filter(({ id }) => registerId === undefined || id === registerId)
      .flatMap(({ id }) => view.receipts(id, 0, RECEIPTS_MAX))
      .flatMap(({ seq }) => {
        const facts = view.bodyAt(seq).set?.['fiscal_information'] as { payload: string; signature: string } | undefined
        return facts === undefined ? [] : [`${facts.payload};${facts.signature}`]
      })
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
