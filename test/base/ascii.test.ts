import { expect, test } from 'vitest'
import { asciiText } from '../../base/ascii.ts'

test.each([
  ['Caffè CITTÀ (già)', "Caffe' CITTA' (gia')"],
  ['Café crème brûlée ñandú', 'Cafe creme brulee nandu'],
  ['Größe Łódź Ærø Đakovo', 'Grosse Lodz AEro Dakovo'],
  ['5 € ½ ⅓ m² №7 ﬁne', '5 EUR 1-2 1-3 m2 No7 fine'],
  ['“a” – b…\u00a0c', '"a" - b... c'],
  ['茶 Tè 拉麵', "Te'"],
  ['Борщ', ''],
  [' \t\u200b ', ''],
])('"%s" is "%s" in ASCII: unknown characters are omitted', (text, ascii) => {
  expect(asciiText(text)).toBe(ascii)
})
