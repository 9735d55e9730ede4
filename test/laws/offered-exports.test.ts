import { expect, test } from 'vitest'
import { LAWS } from '../../agent/laws/laws.ts'
import { BUILT_IN_LAWS } from '../built-in-laws.ts'

test('the export command offers every file that a till may request, law by law', () => {
  const offered = new Map(LAWS.map(({ name, exports = [] }) => [name, exports.map(({ type }) => type)]))
  for (const { name, shapes } of BUILT_IN_LAWS)
    expect(offered.get(name), name).toEqual(expect.arrayContaining([...shapes.exports]))
  expect([...offered.keys()]).toEqual(BUILT_IN_LAWS.map(({ name }) => name))
})
