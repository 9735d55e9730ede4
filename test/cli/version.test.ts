import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { maintainerFacts, NOT_NAMED } from '../../base/maintainer.ts'
import { packageVersion } from '../../base/version.ts'
import { fiskalEdge, ROOT } from './command.ts'

test('version --json says program, libraries and maintainer', async () => {
  const { code, out } = await fiskalEdge('version', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual({
    version: packageVersion(),
    oldest_safe_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    node: process.versions.node,
    openssl: process.versions.openssl,
    sqlite: expect.stringMatching(/^3\./),
    cpu: process.arch,
    ...maintainerFacts(),
  })
})

test('version says of each fact without a name that it is not named yet', async () => {
  const { out } = await fiskalEdge('version')
  for (const fact of Object.values(maintainerFacts())) expect(out).toContain(fact ?? NOT_NAMED)
})

test('SECURITY has the address and the end of support of maintainer.json, or says that they are not named', () => {
  const { vulnerabilities, supported_until } = maintainerFacts()
  const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  expect(text).toContain(`Address for reports: ${vulnerabilities ?? NOT_NAMED}.`)
  expect(text).toContain(`Supported until: ${supported_until ?? NOT_NAMED}.`)
})
