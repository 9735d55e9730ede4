/**
 * The latest time that a receipt may bear by now: as the receipts of a DEP7 write it, from the zone data base and from none
 * of the code that wrote them. In the hour that comes twice they bear times up to the end of its first run.
 */
export function latestAustrianTime(atMs: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Vienna',
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  const stampAt = (ms: number) => format.format(ms).replace(' ', 'T')
  const [now, hourAgo] = [stampAt(atMs), stampAt(atMs - 3_600_000)]
  return now === hourAgo ? `${now.slice(0, 13)}:59:59` : now
}
