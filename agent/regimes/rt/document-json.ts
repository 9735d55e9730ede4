import type { RtBaseline, RtDocument } from '../../../drivers/ports/fiscal-printer.ts'
import type { Json } from '../../canonical.ts'
import type { Members } from '../../journal/events.ts'

/**
 * What is to be printed, as it lies in the intent: amounts are numbers of cents (the port's limit is far below 2⁵³).
 */
export function documentJson(document: RtDocument): Members {
  return JSON.parse(JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? Number(value) : value)))
}

/** The document of an intent. The journal wrote it itself, so its shape is known. */
export function documentOf(json: Json | undefined): RtDocument {
  return JSON.parse(JSON.stringify(json), (name, value) =>
    name === 'amountCents' || name === 'unitPriceCents' ? BigInt(value) : value,
  )
}

export function baselineOf(json: Json | undefined): RtBaseline {
  return json as RtBaseline
}
