import type { DutyName } from '../../texts/duties.ts'
import type { DutyKind } from '../duty-kind.ts'
import { FACTS } from './facts.ts'

function notified(name: DutyName<'de'>, why: string): DutyKind {
  return { kind: `de.${name}`, regime: FACTS.name, authority: 'Finanzamt (ELSTER)', why }
}

export const DUTY_KINDS = {
  notice: notified('notice', 'Each change of a place and its tills is reported within a month (§ 146a Abs. 4 AO).'),
  archive: {
    ...notified('tse_archive', 'The logs of a retired TSE are kept for an audit (§ 147 AO).'),
    authority: null,
  },
  certificate: {
    ...notified('tse_certificate', 'A TSE signs nothing after its certificate has ended.'),
    authority: null,
  },
  foreignRate: {
    ...notified(
      'foreign_rate',
      'A rate of foreign cash is far from the others of a period: an audit asks for the reason.',
    ),
    authority: null,
  },
} as const satisfies Readonly<Record<string, DutyKind>>
