const HIDDEN = '…'
/** Shorter ones occur in any text; the forms of the service are longer. */
const LENGTH_MIN = 4

/** A text of the service without the secrets of the request, which its validation repeats. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const real = secrets.filter((secret) => secret.length >= LENGTH_MIN).sort((a, b) => b.length - a.length)
  return real.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text)
}
