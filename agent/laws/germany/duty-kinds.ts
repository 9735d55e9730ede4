import type { DutyKind } from '../duty-kind.ts'
import { FACTS } from './facts.ts'

function notified(name: string, why: string): DutyKind {
  return { kind: `de.${name}`, law: FACTS.name, authority: 'Finanzamt (ELSTER)', why }
}

export const DUTY_KINDS = {
  till: notified('till_notice', 'A till with a TSE is reported within a month (§ 146a Abs. 4 AO).'),
  tse: notified('tse_notice', 'Another TSE of a reported till is reported within a month (§ 146a Abs. 4 AO).'),
  tillEnd: notified('till_end_notice', 'The end of a reported till is reported within a month (§ 146a Abs. 4 AO).'),
  certificate: {
    ...notified('tse_certificate', 'A TSE signs nothing after its certificate has ended.'),
    authority: null,
  },
} as const satisfies Readonly<Record<string, DutyKind>>
