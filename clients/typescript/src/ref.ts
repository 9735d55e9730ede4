const BYTES = 16

/**
 * 128 random bits. Not `randomUUID`, which pages of a LAN by http do not have. Keys are permanent: a number of the till
 * would swallow the basket that has the same one on the next day.
 */
export function newRef(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
