import { formatCents } from '../../../base/money.ts'
import { counted, visible } from '../../../base/text.ts'
import type { CurrencyRates, FarPayment } from '../../journal/books/foreign-rates.ts'
import { rateOf } from '../../journal/books/foreign-rates.ts'
import type { FindingCode } from '../../journal/verify/findings.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart } from './audit-part.ts'
import { minuteOf, objectionsFirst } from './note-words.ts'
import { rateText } from './unproven-items.ts'

const NAME = 'Fremde Währungen'
const SHOWN = 20

/**
 * The value of foreign cash, as the till said it. A rate far from the median of the period is an objection until a person
 * gives a reason; too few rates have no median.
 */
export function foreignParts(currencies: readonly CurrencyRates[]): AuditPart[] {
  const noted = currencies.filter(({ median, far }) => median === undefined || far.length > 0)
  if (noted.length === 0) return []
  const far = noted.flatMap((rates) => rates.far.map((payment) => ({ rates, payment })))
  const open = far.filter(({ payment }) => payment.reason === undefined)
  const shown = [...open, ...far.filter(({ payment }) => payment.reason !== undefined)].slice(0, SHOWN)
  const few = noted.filter(({ median }) => median === undefined)
  const findings = [
    ...shown.map(({ rates, payment }) => farText(rates, payment)),
    ...(far.length > SHOWN ? [`${far.length - SHOWN} weitere. (foreign_rate_far)`] : []),
    ...few.map(
      ({ currency }) => `${currency}: weniger als drei Kurse im Zeitraum, verglichen wurde keiner. (foreign_rate_few)`,
    ),
  ]
  const codes: FindingCode[] = [
    ...far.map(({ payment: { seq, register, reason } }) => {
      const level = reason === undefined ? ('error' as const) : ('note' as const)
      return { code: 'foreign_rate_far', level, seq, register }
    }),
    ...few.map(() => ({ code: 'foreign_rate_few', level: 'note' as const, seq: 0 })),
  ]
  const names = noted.map(({ currency }) => currency).join(', ')
  const words = `${names}: ${counted(far.length, 'Kurs', 'Kurse')} mehr als 20 % neben der Mitte des Zeitraums`
  const summary = objectionsFirst(open.length, words, 'de')
  return [auditPart(open.length > 0 ? 'fault' : 'note', NAME, summary, findings, { codes })]
}

function farText({ currency, median = 0 }: CurrencyRates, payment: FarPayment): string {
  const { bon, operation, at, units, base, duty, reason } = payment
  const [amount, value] = [units, base].map((cents) => formatCents(cents).replace('.', ','))
  const name = bon === '' ? operation : `Bon ${bon}`
  const facts = `${name}, ${minuteOf(at)}: ${amount} ${currency} zu ${value} EUR, Kurs ${rateText(rateOf(payment))}, im Zeitraum meist ${rateText(median)}.`
  const rest =
    reason === undefined
      ? `Es fehlt der Grund: fiskal-edge duty confirm ${duty} --reason GRUND.`
      : `Grund: ${visible(reason).replace(/\.$/, '')}.`
  return `${facts} ${rest} (foreign_rate_far)`
}
