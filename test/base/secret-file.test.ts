import { expect, test } from 'vitest'
import { secretIn } from '../../base/secret-file.ts'

const PATH = '/etc/fiskal-edge/a.pin'

test.each([
  ['4711', '4711'],
  ['4711\n', '4711'],
  ['4711\r\n\r\n\n', '4711'],
  ['4711\r', '4711'],
  ['\uFEFF4711\n', '4711'],
  ['Käse und Brot 🥨\n', 'Käse und Brot 🥨'],
  [' blanks count \n', ' blanks count '],
  ['\n', ''],
  ['', ''],
])('the secret of %j is its only line', (content, secret) => {
  expect(secretIn(Buffer.from(content), PATH)).toBe(secret)
})

test.each([
  ['UTF-16 with a mark', Buffer.from('\uFEFF4711', 'utf16le'), 'is not UTF-8'],
  ['UTF-16 without one', Buffer.from('4711', 'utf16le'), 'contains a NUL'],
  ['Latin-1', Buffer.from('Käse', 'latin1'), 'is not UTF-8'],
  ['a NUL at the end', Buffer.from('4711\0'), 'contains a NUL'],
  ['a second line', Buffer.from('4711\n4712'), 'has more than one line'],
  ['a second line after an empty one', Buffer.from('4711\n\n4712\n'), 'has more than one line'],
  ['an empty first line', Buffer.from('\n4711\n'), 'has more than one line'],
  ['a second line of blanks', Buffer.from('4711\n  \n'), 'has more than one line'],
  ['a line end of old Macs', Buffer.from('4711\r4712'), 'has more than one line'],
])('a secret file with %s is refused with the reason and without its content', (_words, content, why) => {
  const refused = () => secretIn(content, PATH)
  expect(refused).toThrow(`${PATH} ${why}`)
  expect(refused).toThrow(expect.objectContaining({ code: 'secret_invalid' }))
  expect(refused).not.toThrow('4711')
})

test('a secret with lines keeps them, but for the last line end', () => {
  expect(secretIn(Buffer.from('a\nb\n\n'), PATH, 'lines')).toBe('a\nb\n')
})
