import type { Law, LawParts, OpenLaw } from '../../../agent/laws/law.ts'
import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import { ledger } from './exports.ts'
import { FACTS } from './facts.ts'
import { ShopKey } from './key.ts'
import { ACTS } from './key-act.ts'
import { LOSS_INSTRUCTIONS } from './loss-instructions.ts'
import { RECEIPT } from './receipt.ts'
import { Ruritanian } from './rules.ts'
import { SETTINGS } from './settings.ts'
import { SHAPES } from './shapes.ts'
import { STATE } from './state.ts'

type Settings = { state: string } & ValuesOf<typeof SETTINGS.keys>

export const RURITANIAN_LAW: Law<Settings> = {
  ...FACTS,
  settings: SETTINGS,
  shapes: SHAPES,
  words: { acts: ACTS, state: STATE },
  receipt: RECEIPT,
  lossInstructions: LOSS_INSTRUCTIONS,
  open,
}

function open({ config, journal }: LawParts<Settings>): OpenLaw {
  return {
    rules: new Ruritanian(new ShopKey(config.state), config.ruritania.unsigned),
    exports: { rur_ledger: ledger(journal.view) },
  }
}
