import { expect, test } from 'vitest'
import { finding, formsOf } from './secret-search.ts'

const SECRETS = { pin: 'Löwe+7/&"<z§', key: Buffer.from('fb00ff1e2d3c4b5a6978fefdfcfb8091', 'hex') }

test.each(['', 'a', 'ab', 'abc'])(
  'the search finds a secret after %j in each form, and in base64 of a longer text',
  (before) => {
    for (const [name, secret] of Object.entries(SECRETS)) {
      const bytes = Buffer.concat([Buffer.from(before), Buffer.from(secret), Buffer.from('tail')])
      for (const encoding of ['hex', 'base64', 'base64url'] as const)
        expect(finding(SECRETS, `${bytes.toString(encoding)}\n`)).toEqual([name])
      for (const form of formsOf(secret))
        expect(finding(SECRETS, Buffer.concat([bytes.subarray(0, 1), form]))).toEqual([name])
    }
  },
)

test('the search finds nothing in a text without a secret, or with a part of one', () => {
  expect(finding(SECRETS, 'Löwe+7/&"<z')).toEqual([])
  expect(finding(SECRETS, SECRETS.key.subarray(1).toString('base64'))).toEqual([])
})
