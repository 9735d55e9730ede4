import type { DutyKind } from '../duty-kind.ts'
import { FACTS } from './facts.ts'

function reported(name: string, why: string): DutyKind {
  return { kind: `it.${name}`, law: FACTS.name, authority: 'Agenzia delle Entrate', why }
}

export const DUTY_KINDS = {
  openPeriod: reported('open_period', 'The sums of a period that no Z counts are stated at the portal.'),
  printerEnd: reported('printer_end', 'A printer that no register uses is taken out of use at the tax office.'),
  paperCheck: {
    ...reported('paper_check', 'The printer cannot report one document: a person compares the paper.'),
    authority: null,
  },
} as const satisfies Readonly<Record<string, DutyKind>>
