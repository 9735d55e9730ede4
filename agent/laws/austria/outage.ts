import { DAY_MS, HOUR_MS } from '../../../base/clock.ts'
import { allRegisters } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import { chainOfRegister } from './chain-state.ts'
import { FACTS } from './facts.ts'
import { daysAfter, localStamp, madeMs } from './stamp.ts'

const REPORT_AFTER_MS = 48 * HOUR_MS
const ALARM_AFTER_MS = 6 * DAY_MS
const REPORT_WITHIN_DAYS = 7

/** A notice to the shop about an outage; `due` is the calendar date until which it must be reported. */
export type OutageNotice = {
  code: 'card_outage' | 'card_outage_report_due' | 'card_outage_report_urgent'
  message: string
  due?: string
}

/** Calendar date until which an outage that began at that local time must be reported. */
export function reportUntil(since: string): string {
  return daysAfter(since, REPORT_WITHIN_DAYS)
}

/** True for an outage that must be reported to FinanzOnline, even if it is over (§ 17 RKSV). */
export function mustBeReported(lastedMs: number): boolean {
  return lastedMs >= REPORT_AFTER_MS
}

/**
 * The notice of an outage since `sinceMs`: at once; again after 48 hours, when it must be reported in FinanzOnline
 * without delay and within a week (§ 17 RKSV); and on the day before that week is over.
 */
export function outageNotice(sinceMs: number, nowMs: number): OutageNotice {
  const lastedMs = nowMs - sinceMs
  if (!mustBeReported(lastedMs))
    return {
      code: 'card_outage',
      message: `The signature unit is down: without a fallback unit, receipts carry "${FACTS.outageText}".`,
    }
  const due = reportUntil(localStamp(sinceMs))
  return lastedMs < ALARM_AFTER_MS
    ? {
        code: 'card_outage_report_due',
        message: 'The signature unit has been down for 48 hours: report the outage in FinanzOnline.',
        due,
      }
    : {
        code: 'card_outage_report_urgent',
        message: 'The signature unit has been down for six days: report the outage in FinanzOnline today.',
        due,
      }
}

/** The first and the last marker receipt of each register that waits for its Sammelbeleg by a unit. */
export function unsignedReceipts(view: View, isUnitOf: (device: string) => boolean, nowMs: number): number[] {
  return allRegisters(view).flatMap(({ id, fiscal_device: device }) => {
    const { outage } = chainOfRegister(device !== null && isUnitOf(device) ? view.chainState(id) : undefined) ?? {}
    return outage === undefined ? [] : [outage.firstStamp, outage.lastStamp].map((stamp) => madeMs(stamp, nowMs))
  })
}
