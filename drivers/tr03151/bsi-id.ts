const BSI_ID = /^(\d{4}-\d{4})$|BSI-K-TR-(\d{4}-\d{4})(?!\d)/

/** The number of a certification by the BSI in a text of a unit, without its prefix. Undefined for a text without one. */
export function bsiIdIn(text: string): string | undefined {
  const [, whole, prefixed] = BSI_ID.exec(text.trim()) ?? []
  return whole ?? prefixed
}
