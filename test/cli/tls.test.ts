// @module-tag heavy
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge, ownConfig } from './command.ts'

function named(config: string, ...names: readonly string[]): void {
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), tls: { names } }))
}

test('tls init signs the configured names alone: another name is refused with the command that permits it', async () => {
  const config = ownConfig()
  const [state, out] = [join(dirname(config), 'state'), join(dirname(config), 'ca.crt')]
  const tls = (...args: readonly string[]) => fiskalEdge('tls', ...args, '--config', config)
  expect(await tls('init')).toMatchObject({ code: 1, err: expect.stringContaining('"tls.names"') })
  expect(existsSync(join(state, 'tls'))).toBe(false)
  named(config, 'till.shop.test', '192.168.1.10')
  const answer = await tls('init', '--out', out)
  expect(answer).toMatchObject({ code: 0, err: '' })
  expect(answer.out).toMatch(/names that it signs +till\.shop\.test, 192\.168\.1\.10, localhost, 127\.0\.0\.1, ::1\n/)
  expect((await fiskalEdge('key', 'list', '--config', config)).code).toBe(0)
  expect(await tls('issue', 'reg_0', '--out', dirname(config))).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no register reg_0 here'),
  })
  named(config, 'till.shop.test', '192.168.1.11')
  for (const command of ['init', 'renew'])
    expect(await tls(command)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/usage: .*does not permit 192\.168\.1\.11: .*"fiskal-edge tls init --new"/),
    })
  expect(await tls('init', '--new', '--out', out)).toMatchObject({ code: 0, err: '' })
  expect(await tls('renew')).toMatchObject({ code: 0 })
  const server = new X509Certificate(readFileSync(join(state, 'tls', 'server.crt')))
  expect(server.subjectAltName).toContain('IP Address:192.168.1.11')
  expect(server.checkIssued(new X509Certificate(readFileSync(out)))).toBe(true)
  expect(existsSync(join(state, 'tls', 'ca.key'))).toBe(false)
})
