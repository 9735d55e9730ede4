import type { Command } from 'commander'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { exampleConfig } from '../../agent/cli/config/example.ts'
import { program } from '../../agent/cli/program.ts'
import { configSchema } from '../../agent/config/schema.ts'
import { openapiOf } from '../../agent/contract/openapi.ts'
import { ERRORS } from '../../agent/errors.ts'
import { EVENT_KINDS } from '../../agent/journal/event-kinds.ts'
import { LAW_KEYS, LAW_WORDS } from '../../agent/laws/laws.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { reportedWarningOf } from '../../agent/watch/warnings.ts'
import { CONTRACT } from '../contract.ts'
import { lines, literals } from './sources.ts'

/**
 * The public words, as files next to this one: the diff of a change is its review. `npx vitest run -u test/public`
 * writes them.
 */
async function isWritten(name: string, text: string): Promise<void> {
  return expect(text).toMatchFileSnapshot(`./${name}`)
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

test('the API is described as before', async () => {
  await isWritten('openapi.txt', json(openapiOf(CONTRACT, { version: '0.0.0', url: '/' })))
})

test('every refusal has the code, the status and the words that it had', async () => {
  await isWritten('errors.txt', json(ERRORS))
})

test('every warning has the code and the words that it had', async () => {
  await isWritten('warnings.txt', json(Object.keys(WARNING_TEXTS).map((code) => reportedWarningOf(code, {}))))
})

test('every command has the options and the help that it had', async () => {
  const help = (command: Command): string[] => [command.helpInformation(), ...command.commands.flatMap(help)]
  const all = await program(undefined)
  await isWritten('commands.txt', help(all).join('\n'))
})

test('the configuration has the keys that it had, and its examples their words', async () => {
  const schema = z.toJSONSchema(configSchema('/', LAW_KEYS), { io: 'input', unrepresentable: 'any' })
  await isWritten('config-schema.txt', json(schema))
  const examples = LAW_WORDS.map((law) => exampleConfig(law))
  await isWritten('config-examples.txt', examples.join('\n'))
})

test('the kinds of events are those that they were', async () => {
  await isWritten('event-kinds.txt', lines(EVENT_KINDS))
})

test('metrics, codes and sentences are those that they were', async () => {
  const { sentences, codes } = literals()
  const metrics = codes.split('\n').filter((code) => code.startsWith('"fiskal_'))
  await isWritten('metrics.txt', lines(metrics))
  await isWritten('codes.txt', codes)
  await isWritten('sentences.txt', sentences)
})
