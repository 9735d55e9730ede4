/** Text that says something; undefined where there is none, or blanks alone. */
export function said(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text.trim() === '' ? undefined : text
}
