import { localTime, parseRfc3339, rfc3339 } from '../../../base/clock.ts'

/**
 * RFC 3339 UTC of a printer's local time `YYYY-MM-DDTHH:MM[:SS]`; undefined for what is none. Of the hour that the autumn
 * has twice the one that is told is nearer to `near`, our own time of it, or the second where nobody knows that.
 */
export function instantOf(local: string | undefined, near?: string): string | undefined {
  if (local === undefined) return undefined
  const text = local.length === 16 ? `${local}:00` : local
  const [first, second = first] = ['+02:00', '+01:00']
    .map((offset) => parseRfc3339(text + offset))
    .filter((ms) => ms !== undefined)
    .filter((ms) => inRome(ms) === text)
  if (first === undefined || second === undefined) return undefined
  const nearMs = near === undefined ? second : (parseRfc3339(near) ?? second)
  return rfc3339(Math.abs(nearMs - first) < Math.abs(nearMs - second) ? first : second)
}

/** Local time in Rome of an RFC 3339 time, as printers tell theirs. */
export function romeTime(at: string): string {
  return inRome(parseRfc3339(at) ?? 0)
}

/** `YYYY-MM-DD` in Rome of an RFC 3339 time. */
export function romeDay(at: string): string {
  return romeTime(at).slice(0, 10)
}

function inRome(ms: number): string {
  return localTime(ms, 'Europe/Rome')
}
