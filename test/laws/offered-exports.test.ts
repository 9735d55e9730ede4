import { expect, test } from 'vitest'
import { LAWS } from '../../agent/laws/laws.ts'
import { CONFIGURED_LAWS } from '../../agent/laws/settings.ts'

test('the export command offers every file that a till may request, law by law', () => {
  const offered = new Map(CONFIGURED_LAWS.map(({ name, exports = [] }) => [name, exports.map(({ type }) => type)]))
  for (const { name, shapes } of LAWS)
    expect(offered.get(name), name).toEqual(expect.arrayContaining([...shapes.exports]))
  expect([...offered.keys()]).toEqual(LAWS.map(({ name }) => name))
})
