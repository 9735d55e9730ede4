import { parseRfc3339, rfc3339 } from '../../clock.ts'

const rome = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome', dateStyle: 'short', timeStyle: 'medium' })

/**
 * RFC 3339 UTC of a printer's local time `YYYY-MM-DDTHH:MM[:SS]`; undefined for what is none. In the hour that the autumn
 * has twice the second one is told.
 */
export function instantOf(local: string | undefined): string | undefined {
  if (local === undefined) return undefined
  const text = local.length === 16 ? `${local}:00` : local
  const told = ['+01:00', '+02:00']
    .map((offset) => parseRfc3339(text + offset))
    .find((ms) => ms !== undefined && rome.format(ms).replace(' ', 'T') === text)
  return told === undefined ? undefined : rfc3339(told)
}

/** `YYYY-MM-DD` in Rome of an RFC 3339 time. */
export function romeDay(at: string): string {
  return rome.format(parseRfc3339(at) ?? 0).slice(0, 10)
}
