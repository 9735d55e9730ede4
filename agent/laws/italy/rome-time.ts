import { localTime, parseRfc3339, rfc3339 } from '../../../base/clock.ts'

/**
 * RFC 3339 UTC of a printer's local time `YYYY-MM-DDTHH:MM[:SS]`; undefined for any other text. In the hour that occurs
 * twice in autumn, the instant nearer to `near` (our own time of the event), or the later one if that is unknown.
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

/** Local time in Rome of an RFC 3339 time, in the printers' format. */
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
