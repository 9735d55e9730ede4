import { expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import { documentedSections, playSection } from './documented.ts'

const sections = await documentedSections()

test.each(sections.map((section) => [section.title, section] as const))(
  'the examples of docs/germany.md are answered, printed and booked as it says: %s',
  heavy(),
  async (_title, section) => {
    await playSection(section)
  },
)

test('every example of docs/germany.md is of a kind that is played', () => {
  const kinds = sections.flatMap(({ blocks }) => blocks.map(({ language }) => language))
  expect(kinds.filter((kind) => !['http', 'csv', 'text', 'json'].includes(kind))).toEqual([])
})
