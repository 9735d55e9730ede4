import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { Identity } from '../../agent/tls/certificate.ts'
import { issue, makeAuthority } from '../../agent/tls/certificate.ts'
import { isPermitted } from '../../agent/tls/names.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { once } from '../waits.ts'

const NAMES = ['till.shop.test', '127.0.0.2', 'fd00::7', 'localhost', '127.0.0.1', '::1']
const DAY_MS = 86_400_000
const NOW = Date.now()
const authority = makeAuthority('fiskal-edge shop CA', NAMES, NOW)

function leaf(
  names: readonly string[],
  usage: 'server' | 'client' = 'server',
  commonName = names[0] ?? 'reg_01',
): Identity {
  return issue(authority, { commonName, names, usage, lifeMs: 300 * DAY_MS }, NOW)
}

function run(program: string, ...args: readonly string[]): Promise<{ code: unknown; said: string }> {
  return new Promise((resolve) =>
    execFile(program, args, (error, out, err) => resolve({ code: error?.code ?? 0, said: `${out}${err}` })),
  )
}

/** The output of `openssl verify` for it, for that use. */
async function opensslOf({ cert }: Identity, purpose = 'sslserver'): Promise<string> {
  const folder = await temporaryDirectory()
  writeFileSync(join(folder, 'ca.crt'), authority.cert)
  writeFileSync(join(folder, 'leaf.crt'), cert)
  const files = ['-CAfile', join(folder, 'ca.crt'), join(folder, 'leaf.crt')]
  const { code, said } = await run('openssl', 'verify', '-x509_strict', '-purpose', purpose, ...files)
  return code === 0 ? 'OK' : (/permitted subtree violation/.exec(said)?.[0] ?? said)
}

/** A server with that certificate, and what clients that trust the authority alone make of it under that name. */
async function clientsOf(served: Identity, name: string): Promise<{ node: string; curl: unknown }> {
  const server = createServer({ key: served.key, cert: served.cert }, (_, response) => response.end('{}'))
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const folder = await temporaryDirectory()
  writeFileSync(join(folder, 'ca.crt'), authority.cert)
  const node = await new Promise<string>((resolve) => {
    const call = request(
      { host: '127.0.0.1', port, servername: name, ca: authority.cert, agent: false },
      (response) => {
        response.resume()
        resolve(String(response.statusCode))
      },
    )
    call.on('error', ({ message }) => resolve(message))
    call.end()
  })
  const resolved = ['--resolve', `${name}:${port}:127.0.0.1`, `https://${name}:${port}/`]
  const { code } = await run('curl', '--silent', '--show-error', '--cacert', join(folder, 'ca.crt'), ...resolved)
  return { node, curl: code }
}

test('the constraints are critical, and the authority lasts five years', async () => {
  const folder = await temporaryDirectory()
  writeFileSync(join(folder, 'ca.crt'), authority.cert)
  const { said } = await run('openssl', 'x509', '-in', join(folder, 'ca.crt'), '-noout', '-text')
  expect(said).toContain('X509v3 Name Constraints: critical')
  expect(said).toContain('IP:127.0.0.2/255.255.255.255')
  expect(said).toContain('IP:FD00:0:0:0:0:0:0:7/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF')
  const lifeMs = new X509Certificate(authority.cert).validToDate.getTime() - NOW
  expect(Math.round(lifeMs / DAY_MS / 365.25)).toBe(5)
})

test('openssl accepts the names of the shop and terminals, and refuses every other name', async () => {
  expect(await opensslOf(leaf(NAMES))).toBe('OK')
  expect(await opensslOf(leaf([], 'client', 'reg_01KEXAMPLE'), 'sslclient')).toBe('OK')
  for (const foreign of ['bank.example', 'shop.test', '127.0.0.3', 'fd00::8', '10.0.0.1'])
    expect([foreign, await opensslOf(leaf([foreign]))]).toEqual([foreign, 'permitted subtree violation'])
  // One foreign name spoils all others; the common name counts if nothing else names the server.
  expect(await opensslOf(leaf([...NAMES, 'bank.example']))).toBe('permitted subtree violation')
  expect(await opensslOf(leaf([], 'server', 'bank.example'))).toBe('permitted subtree violation')
})

test('node and curl connect to the shop, and refuse a certificate of its authority for another name', async () => {
  expect(await clientsOf(leaf(NAMES), 'till.shop.test')).toEqual({ node: '200', curl: 0 })
  // curl 60: the certificate cannot be authenticated with known CA certificates.
  expect(await clientsOf(leaf(['bank.example']), 'bank.example')).toEqual({
    node: 'permitted subtree violation',
    curl: 60,
  })
})

test('a server takes the certificate of a terminal under the constraints', async () => {
  const served = leaf(NAMES)
  const options = {
    key: served.key,
    cert: served.cert,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  }
  const server = createServer(options, (_, response) => response.end('{}'))
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const shown = leaf([], 'client', 'reg_01KEXAMPLE')
  const socket = connect({ port, host: '127.0.0.1', servername: 'till.shop.test', ca: authority.cert, ...shown })
  const [accepted] = await once(server, 'secureConnection')
  expect(accepted.authorized).toBe(true)
  socket.destroy()
})

test('the authority permits what its certificate says, also below a name and in another spelling', () => {
  const certificate = new X509Certificate(authority.cert)
  const permitted = (name: string): boolean => isPermitted(certificate, name)
  expect([...NAMES, 'TILL.shop.TEST', 'a.till.shop.test', 'fd00:0::07'].map(permitted)).not.toContain(false)
  expect(['shop.test', 'xtill.shop.test', '127.0.0.3', 'fd00::8'].map(permitted)).not.toContain(true)
})
