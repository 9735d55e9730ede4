/** Values of the characters at odd places of a codice fiscale (D.M. 23 dicembre 1976); A to J are those of 0 to 9. */
const ODD_VALUES = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
/** Names, birth, place and check letter; a digit may be a letter of omocodia (L to V instead of 0 to 9). */
const CODICE_FISCALE = /^[A-Z]{6}[\dLMNPQRSTUV]{2}[ABCDEHLMPRST][\dLMNPQRSTUV]{2}[A-Z][\dLMNPQRSTUV]{3}[A-Z]$/
const A = 65

/** Sum of the odd digits and the doubled even ones, each reduced below 10, ends in 0 (D.M. 23 dicembre 1976). */
export function isPartitaIva(digits: string): boolean {
  if (!/^\d{11}$/.test(digits)) return false
  let sum = 0
  for (const [place, digit] of [...digits].entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** True for the codice fiscale of a person, in capitals, with its check letter. */
export function isCodiceFiscale(code: string): boolean {
  if (!CODICE_FISCALE.test(code)) return false
  let sum = 0
  for (const [place, character] of [...code.slice(0, -1)].entries()) {
    const value = /\d/.test(character) ? Number(character) : character.charCodeAt(0) - A
    sum += place % 2 === 0 ? (ODD_VALUES[value] ?? 0) : value
  }
  return code.endsWith(String.fromCharCode(A + (sum % 26)))
}
