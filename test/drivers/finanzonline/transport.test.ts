import { writeFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Authority } from '../../sync/servers/certificates.ts'
import { calls, opened, UNIT } from './opened.ts'

type Proxy = { url: string; seen: string[]; logins: (string | undefined)[]; status: number }

/** A proxy that opens tunnels (CONNECT) and refuses everything else. */
async function proxy(): Promise<Proxy> {
  const state: Proxy = { url: '', seen: [], logins: [], status: 200 }
  const server = createPlain((_request, response) => response.writeHead(405).end())
  const sockets = new Set<Socket>()
  server.on('connect', (request, socket: Socket) => {
    sockets.add(socket)
    state.seen.push(request.url ?? '')
    state.logins.push(request.headers['proxy-authorization'])
    if (state.status !== 200) return void socket.end(`HTTP/1.1 ${state.status} No\r\n\r\n`)
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(socket).pipe(target)
    })
    for (const end of [target, socket]) end.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

test('a login of the proxy that cannot be read stops the call before a byte is sent', async () => {
  const through = await proxy()
  const credentialsFile = join(process.cwd(), 'package.json')
  const { account } = await opened({ settings: { proxy: { url: through.url, credentialsFile } } })
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'pause', lost: 'connect', effect: 'none' })
  expect(through.seen).toEqual([])
})

test('a tunnel carries login, question and their answers', async () => {
  const through = await proxy()
  const { account, url } = await opened({ settings: { proxy: { url: through.url } } })
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'done' })
  expect(through.seen).toEqual([new URL(url).host, new URL(url).host])
  expect(through.logins).toEqual([undefined, undefined])
})

test('the login of the proxy is sent as Basic', async () => {
  const through = await proxy()
  const settings = { proxy: { url: through.url, credentialsFile: '' } }
  const bench = await opened({ settings })
  settings.proxy.credentialsFile = join(bench.folder, 'proxy')
  writeFileSync(settings.proxy.credentialsFile, 'shop:geheim\n')
  expect(await calls(bench.again()).ask(UNIT)).toMatchObject({ class: 'done' })
  const login = `Basic ${Buffer.from('shop:geheim').toString('base64')}`
  expect(through.logins).toEqual([login, login])
})

test('a proxy that refuses is a failed connection, and nothing was sent', async () => {
  const through = await proxy()
  through.status = 407
  const { account, simulator } = await opened({ settings: { proxy: { url: through.url } } })
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'pause', lost: 'connect', effect: 'none' })
  expect(simulator.calls).toBe(0)
})

test('a service with a certificate of a private authority is called only if that is configured', async () => {
  const authority = new Authority()
  onTestFinished(() => authority.remove())
  const { key, cert } = authority.issue('DNS:localhost')
  const { simulator, url } = await opened()
  const target = new URL(url)
  const secure = createSecure({ key, cert }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void fetch(`${target.origin}${request.url}`, {
        method: 'POST',
        headers: { soapaction: String(request.headers['soapaction']), 'content-type': 'text/xml' },
        body: Buffer.concat(chunks),
      }).then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
    })
  })
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    secure.close()
  })
  const securely = { url: `https://localhost:${(secure.address() as AddressInfo).port}` }
  const foreign = await opened(securely)
  expect(await calls(foreign.account).ask(UNIT)).toMatchObject({ class: 'pause', lost: 'tls', effect: 'none' })
  expect(simulator.calls).toBe(0)
  const own = await opened({ ...securely, settings: { caFile: authority.caFile } })
  expect(await calls(own.account).ask(UNIT)).toMatchObject({ class: 'done' })
})
