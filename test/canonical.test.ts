import { expect, test } from 'vitest'
import type { Json } from '../base/canonical.ts'
import { canonicalJson } from '../base/canonical.ts'
import { fc } from './properties.ts'

/** The rule of RFC 8785 §3.2.3 in text, member by member. */
function expected(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(expected).join(',')}]`
  const members = Object.entries(value as { [member: string]: Json }).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${expected(member)}`).join(',')}}`
}

test('members are sorted by UTF-16 code units, also names that objects list first', () => {
  // RFC 8785 §3.2.3 has these names.
  const names = ['€', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', 'ö']
  const value = Object.fromEntries(names.map((name, index) => [name, index]))
  expect(canonicalJson(value)).toBe('{"\\r":1,"1":3,"\u0080":5,"ö":6,"€":0,"\u{1f600}":4,"\ufb33":2}')
  expect(canonicalJson({ b: { '10': 1, '9': 2, a: 3 }, a: [] })).toBe('{"a":[],"b":{"10":1,"9":2,"a":3}}')
  const proto = JSON.parse('{"z":1,"__proto__":{"y":2},"a":3}') as Json
  expect(canonicalJson(proto)).toBe('{"__proto__":{"y":2},"a":3,"z":1}')
})

test('any JSON value is written in order, however many members it has', () => {
  const name = fc.oneof(fc.string({ maxLength: 3 }), fc.nat(20).map(String), fc.constant('__proto__'))
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.array(fc.tuple(name, tie('tree')), { maxLength: 60 }).map((members) => Object.fromEntries(members)),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      expect(canonicalJson(value)).toBe(expected(value))
    }),
  )
})

test('members that are undefined are left out, in every depth', () => {
  expect(canonicalJson({ b: undefined, a: [{ d: undefined, c: 1 }] })).toBe('{"a":[{"c":1}]}')
})
