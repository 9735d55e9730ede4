import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkAlerts } from '../../agent/cli/checks/alerts.ts'
import { channelRemedy } from '../../agent/cli/checks/channel-remedies.ts'
import { withoutComments } from '../../agent/cli/support/parts.ts'
import { checkConfig } from '../../agent/config/config.ts'
import { LAW_KEYS } from '../../agent/laws/laws.ts'
import { HookServer } from '../alerts/hook-server.ts'
import { SmtpServer } from '../alerts/smtp-server.ts'

function configOf(members: object, folder = '/') {
  return checkConfig('test', { version: 1, state: '/tmp/state', listen: {}, devices: [], ...members }, folder, LAW_KEYS)
}

test('doctor cautions a shop without a channel', async () => {
  expect(await checkAlerts(configOf({}))).toMatchObject([
    { check: 'alerts', state: 'warning', message: 'no channel: no one is notified' },
  ])
})

test('doctor reaches each channel, logs in, and sends nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alert-checks-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'password'), 'geheim', { mode: 0o600 })
  writeFileSync(join(folder, 'secret'), 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==', { mode: 0o600 })
  await using hook = await HookServer.open()
  await using smtp = await SmtpServer.open({ isPlain: true, login: { user: 'shop', password: 'geheim' } })
  const mail = { host: '127.0.0.1', port: smtp.port, security: 'none', user: 'shop', passwordFile: 'password' }
  const config = configOf(
    {
      webhooks: [{ id: 'office', url: hook.url, secretFile: 'secret' }],
      alerts: { mail: { ...mail, from: 'till@shop.example', to: ['owner@shop.example'] } },
    },
    folder,
  )
  expect((await checkAlerts(config)).map(({ state }) => state)).toEqual(['ok', 'ok'])
  expect([smtp.mails, hook.calls]).toEqual([[], []])
  smtp.login = { user: 'shop', password: 'another' }
  const [refused] = await checkAlerts(config)
  expect(refused).toMatchObject({ state: 'failure', message: expect.stringContaining('Authentication failed') })
  expect(JSON.stringify(refused)).not.toContain('geheim')
})

test.each([
  ['mail', 'no_tls', '"starttls" with port 587'],
  ['webhook', 'no_tls', 'correct "url"'],
  ['mail', 'helo_refused', '"heloName"'],
  ['mail', 'smtp_450', 'tries again automatically'],
  ['webhook', 'http_403', 'a proxy or firewall on the way may also answer this'],
  ['webhook', 'http_407', 'a proxy on the way answers'],
  ['mail', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'name it in the "caFile" of that channel'],
  ['webhook', 'CERT_NOT_YET_VALID', "is this machine's clock right?"],
  ['mail', 'ENOTFOUND', 'correct it in "alerts.mail", or check DNS'],
  ['webhook', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'does not support TLS 1.2 or 1.3'],
  ['mail', 'smtp_599', 'correct the entry of that channel'],
  ['mail', undefined, 'correct the entry of that channel'],
] as const)('the remedy of a %s that failed with %s is: %s', (kind, code, words) => {
  expect(channelRemedy(kind, 'office', code)).toContain(words)
  expect(channelRemedy(kind, 'office', code)).toMatch(/; then fiskal-edge alert test office$/)
})

test('a bundle for support has the host of a webhook and not its path', () => {
  const webhooks = [{ id: 'office', url: 'https://office.example/hook/T0KEN?key=1', secretFile: 'secret' }]
  const shown = JSON.stringify(withoutComments(configOf({ webhooks })))
  expect(shown).toContain('https://office.example')
  expect(shown).not.toMatch(/T0KEN|key=1/)
})
