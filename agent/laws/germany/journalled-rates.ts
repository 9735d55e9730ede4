import type { Json } from '../../../base/canonical.ts'
import type { OwnRate } from '../../../verify/dsfinvk/register-bons.ts'
import { linesIn } from '../../journal/books/operation-parts.ts'
import { membersIn } from '../../journal/checked.ts'
import type { StoredParts } from '../../journal/documents/document.ts'

/** Hundredths of a percent. */
const RATE_OF_ONE = 10_000

/** The rates of the lines of a bon, in hundredths of a percent. */
export function ratesSoldIn({ shown }: StoredParts): readonly number[] {
  return linesIn(shown).flatMap(({ taxes }) => taxes.map(({ rate }) => hundredths(rate)))
}

/** The meanings of rates and codes of the configuration, as the bon recorded them. */
export function ratesConfiguredIn({ law }: StoredParts): readonly OwnRate[] {
  return ratesOf(law['vat'])
}

/** The rates in force that a closing recorded, by key; undefined without rates of its configuration. */
export function ratesOfClosing(recorded: Json | undefined): ReadonlyMap<number, number> | undefined {
  return Array.isArray(recorded) ? new Map(ratesOf(recorded).map(({ key, rate }) => [key, rate])) : undefined
}

function ratesOf(entries: Json | undefined): OwnRate[] {
  if (!Array.isArray(entries)) return []
  return entries.map((entry) => {
    const { key, rate } = membersIn(entry) ?? {}
    return { key: Number(key), rate: hundredths(String(rate)) }
  })
}

/** NaN for a text that is not a rate: anyone may have edited it. */
function hundredths(rate: string): number {
  return Math.round(Number(rate) * RATE_OF_ONE)
}
