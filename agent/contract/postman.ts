import type { JsonObject } from './json-schema.ts'
import type { Step } from './scenario.ts'
import { DATED_BY } from './scenario.ts'
import { requestOf } from './step-request.ts'

const DESCRIPTION = `A day of a shop, from the merchant to an export, as requests of the API.

Set the variable \`platformKey\` (\`fiskal-edge key create platform\`) and, for another address, \`baseUrl\`; then run the collection from its first request to its last. Each request tests its status. The agent must not have a merchant yet. A second run with the same key repeats the answers of the first one.

Requests name each resource by the \`Idempotency-Key\` of the request that made it: \`key:register-1\`.`

const DATE = '{{businessDate}}'
const NOTE_DATE = `pm.collectionVariables.set('businessDate', pm.response.json().created_at.slice(0, 10))`

/** The steps as a Postman collection (format 2.1), one request a step. */
export function postmanOf(steps: readonly Step[], url: string): JsonObject {
  return {
    info: {
      name: 'fiskal-edge',
      description: DESCRIPTION,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{platformKey}}', type: 'string' }] },
    variable: [
      { key: 'baseUrl', value: url, type: 'string' },
      { key: 'platformKey', value: '', type: 'string' },
    ],
    // A shop of simulators owes no office anything: the read of a duty is an example of the document alone.
    item: steps.filter(({ status }) => status < 400).map(itemOf),
  }
}

function itemOf(step: Step): JsonObject {
  const { method, path, query, headers, body } = requestOf(step, DATE)
  const search = query.map(([name, value]) => `${name}=${value}`).join('&')
  return {
    name: step.name,
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: testOf(step) } }],
    request: {
      method,
      description: step.summary,
      header: Object.entries(headers).map(([key, value]) => ({ key, value })),
      url: {
        raw: `{{baseUrl}}${path}${search === '' ? '' : `?${search}`}`,
        host: ['{{baseUrl}}'],
        path: path.slice(1).split('/'),
        query: query.length === 0 ? undefined : query.map(([key, value]) => ({ key, value })),
      },
      body: body && {
        mode: 'raw',
        raw: JSON.stringify(body, undefined, 2),
        options: { raw: { language: 'json' } },
      },
    },
  }
}

function testOf({ name, status }: Step): string[] {
  const lines = [`pm.test('status is ${status}', () => pm.response.to.have.status(${status}))`]
  return name === DATED_BY ? [...lines, NOTE_DATE] : lines
}
