// @module-tag heavy
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { HookServer } from '../alerts/hook-server.ts'
import { SmtpServer } from '../alerts/smtp-server.ts'
import { fiskalEdge, ownTill, runDaemon } from './command.ts'

const NONE =
  'No channel is configured: no one is notified of a warning ("webhooks" and "alerts" of the configuration).\n'

const HOOK = { kind: 'webhook', address: '127.0.0.1:PORT' }
const FOLDER = 'FOLDER: A folder for copies is on the disk of the journal: if that disk fails, both are lost.'
const LISTED = `Open:
  warning since YYYY-MM-DD hh:mm: ${FOLDER}
CHANNEL  ADDRESS          WAITING  LAST DELIVERY     LAST ERROR
mail     b@shop.example   0        -                 -
office   127.0.0.1:PORT  0        YYYY-MM-DD hh:mm  -
old      127.0.0.1:PORT  1        -                 The server answered 410.
`
const TESTED = `mail (b@shop.example): sent (250 queued)
office (127.0.0.1:PORT): sent (HTTP 204)
old (127.0.0.1:PORT): The server answered 410.
  → the server has no such hook: correct "url"; then fiskal-edge alert test old
`
const REFUSED = `mail (b@shop.example): Can't send mail - all recipients were rejected: 550 5.1.1 no such user
  → correct "from" and "to" of "alerts.mail"; many servers accept only the address of the login as "from"; then fiskal-edge alert test mail
`

/** Ports, folders, times and ids differ at each run. */
function printed(text: string): string {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'YYYY-MM-DD hh:mm')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/alr_\w+/g, 'alr_ID')
    .replaceAll(/\/[\w/-]+\/copies/g, 'FOLDER')
}

/** A running daemon; the `alert` command on it. */
async function daemon(more: object, files: Readonly<Record<string, string>> = {}) {
  const config = ownTill(undefined, more)
  mkdirSync(join(dirname(config), 'copies'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dirname(config), name), text, { mode: 0o600 })
  const running = await runDaemon(config)
  onTestFinished(async () => {
    running.child.kill('SIGTERM')
    await running.ended
  })
  return async (...args: string[]) => {
    const { code, out, err } = await fiskalEdge('alert', ...args, '--config', config)
    return { code, out: printed(out), err: printed(err) }
  }
}

test('alert test and alert list print each channel, with the words of its server', async () => {
  await using hook = await HookServer.open()
  await using refusing = await HookServer.open()
  await using smtp = await SmtpServer.open({ isPlain: true })
  refusing.answer = (response) => void response.writeHead(410).end()
  const mail = { host: '127.0.0.1', port: smtp.port, security: 'none', from: 'a@shop.example', to: ['b@shop.example'] }
  const secretFile = 'secret'
  const alert = await daemon(
    {
      backup: { folder: 'copies' },
      webhooks: [
        { id: 'office', url: hook.url, secretFile },
        { id: 'old', url: refusing.url, secretFile },
      ],
      alerts: { mail, digest: false, rules: { backup_disks: { channels: ['office', 'old'] } } },
    },
    { secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==' },
  )
  await Promise.all([hook.untilCalls(1), refusing.untilCalls(1)])
  const untilListed = async () => {
    for (;;) {
      const listed = await alert('list')
      if (listed.out.includes('answered 410') && /^office .* YYYY/m.test(listed.out)) return listed
    }
  }
  expect(await untilListed()).toEqual({ code: 0, err: '', out: LISTED })
  expect(await alert('test')).toEqual({ code: 1, err: '', out: TESTED })
  smtp.fault = { at: 'recipient', answer: '550 5.1.1 no such user' }
  expect((await alert('test', 'mail')).out).toBe(REFUSED)
  expect(await alert('test', 'office')).toEqual({ code: 0, err: '', out: 'office (127.0.0.1:PORT): sent (HTTP 204)\n' })
  const unknown = 'fiskal-edge: not_found: There is no channel ofice: the configuration has mail, office, old.\n'
  expect(await alert('test', 'ofice')).toEqual({ code: 1, out: '', err: unknown })
  expect(JSON.parse((await alert('list', '--json')).out)).toEqual({
    open: [{ id: 'alr_ID', rule: 'backup_disks', severity: 'warning', since: 'TIME', message: FOLDER }],
    channels: [
      { id: 'mail', kind: 'mail', address: 'b@shop.example', waiting: 0, last_delivery: null, last_error: null },
      { ...HOOK, id: 'office', waiting: 0, last_delivery: { at: 'TIME', type: 'alert.raised' }, last_error: null },
      {
        ...{ ...HOOK, id: 'old', waiting: 1, last_delivery: null },
        last_error: { at: 'TIME', code: 'http_410', message: 'The server answered 410.' },
      },
    ],
  })
  expect(JSON.parse((await alert('test', 'office', '--json')).out)).toEqual([
    { channel: 'office', kind: 'webhook', address: '127.0.0.1:PORT', error: null, code: null, answer: 'HTTP 204' },
  ])
})

test('without a channel both commands say that no one is notified', async () => {
  const alert = await daemon({})
  expect(await alert('list')).toEqual({ code: 0, err: '', out: NONE })
  expect(await alert('test')).toEqual({ code: 1, err: '', out: NONE })
  expect((await alert('list', '--json')).out).toBe('{"open":[],"channels":[]}\n')
})

test('alert test names the recipient that a server refused or deferred, and what it took', async () => {
  await using smtp = await SmtpServer.open({ isPlain: true })
  const addresses = { from: 'a@shop.example', to: ['b@shop.example', 'c@shop.example'] }
  const alert = await daemon({
    alerts: { mail: { host: '127.0.0.1', port: smtp.port, security: 'none', ...addresses }, digest: false },
  })
  smtp.replies.set('c@shop.example', ['550 5.1.1 no such user', '450 4.7.1 greylisted'])
  const taken = 'mail (b@shop.example, c@shop.example): sent (250 queued); c@shop.example: '
  expect(await alert('test')).toMatchObject({
    code: 1,
    out: `${taken}550 5.1.1 no such user (refused)\n  → correct that address in "to" of "alerts.mail"; the other recipients have the message; then fiskal-edge alert test mail\n`,
  })
  expect((await alert('test')).out).toContain(`${taken}450 4.7.1 greylisted (later)\n  → the server defers new senders`)
})
