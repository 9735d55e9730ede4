import { expect, test } from 'vitest'
import { ConfigError, checkConfig } from '../../agent/config/config.ts'
import { supportLine } from '../../agent/config/support.ts'

const BASE = { version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices: [] }

function read(support: unknown) {
  return checkConfig('agent.json', { ...BASE, support }, '/etc/fiskal-edge', {})
}

function problems(support: unknown): readonly string[] {
  try {
    read(support)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test.each([
  [{ name: 'Kassendienst Müller & Söhne' }, 'Kassendienst Müller & Söhne'],
  [{ telephone: '+49 (0)30 12-34/56' }, '+49 (0)30 12-34/56'],
  [{ mail: 'hilfe@kassen.example', name: 'Müller' }, 'Müller, hilfe@kassen.example'],
  [{ name: 'Müller', telephone: '030 123456', mail: 'h@k.example' }, 'Müller, 030 123456, h@k.example'],
])('the support %j is one line', (support, line) => {
  expect(supportLine(read(support).support)).toBe(line)
})

test('without the key there is no line', () => {
  expect(supportLine(read(undefined).support)).toBeUndefined()
})

test.each([
  [{}, 'support: at least one of "name", "telephone" and "mail"'],
  [{ name: 'a\nb' }, 'support.name: a name on one line'],
  [{ name: 'a\u2028b' }, 'support.name: a name on one line'],
  [{ name: '   ' }, 'support.name: a name on one line'],
  [{ name: 'a\u202eb' }, 'support.name: a name on one line'],
  [{ telephone: 'call me' }, 'support.telephone: a number such as "+49 30 123456"'],
  [{ telephone: '1\n2345' }, 'support.telephone: a number such as "+49 30 123456"'],
  [{ telephone: '1'.repeat(33) }, 'support.telephone: a number such as "+49 30 123456"'],
  [{ mail: 'nobody' }, 'support.mail: one mail address such as "owner@shop.example", without a name'],
  [{ telefone: '030 1' }, 'support.telefone: unknown key, the nearest known one is "telephone"'],
])('the support %j is refused', (support, problem) => {
  expect(problems(support)).toContain(problem)
})

test('a name has at most 80 characters', () => {
  expect(problems({ name: 'x'.repeat(80) })).toEqual([])
  expect(problems({ name: 'x'.repeat(81) })).toHaveLength(1)
})
