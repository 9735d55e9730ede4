import { expect, test } from 'vitest'
import { withoutSecrets } from '../../base/without-secrets.ts'

const SECRET = 'gehe1m+Wört/7?x~z'

function encoded(text: string, form: BufferEncoding): string {
  return Buffer.from(text).toString(form)
}

test('a secret is taken out as it is, in base64 and in hex, also inside of longer data', () => {
  const plain = ['', 'u', 'us', 'user:'].flatMap((before) =>
    (['utf8', 'base64', 'base64url', 'hex'] as const).map((form) => encoded(`${before}${SECRET} end`, form)),
  )
  for (const said of [...plain, encoded(SECRET, 'hex').toUpperCase()]) {
    const shown = withoutSecrets(`no ${said} here`, [SECRET], '[redacted]')
    expect(shown, said).toMatch(/^no \S*\[redacted\].* here$/)
    // What is left of it is shorter than a piece that is taken out.
    for (let at = 0; at + 8 <= SECRET.length; at++) expect(shown).not.toContain(SECRET.slice(at, at + 8))
    for (const form of ['base64', 'hex'] as const) {
      const decoded = [...shown.matchAll(/[\w+/-]+/g)].map(([word]) => Buffer.from(word, form).toString())
      expect(decoded.join(' '), said).not.toMatch(/gehe1m|rt\/7\?x/)
    }
  }
})

test('pieces of a secret from 8 characters on are taken out, and shorter ones stay', () => {
  const shown = (text: string) => withoutSecrets(text, [SECRET], '…')
  for (const piece of [SECRET.slice(0, 8), SECRET.slice(3), SECRET.slice(5, 14)])
    expect(shown(`cut ${piece}`)).toBe('cut …')
  expect(shown(`cut ${encoded(SECRET, 'base64').slice(0, 9)} and ${encoded(SECRET, 'hex').slice(-8)}`)).toBe(
    'cut … and …',
  )
  expect(shown(`cut ${SECRET.slice(0, 7)}`)).toBe(`cut ${SECRET.slice(0, 7)}`)
})

test('a short secret is taken out whole, none that occurs in any text, and words without a secret stay', () => {
  expect(withoutSecrets('PIN 12345 of 12346', ['12345'], '…')).toBe('PIN … of 12346')
  expect(withoutSecrets('abc of abc', ['abc', ''], '…')).toBe('abc of abc')
  expect(withoutSecrets('Session of KASSE001', ['A1B2C3D4E5F6'], '…')).toBe('Session of KASSE001')
  expect(withoutSecrets('', [SECRET], '…')).toBe('')
})
