/**
 * True if the text has the secret as a whole field: plain, in hexadecimal or in base64. Five digits of a PIN
 * occur within longer fields by chance.
 */
export function isIn(text: string, secret: string): boolean {
  const bytes = Buffer.from(secret, 'utf8')
  const hex = bytes.toString('hex')
  const base64 = bytes.toString('base64').replace(/=+$/, '')
  return (
    hasField(text, bytes.toString('latin1'), /[0-9A-Za-z]/) ||
    hasField(text.toLowerCase(), hex, /[0-9a-z]/) ||
    hasField(text, base64, /[0-9A-Za-z+/]/)
  )
}

function hasField(text: string, field: string, inside: RegExp): boolean {
  for (let at = text.indexOf(field); at >= 0; at = text.indexOf(field, at + 1)) {
    const around = [text.charAt(at - 1), text.charAt(at + field.length)]
    if (!around.some((character) => inside.test(character))) return true
  }
  return false
}
