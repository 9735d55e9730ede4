import type { Answer, ShiftStep } from '../../demo-shift.ts'
import { at, mustBe } from '../../demo-shift.ts'

/** A receipt that reports the outage instead of a signature. Throws DemoError for one with a signature. */
export function marked(step: ShiftStep): ShiftStep {
  const fiscal = step.operation['fiscal_information'] as Answer | null
  mustBe('security_device_failed', String(fiscal?.['security_device_failed']), 'true')
  return { ...step, notes: [...step.notes, at(step.operation, 'fiscal', 'receipt_text')] }
}
