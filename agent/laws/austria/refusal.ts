import { CodedError } from '../../../base/thrown.ts'
/** Why a receipt cannot be made. */
export type RefusalCode =
  | 'already_started' // a second Startbeleg
  | 'not_started' // any other receipt before it
  | 'chain_ended' // after the Schlussbeleg
  | 'amounts_not_zero' // a zero receipt with amounts
  | 'no_outage' // a Sammelbeleg with nothing to collect
  | 'must_be_signed' // a receipt that may not carry the outage marker
  | 'stale_plan' // another receipt of the register came first
  | 'clock_went_back'
  | 'clock_not_set' // before the law: 2015-09-01
  | 'turnover_overflow'
  | 'rate_unknown'
  | 'field_malformed'

/** The law forbids this receipt: no number, counter or signature was used. The message names the reason. */
export class AustrianRefusal extends CodedError<RefusalCode> {
  override readonly name = 'RksvRefusal'
}
