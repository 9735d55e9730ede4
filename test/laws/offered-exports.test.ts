import { expect, test } from 'vitest'
import { LAWS } from '../../agent/laws/laws.ts'
import { COMMAND_LAWS } from '../../agent/laws/laws-for-commands.ts'

test('the export command offers every file that a till may request, law by law', () => {
  const offered = new Map(COMMAND_LAWS.map(({ name, exports = [] }) => [name, exports.map(({ type }) => type)]))
  for (const { name, shapes } of LAWS)
    expect(offered.get(name), name).toEqual(expect.arrayContaining([...shapes.exports]))
  expect([...offered.keys()]).toEqual(LAWS.map(({ name }) => name))
})
