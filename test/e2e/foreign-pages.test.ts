import { expect, test } from 'vitest'
import { rawExchange } from '../http/raw-client.ts'
import { Bench } from './bench.ts'

test('another host name is not served', async () => {
  await using bench = await Bench.open()
  const port = Number(new URL(bench.url).port)
  const answer = await rawExchange(port, `GET /v1/operations HTTP/1.1\r\nHost: evil.example:${port}\r\n\r\n`)
  expect([answer?.status, JSON.parse(answer?.body ?? '')]).toMatchObject([421, { code: 'host_not_allowed' }])
})

test('a till that is a web page calls from the origin that the shop names, and from no other', async () => {
  await using named = await Bench.open({ config: { allowedOrigins: ['https://till.example'] } })
  const from = (origin: string) => fetch(`${named.url}/healthz`, { headers: { Origin: origin } })
  const answer = await from('https://till.example')
  expect([answer.status, answer.headers.get('Access-Control-Allow-Origin')]).toEqual([200, 'https://till.example'])
  expect((await from('https://other.example')).status).toBe(403)
})
