import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GUIDE } from '../../agent/contract/guide.ts'
import { TILL_RULES } from '../../agent/contract/till-rules.ts'

test('the guide has each rule for tills once, in the order of the table', () => {
  expect(TILL_RULES.map(({ id }) => id)).toEqual(Array.from({ length: 18 }, (_, index) => `T-${index + 1}`))
  const [, list = ''] = GUIDE.split('## What a till has to do')
  const rows = [...list.matchAll(/^\| (T-\d+) \| (.+) \|$/gm)].map(([, id, title]) => ({ id, title }))
  expect(rows).toEqual(TILL_RULES.map(({ id, title }) => ({ id, title })))
  for (const { id, title } of TILL_RULES) {
    expect(GUIDE.split(title).length, id).toBe(2)
    expect(GUIDE.split(`| ${id} |`).length, id).toBe(2)
  }
})

test('a rule for tills is one sentence and begins with what to do', () => {
  for (const { title } of TILL_RULES) {
    expect(title.replaceAll(/`[^`]*`/g, 'x')).toMatch(/^[A-Z][^.]*\.$/)
    expect(title.split(/\s+/).length, title).toBeLessThanOrEqual(25)
    expect(title).not.toMatch(/[|\n]/)
  }
})

test('docs/first-sale.md has the fault and the breach of each rule, as the conformance run has them', () => {
  const page = readFileSync(new URL('../../docs/first-sale.md', import.meta.url), 'utf8')
  const rows = TILL_RULES.map(
    ({ id, title, fault = 'requests alone', broken }) => `| ${id} ${title} | ${fault} | ${broken} |`,
  )
  expect(page).toContain(rows.join('\n'))
})
