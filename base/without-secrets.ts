/** A piece of a secret from this length on is taken out, too. */
const PIECE = 8
/** Shorter ones occur in any text. */
const SHORTEST = 4

/**
 * The words of a service without the secrets that it repeats: as they are, in base64 or hex, also inside of longer data
 * (RFC 7617), and pieces of these of at least 8 characters. Each place becomes one `mark`.
 */
export function withoutSecrets(text: string, secrets: readonly string[], mark: string): string {
  const forms = secrets.flatMap(formsOf).filter(({ length }) => length >= SHORTEST)
  const pieces = new Set(forms.flatMap(piecesOf))
  const lengths = new Set([...pieces].map(({ length }) => length))
  const isHidden = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++)
    for (const length of lengths) if (pieces.has(text.slice(at, at + length))) isHidden.fill(1, at, at + length)
  if (!isHidden.includes(1)) return text
  let shown = ''
  for (let at = 0; at < text.length; at++) {
    if (isHidden[at] === 0) shown += text[at]
    else if (isHidden[at - 1] !== 1) shown += mark
  }
  return shown
}

function piecesOf(form: string): string[] {
  const count = Math.max(1, form.length - PIECE + 1)
  return Array.from({ length: count }, (_, at) => form.slice(at, at + PIECE))
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const base64 = [0, 1, 2].flatMap((before) => {
    const whole = encodedAfter(before, bytes)
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')]
  })
  return [secret, hex, hex.toUpperCase(), bytes.toString('base64'), ...base64]
}

/** The characters of base64 that the secret alone decides if so many bytes (modulo 3) come before it. */
function encodedAfter(before: number, bytes: Buffer): string {
  const all = Buffer.concat([Buffer.alloc(before), bytes])
  return all.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((all.length * 8) / 6))
}
