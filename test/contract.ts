import { readFileSync } from 'node:fs'
import { contractOf } from '../agent/contract/contract-of.ts'
import type { PlayedStep } from '../agent/contract/examples.ts'
import { BUILT_IN_LAWS } from './built-in-laws.ts'

/** The agent of the OpenAPI documents of tests. */
export const DESCRIBED = { version: '1.2.3', license: 'Apache-2.0', author: 'us', url: 'http://127.0.0.1:7070' }

/** With what the built-in laws add. */
export const CONTRACT = contractOf(BUILT_IN_LAWS)

/** The scenario with its answers, as the documents of agents quote them. */
export const EXAMPLES = JSON.parse(
  readFileSync(new URL('../agent/contract/examples.json', import.meta.url), 'utf8'),
) as readonly PlayedStep[]
