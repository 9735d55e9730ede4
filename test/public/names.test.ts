import { expect, test } from 'vitest'
import * as z from 'zod'
import { configSchema } from '../../agent/config/schema.ts'
import { openapiOf } from '../../agent/contract/openapi.ts'
import { ERRORS } from '../../agent/errors.ts'
import { EVENT_KINDS } from '../../agent/journal/event-kinds.ts'
import { LAW_KEYS, LAW_WORDS } from '../../agent/laws/laws.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { RULE_NAMES } from '../../alerts/rules.ts'
import { programFacts } from '../../base/version.ts'
import { CONTRACT, EXAMPLES } from '../contract.ts'
import { literals } from './sources.ts'

const SNAKE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/
const CAMEL = /^[a-z][a-zA-Z0-9]*$/
/** Words of the API's first pages. */
const KEPT = ['decommissionedAt', 'fiscalizedAt']

/** Names of the properties of a JSON schema, at any depth. */
function membersIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(membersIn)
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'properties' && typeof value === 'object' && value !== null
      ? [...Object.keys(value), ...membersIn(Object.values(value))]
      : key === 'example' || key === 'examples'
        ? []
        : membersIn(value),
  )
}

const api = openapiOf(CONTRACT, { ...programFacts(), url: 'http://127.0.0.1:7070' }, EXAMPLES)
const config = z.toJSONSchema(configSchema('/', LAW_KEYS), { io: 'input', unrepresentable: 'any' })
const NAMES: Readonly<Record<string, readonly string[]>> = {
  kinds: EVENT_KINDS,
  warnings: Object.keys(WARNING_TEXTS),
  errors: Object.keys(ERRORS),
  rules: RULE_NAMES,
  members: membersIn(api),
  keys: membersIn(config),
  laws: LAW_WORDS,
  metrics: literals().metrics.match(/\b(?:fiskal|journal)_\w+/g) ?? [],
}

test('members, codes, rules and kinds of events are in snake_case, keys of the configuration in camelCase', () => {
  const odd = (of: keyof typeof NAMES, form: RegExp) =>
    (NAMES[of] ?? []).filter((name) => !form.test(name) && !KEPT.includes(name))
  expect(
    EVENT_KINDS.filter((kind) => kind.split('.').length !== 2 || !kind.split('.').every((word) => SNAKE.test(word))),
  ).toEqual([])
  for (const part of ['warnings', 'errors', 'rules', 'members', 'laws'] as const)
    expect(odd(part, SNAKE), part).toEqual([])
  // Payment methods, tax codes and codes of devices are values of the API.
  expect(odd('keys', CAMEL).filter((name) => !SNAKE.test(name))).toEqual([])
  expect(odd('metrics', /^fiskal_/)).toEqual([])
})
