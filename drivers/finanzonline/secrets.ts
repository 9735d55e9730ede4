import { withoutSecrets } from '../../base/without-secrets.ts'

const HIDDEN = '…'

const CUT_PAIR = /[\uD800-\uDBFF]$/

/** A text of the service without the secrets, which its validation repeats, of at most so many characters: it is journalled. */
export function shownText(text: string, secrets: readonly string[], most: number): string {
  const safe = withoutSecrets(text, secrets, HIDDEN)
  return safe.length > most ? `${safe.slice(0, most - 1).replace(CUT_PAIR, '')}${HIDDEN}` : safe
}
