import { expect, test } from 'vitest'
import { issueKey } from '../../agent/till/set-up/keys.ts'
import { heavy } from '../tags.ts'
import { startHttp } from './harness.ts'
import { PLATFORM_KEY, REGISTER_KEY } from './memory-application.ts'

function zeros(length: number): Uint8Array {
  return new Uint8Array(length)
}
const WHOLE = {
  platform: issueKey('platform', undefined, zeros).token,
  register: issueKey('register', 'reg_1', zeros).token,
}
const PLATFORM_KEYS = [
  PLATFORM_KEY,
  WHOLE.platform,
  'ofk_platform_',
  'ofk_platform_SECRET with blanks',
  'ofk_read_SECRET',
]
const REGISTER_KEYS = [REGISTER_KEY, WHOLE.register, 'ofk_reg_', 'ofk_reg_SECRET!']
function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`
}

type Headers = Record<string, string | undefined>
const NONE: Headers = { Authorization: undefined }

function inWrongHeader(key: string, kind: 'platform' | 'register'): Headers[] {
  const [bearer, own] = [`Bearer ${key}`, { ...NONE, 'X-Register-Api-Key': key }]
  const everywhere = [
    { ...NONE, 'X-Api-Key': key },
    { ...NONE, 'X-API-KEY': bearer },
    { 'X-Api-Key': key },
    { ...NONE, 'X-Register-Api-Key': REGISTER_KEY, 'x-api-key': key },
    ...['', 'Token ', 'Basic ', 'ApiKey ', 'Bearer: ', 'Bearer='].map((scheme) => ({ Authorization: scheme + key })),
    { Authorization: basic(`${key}:`) },
    { Authorization: basic(`anna:${key}`) },
    { ...NONE, 'X-Register-Api-Key': bearer },
  ]
  if (kind === 'platform') return [...everywhere, own, { ...own, Authorization: `Bearer ${PLATFORM_KEY}` }]
  return [...everywhere, { Authorization: bearer }, { ...own, Authorization: bearer }]
}

test.each([
  ['platform', PLATFORM_KEYS, 'a platform key (ofk_platform_…) belongs in Authorization', 'Authorization'],
  ['register', REGISTER_KEYS, 'a register key (ofk_reg_…) belongs in X-Register-Api-Key', 'X-Register-Api-Key'],
] as const)(
  'a %s key in a wrong header or form is refused with its place, and is not repeated',
  heavy(),
  async (kind, keys, words, header) => {
    for (const key of keys) {
      for (const headers of inWrongHeader(key, kind)) {
        await using http = await startHttp()
        const { status, json, body, headers: answered } = await http.json({ path: '/v1/operations', headers })
        expect([headers, status, json['code']]).toEqual([headers, 401, 'unauthorized'])
        expect(json['message']).toContain(words)
        expect(json.details).toEqual({ reason: 'header', header })
        const written = [body, JSON.stringify(answered), JSON.stringify(http.lines)].join('\n')
        for (const secret of [PLATFORM_KEY, REGISTER_KEY, WHOLE.platform, WHOLE.register, 'SECRET'])
          expect(written).not.toContain(secret)
        expect(http.application.calls).toEqual([])
      }
    }
  },
)

test('a key in its own header is not called misplaced, whether it is valid or not', async () => {
  await using http = await startHttp()
  const right: [Headers, number][] = [
    [{ Authorization: `Bearer ${PLATFORM_KEY}` }, 200],
    [{ Authorization: `bearer  ${PLATFORM_KEY}` }, 200],
    [{ Authorization: undefined, 'X-Register-Api-Key': REGISTER_KEY }, 200],
    [{ 'X-Register-Api-Key': REGISTER_KEY }, 200],
    [{ 'X-Api-Key': 'a key of the proxy' }, 200],
    [{ Authorization: 'Bearer ofk_platform_wrong' }, 401],
    [{ 'X-Register-Api-Key': WHOLE.register }, 401],
    [{ Authorization: basic('anna:secret') }, 401],
    [{ Authorization: 'Bearer' }, 401],
  ]
  for (const [headers, status] of right) {
    const answer = await http.call({ path: '/v1/operations', headers })
    expect([headers, answer.status]).toEqual([headers, status])
    expect(answer.body).not.toContain('belongs in')
  }
  const { json } = await http.json({ path: '/v1/operations', headers: { ...NONE, 'X-Api-Key': 'of the proxy' } })
  expect(json['message']).toBe('The request carries no key.')
})

test('a key in the wrong header counts as a wrong key', async () => {
  await using http = await startHttp()
  const statuses: number[] = []
  for (const headers of [{ ...NONE, 'X-Api-Key': REGISTER_KEY }, { Authorization: PLATFORM_KEY }])
    for (let tries = 0; tries < 6; tries++) statuses.push((await http.call({ path: '/v1/operations', headers })).status)
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
  expect((await http.call({ path: '/v1/operations' })).status).toBe(200)
})
