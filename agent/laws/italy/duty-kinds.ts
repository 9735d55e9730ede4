import type { DutyName } from '../../texts/duties.ts'
import type { DutyKind } from '../duty-kind.ts'
import { FACTS } from './facts.ts'

function reported(name: DutyName<'it'>, why: string): DutyKind {
  return { kind: `it.${name}`, regime: FACTS.name, authority: 'Agenzia delle Entrate', why }
}

export const DUTY_KINDS = {
  openPeriod: reported('open_period', 'The sums of a period that no Z counts are stated at the portal.'),
  printerEnd: reported('printer_end', 'A printer that no register uses is taken out of use at the tax office.'),
  rejectedFile: reported(
    'rejected_file',
    'The sums of a rejected file are transmitted again, or stated at the portal, within five working days.',
  ),
  posLink: reported(
    'pos_link',
    'Each payment terminal is linked with the printers of its sales (L. 207/2024, art. 1 c. 74-77).',
  ),
  posUnlink: reported(
    'pos_unlink',
    'A payment terminal that leaves a printer is unlinked (L. 207/2024, art. 1 c. 74-77).',
  ),
  idlePrinter: reported(
    'idle_printer',
    'A printer is stated as out of service for a pause of more than 12 days (event code 608).',
  ),
  emergencyCall: reported('emergency_call', 'The technician of a broken printer is called at once.'),
  emergencyState: reported('emergency_state', 'A broken printer is stated as "fuori servizio".'),
  emergencySums: reported(
    'emergency_sums',
    'The books have the sums of sales that no printer has; sending them to the office is voluntary.',
  ),
  emergencyBack: reported('emergency_back', 'After an emergency printer, portal and entries are compared.'),
  paperCheck: {
    ...reported('paper_check', 'The printer cannot report one document: a person compares the paper.'),
    authority: null,
  },
} as const satisfies Readonly<Record<string, DutyKind>>
