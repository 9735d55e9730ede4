/** `line`: a PIN, PUK, token or passphrase; `lines`: a private key, a certificate or NATS credentials. */
export type SecretForm = 'line' | 'lines'

/** A secret of one line that another program would read differently: a wrong PIN costs a try. */
export class SecretInvalidError extends Error {
  override readonly name = 'SecretInvalidError'
  readonly code = 'secret_invalid'
}

/**
 * The secret in a file. A byte order mark and line ends after a single line are dropped, as in the configuration; other
 * characters count, blanks too. Throws SecretInvalidError.
 */
export function secretIn(bytes: Uint8Array, path: string, form: SecretForm = 'line'): string {
  if (form === 'lines')
    return Buffer.from(bytes)
      .toString('utf8')
      .replace(/\r?\n$/, '')
  const text = utf8(bytes, path)
  if (text.includes('\u0000')) throw invalid(path, 'contains a NUL')
  const line = text.replace(/[\r\n]+$/, '')
  if (/[\r\n]/.test(line)) throw invalid(path, 'has more than one line')
  return line
}

function utf8(bytes: Uint8Array, path: string): string {
  try {
    // The decoder drops the mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid(path, 'is not UTF-8')
  }
}

function invalid(path: string, why: string): SecretInvalidError {
  return new SecretInvalidError(`${path} ${why}: save it as UTF-8, with the secret alone on its first line.`)
}
