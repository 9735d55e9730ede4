import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { fuzzCases } from './fuzz.ts'
import { startHttp } from './harness.ts'
import { goodSale, PLATFORM_KEY } from './memory-application.ts'
import { rawExchange } from './raw-client.ts'

const CASES = 3_000
const CLIENTS = 16
const ANSWER_MEMBERS = [
  'type',
  'title',
  'status',
  'code',
  'message',
  'details',
  'retryable',
  'fiscal_effect',
  'request_id',
]

test(
  '3,000 malformed requests are each refused with a problem, change nothing and hurt no good request',
  heavy(),
  async () => {
    await using http = await startHttp()
    const target = {
      host: `127.0.0.1:${http.port}`,
      platformKey: PLATFORM_KEY,
      sale: goodSale('reg_that_does_not_exist'),
    }
    const cases = fuzzCases(20_260_225, CASES, target)
    const wrong: string[] = []
    const statuses = new Set<number>()
    let refused = 0
    const client = async (): Promise<void> => {
      for (const { bytes, kind, half } of cases) {
        const answer = await rawExchange(http.port, bytes, { half })
        const problem = answer === undefined ? {} : parsed(answer.body)
        if (answer === undefined || answer.status < 400 || answer.status >= 500 || !isProblem(problem)) {
          wrong.push(
            `${kind}: ${answer?.status} ${answer?.body.slice(0, 200)} <- ${bytes.toString('latin1').slice(0, 900)}`,
          )
        }
        if (answer !== undefined) statuses.add(answer.status)
        refused++
        if (refused % 500 === 0) {
          expect((await http.call({ path: '/v1/operations', body: goodSale() })).status).toBe(201)
        }
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, client))
    expect(wrong).toEqual([])
    expect(refused).toBe(CASES)
    expect(http.application.operationsById.size).toBe(CASES / 500)
    expect([...statuses].sort()).toEqual(expect.arrayContaining([400, 401, 403, 404, 405, 413, 415, 421]))
    expect(http.lines.filter(({ level }) => level === 'error')).toEqual([])
  },
)

test('the same seed gives the same requests', () => {
  const target = { host: 'h', platformKey: 'k', sale: goodSale('none') }
  const bytes = () => Buffer.concat([...fuzzCases(7, 200, target)].map((fuzzed) => fuzzed.bytes))
  expect(bytes().equals(bytes())).toBe(true)
})

function parsed(body: string): object {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}

function isProblem(body: object): boolean {
  return ANSWER_MEMBERS.every((member) => member in body)
}
