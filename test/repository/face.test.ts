import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'

const WORDS = ['commands.txt', 'config-examples.txt', 'codes.txt', 'sentences.txt']

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

test('help, messages and the page say sync, and never replay', () => {
  const found = WORDS.flatMap((file) => read(`test/public/${file}`).match(/.*\breplay.*/gi) ?? [])
  // The header of a repeated answer, and its member in the log.
  expect(found.filter((line) => !/Idempotent-Replayed|"replayed"/.test(line))).toEqual([])
  expect(read('package.json') + read('agent/texts/page.ts')).not.toMatch(/replay/i)
})

test('package.json has what a registry shows, and no address that does not exist', () => {
  const shown = JSON.parse(read('package.json')) as Record<string, unknown>
  expect(shown).toMatchObject({
    private: true,
    description: expect.stringMatching(/^.{20,110}$/),
    keywords: expect.arrayContaining(['tse', 'rksv']),
    license: 'Apache-2.0',
    files: expect.arrayContaining(['agent/', 'bin/', 'docs/']),
  })
  for (const address of ['repository', 'homepage', 'bugs', 'author']) expect(shown).not.toHaveProperty(address)
  expect(read('SECURITY.md')).not.toMatch(/https?:\/\/|\S@\S+\.\S/)
})
