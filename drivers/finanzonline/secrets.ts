const HIDDEN = '…'
/** Shorter ones occur in any text; the forms of the service are longer. */
const LENGTH_MIN = 4

const CUT_PAIR = /[\uD800-\uDBFF]$/

/** A text without the secrets, of at most so many characters: it is journalled. */
export function shownText(text: string, secrets: readonly string[], most: number): string {
  const safe = withoutSecrets(text, secrets)
  return safe.length > most ? `${safe.slice(0, most - 1).replace(CUT_PAIR, '')}${HIDDEN}` : safe
}

/** A text of the service without the secrets of the request, which its validation repeats. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const real = secrets.filter((secret) => secret.length >= LENGTH_MIN).sort((a, b) => b.length - a.length)
  return real.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text)
}
