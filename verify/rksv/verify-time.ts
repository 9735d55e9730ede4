/**
 * The latest local time that a receipt may have at `atMs`, in the form of a DEP7. It comes from the time zone database and
 * shares no code with the writer. In the repeated hour of autumn, receipts may have times up to the end of its first run.
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
