import type { Command } from 'commander'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { program } from '../../agent/cli/program.ts'
import { receiverSchema } from '../../agent/config/receiver.ts'
import { configSchema } from '../../agent/config/schema.ts'
import { openapiOf } from '../../agent/contract/openapi.ts'
import { ERRORS } from '../../agent/errors.ts'
import { EVENT_KINDS } from '../../agent/journal/event-kinds.ts'
import { LAW_KEYS } from '../../agent/laws/laws.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { reportedWarningOf } from '../../agent/watch/warnings.ts'
import { programFacts } from '../../base/version.ts'
import { CONTRACT, EXAMPLES } from '../contract.ts'
import { jsonLines, lines, literals } from './sources.ts'

const USUAL_URL = 'http://127.0.0.1:7070'

/**
 * The public words that a release is compared with, as files next to this one: the diff of a change is its review. `npx vitest run -u test/public`
 * writes them.
 */
async function isWritten(name: string, text: string): Promise<void> {
  return expect(text).toMatchFileSnapshot(`./${name}`)
}

const WRITTEN = literals()

function json(value: unknown): string {
  // As it is sent: without members that are undefined.
  return `${jsonLines(JSON.parse(JSON.stringify(value)))}\n`
}

test('the copy of the OpenAPI document for makers of clients is what an agent serves on its usual port', async () => {
  const document = openapiOf(CONTRACT, { ...programFacts(), url: USUAL_URL }, EXAMPLES)
  await isWritten('../../clients/openapi.json', json(document))
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

test('the configuration has the keys that it had', async () => {
  const schema = z.toJSONSchema(configSchema('/', LAW_KEYS), { io: 'input', unrepresentable: 'any' })
  await isWritten('config-schema.txt', json(schema))
})

test('the configuration of a receiver has the keys that it had', async () => {
  const schema = z.toJSONSchema(receiverSchema('/'), { io: 'input', unrepresentable: 'any' })
  await isWritten('receiver-schema.txt', json(schema))
})

test('the kinds of events are those that they were', async () => {
  await isWritten('event-kinds.txt', lines(EVENT_KINDS))
})

test('metrics have the names and the words that they had', async () => {
  await isWritten('metrics.txt', WRITTEN.metrics)
})

test('messages and codes say sync, and never replay', () => {
  const found = [...WRITTEN.sentences, ...WRITTEN.codes.split('\n')].filter((text) => /\breplay/i.test(text))
  // The header of a repeated answer, and its member in the log.
  expect(found.filter((line) => !/Idempotent-Replayed|"replayed"/.test(line))).toEqual([])
})
